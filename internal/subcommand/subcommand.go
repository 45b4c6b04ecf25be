// Package subcommand is what the commands of this module with several subcommands have in common: which subcommand
// is meant, help, flags and operands in any order, files and the standard input, and the exit code.
//
//	prog                       the usage on the standard error; exit code 2
//	prog help, prog -h         the usage on the standard output
//	prog help NAME             the help of a subcommand, as prog NAME -h
//	prog NAME -flag a b -flag  the flags stand before, between or behind the operands; all behind -- are operands
package subcommand

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The exit codes.
const (
	ExitOK     = 0
	ExitFailed = 1 // something is wrong, or did not come out as expected
	ExitUsage  = 2 // the command line is wrong
)

// Streams are the standard ones.
type Streams struct {
	In        io.Reader
	Out, Errs io.Writer
}

// Program is a command with its subcommands.
type Program struct {
	Name     string
	About    string // what it does, in a line
	Notes    string // what the usage ends with, whole lines; empty for none
	Commands []Command
}

// Command is a subcommand.
type Command struct {
	Name     string
	Synopsis string // how it is called, without the program's name: check [-format text|json] FILE…
	Help     string // what it does, and examples; whole lines
	Run      func(c *Call) error
}

// Usage returns an error that says that the command line is wrong.
func Usage(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// IsUsage reports whether the command line is to blame for an error.
func IsUsage(err error) bool {
	var usage usageError
	return errors.As(err, &usage)
}

// Run does what the arguments say, tells an error on the standard error, each of its lines with the program's name,
// and returns the exit code. What could not be written to the standard output is an error too.
func (p Program) Run(args []string, std Streams) int {
	err := p.Do(args, std)
	if err == nil {
		return ExitOK
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(std.Errs, "%s: %s\n", p.Name, strings.TrimSuffix(line, "\n"))
	}
	if IsUsage(err) {
		return ExitUsage
	}
	return ExitFailed
}

// Do does what the arguments say, and returns what is wrong. To have asked for help is no error.
func (p Program) Do(args []string, std Streams) error {
	out := &output{to: std.Out}
	std.Out = out
	err := p.dispatch(args, std)
	if errors.Is(err, flag.ErrHelp) {
		err = nil
	}
	if out.failed != nil && !errors.Is(err, out.failed) {
		err = errors.Join(err, out.failed)
	}
	return err
}

// output remembers that something could not be written.
type output struct {
	to     io.Writer
	failed error
}

func (o *output) Write(b []byte) (int, error) {
	if o.failed != nil {
		return 0, o.failed
	}
	n, err := o.to.Write(b)
	if err != nil {
		o.failed = fmt.Errorf("the standard output: %w", err)
		return n, o.failed
	}
	return n, nil
}

func (p Program) dispatch(args []string, std Streams) error {
	if len(args) == 0 {
		p.usage(std.Errs)
		return Usage("which command?")
	}
	name, rest := args[0], args[1:]
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, name) {
		switch len(rest) {
		case 0:
			p.usage(std.Out)
			return nil
		case 1:
			name, rest = rest[0], []string{"-h"}
		default:
			return Usage("help: tells of one command, not of %d", len(rest))
		}
	}
	for _, command := range p.Commands {
		if command.Name == name {
			return command.Run(newCall(p, command, rest, std))
		}
	}
	return Usage("%q is no command; see %s help", name, p.Name)
}

func (p Program) usage(w io.Writer) {
	fmt.Fprintf(w, "%s\n\n", p.About)
	for _, c := range p.Commands {
		fmt.Fprintf(w, "  %s %s\n", p.Name, c.Synopsis)
	}
	fmt.Fprintf(w, "\n%s%s help COMMAND tells more. Exit codes: %d all well, %d something is wrong, %d the command line is wrong.\n",
		p.Notes, p.Name, ExitOK, ExitFailed, ExitUsage)
}
