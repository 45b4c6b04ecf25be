// Command slaclock asks business calendars and SLA clocks, and says why they answer as they do.
//
//	go run ./examples/slaclock due -calendar office.json -start 2024-06-06T10:00:00Z -target 8h
//	go run ./examples/slaclock run vectors.json
//	go run ./examples/slaclock run -check scenarios.json
//	go run ./examples/slaclock explain scenarios.json s009
//	go run ./examples/slaclock explain -svg scenarios.json s009 > s009.svg
//	go run ./examples/slaclock lint definitions.json
//
// Its clocks are those of package sla; the states and the auto close of a scenario's case are those of package
// techcase. slaclock help COMMAND tells more.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	_ "time/tzdata" // deadlines do not depend on the host's table of zones
)

// Exit codes.
const (
	exitFailed = 1 // something was wrong, or did not come out as expected
	exitUsage  = 2 // the command line was wrong
)

// usageError is what ends the program with exitUsage.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// command is one of the subcommands.
type command struct {
	name, synopsis, help string
	run                  func(args []string, out, errs io.Writer) error
}

func commands() []command {
	return []command{
		{"due", "slaclock due -calendar FILE -start T -target 8h", dueHelp, due},
		{"run", "slaclock run [-check] FILE", runHelp, run},
		{"explain", "slaclock explain [-svg] FILE ID", explainHelp, explain},
		{"lint", "slaclock lint FILE", lintHelp, lint},
	}
}

func main() {
	err := dispatch(os.Args[1:], os.Stdout, os.Stderr)
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, &usage):
		fmt.Fprintln(os.Stderr, "slaclock:", err)
		os.Exit(exitUsage)
	default:
		fmt.Fprintln(os.Stderr, "slaclock:", err)
		os.Exit(exitFailed)
	}
}

func dispatch(args []string, out, errs io.Writer) error {
	if len(args) == 0 {
		usage(errs)
		return usageError{"which command?"}
	}
	name := args[0]
	if name == "help" || name == "-h" || name == "-help" || name == "--help" {
		if len(args) < 2 {
			usage(out)
			return nil
		}
		name, args = args[1], []string{args[1], "-h"}
	}
	for _, c := range commands() {
		if c.name == name {
			return c.run(args[1:], out, errs)
		}
	}
	usage(errs)
	return usageError{fmt.Sprintf("%q is no command", name)}
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "slaclock asks business calendars and SLA clocks.")
	fmt.Fprintln(w)
	for _, c := range commands() {
		fmt.Fprintln(w, "  "+c.synopsis)
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "slaclock help COMMAND tells more. Exit codes: 0 all well, 1 something is wrong, 2 the command line is wrong.")
}

// flags makes the flags of a subcommand.
func flags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return fs
}

// parsed parses a subcommand's arguments, flags and operands in any order, and wants so many operands.
func parsed(fs *flag.FlagSet, args []string, out io.Writer, operands ...string) ([]string, error) {
	name := fs.Name()
	all := commands()
	c := all[slices.IndexFunc(all, func(c command) bool { return c.name == name })]
	var got []string
	for {
		err := fs.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			fmt.Fprintf(out, "%s\n\n%s", c.synopsis, c.help)
			fs.SetOutput(out)
			fs.PrintDefaults()
			return nil, err
		case err != nil:
			return nil, usageError{fmt.Sprintf("%s: %v; see slaclock help %s", name, err, name)}
		}
		if fs.NArg() == 0 {
			break
		}
		got, args = append(got, fs.Arg(0)), fs.Args()[1:]
	}
	if len(got) != len(operands) {
		return nil, usageError{fmt.Sprintf("%s: takes %d operands, not %d: %s", name, len(operands), len(got), c.synopsis)}
	}
	return got, nil
}
