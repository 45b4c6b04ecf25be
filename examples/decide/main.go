// Command decide checks, asks, explains, converts and tests decision tables.
//
//	go run ./examples/decide check psew/escalation.json
//	go run ./examples/decide eval psew/escalation.json -input category=SD-WAN -input "subcategory=Link failure" -input stage=Triage
//	go run ./examples/decide explain psew/escalation.json -json incident.json
//	go run ./examples/decide convert psew/escalation.json -to xlsx -o escalation.xlsx
//	go run ./examples/decide test psew/escalation.json cases.csv
//	go run ./examples/decide bench psew/escalation.json
//
// A table is a file of JSON, CSV or Excel, by its extension. decide help COMMAND tells more.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
)

// Exit codes.
const (
	exitFailed = 1 // something was wrong, or did not come out as expected
	exitUsage  = 2 // the command line was wrong
)

// usageError is what ends the program with exitUsage.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// streams are the standard ones.
type streams struct {
	in        io.Reader
	out, errs io.Writer
}

// command is one of the subcommands.
type command struct {
	name, synopsis, help string
	run                  func(args []string, std streams) error
}

func commands() []command {
	return []command{
		{"check", "decide check [-format text|json] FILE…", checkHelp, check},
		{"eval", "decide eval [-input NAME=VALUE]… [-json FILE] [-format text|json] FILE", evalHelp, eval},
		{"explain", "decide explain [-input NAME=VALUE]… [-json FILE] [-format text|json] FILE", explainHelp, explain},
		{"convert", "decide convert -to json|csv|xlsx|markdown [-o OUT] FILE", convertHelp, convert},
		{"test", "decide test [-full] FILE CASES", testHelp, test},
		{"bench", "decide bench [-time 1s] FILE", benchHelp, bench},
	}
}

func main() { os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})) }

// run is the program, and returns its exit code.
func run(args []string, std streams) int {
	err := dispatch(args, std)
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintln(std.errs, "decide:", err)
		return exitUsage
	}
	fmt.Fprintln(std.errs, "decide:", err)
	return exitFailed
}

func dispatch(args []string, std streams) error {
	if len(args) == 0 {
		usage(std.errs)
		return usageError{"which command?"}
	}
	name := args[0]
	if name == "help" || name == "-h" || name == "-help" || name == "--help" {
		if len(args) < 2 {
			usage(std.out)
			return nil
		}
		name, args = args[1], []string{args[1], "-h"}
	}
	for _, c := range commands() {
		if c.name == name {
			return c.run(args[1:], std)
		}
	}
	return usageError{fmt.Sprintf("%q is no command; see decide help", name)}
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "decide checks, asks, explains, converts and tests decision tables.")
	fmt.Fprintln(w)
	for _, c := range commands() {
		fmt.Fprintln(w, "  "+c.synopsis)
	}
	fmt.Fprint(w, `
A table is a file of JSON, CSV or Excel, by its extension; "-" is JSON from the standard input.
decide help COMMAND tells more. Exit codes: 0 all well, 1 something is wrong, 2 the command line is wrong.
`)
}

// flags makes the flags of a subcommand.
func flags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return fs
}

// parsed parses a subcommand's arguments, flags and operands in any order, and wants so many operands; of a most of -1,
// any number.
func parsed(fs *flag.FlagSet, args []string, std streams, least, most int) ([]string, error) {
	name := fs.Name()
	all := commands()
	c := all[slices.IndexFunc(all, func(c command) bool { return c.name == name })]
	var got []string
	for {
		err := fs.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			fmt.Fprintf(std.out, "%s\n\n%s", c.synopsis, c.help)
			fs.SetOutput(std.out)
			fs.PrintDefaults()
			return nil, err
		case err != nil:
			return nil, usageError{fmt.Sprintf("%s: %v; see decide help %s", name, err, name)}
		}
		if fs.NArg() == 0 {
			break
		}
		got, args = append(got, fs.Arg(0)), fs.Args()[1:]
	}
	if len(got) < least || most >= 0 && len(got) > most {
		return nil, usageError{fmt.Sprintf("%s: got %d operands: %s", name, len(got), c.synopsis)}
	}
	return got, nil
}

// choice is a flag that is one of several words.
type choice struct {
	value string
	of    []string
}

func (c *choice) String() string { return c.value }

func (c *choice) Set(s string) error {
	if !slices.Contains(c.of, s) {
		return fmt.Errorf("is one of %v", c.of)
	}
	c.value = s
	return nil
}

// format adds the flag -format.
func format(fs *flag.FlagSet) *choice {
	c := &choice{"text", []string{"text", "json"}}
	fs.Var(c, "format", "print as `text|json`")
	return c
}
