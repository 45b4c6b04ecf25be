package subcommand

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
)

// Call is one call of a subcommand: its flags, which it declares before it asks for the operands, and the streams.
type Call struct {
	*flag.FlagSet
	Streams
	program Program
	command Command
	args    []string
}

func newCall(p Program, c Command, args []string, std Streams) *Call {
	fs := flag.NewFlagSet(c.Name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are returned, and told once
	fs.Usage = func() {}
	return &Call{fs, std, p, c, args}
}

// Operands parses the arguments and returns the operands, of which there are from least to most, or with a most below
// 0 any number. The error is one of usage, or flag.ErrHelp, when help was asked for and told.
func (c *Call) Operands(least, most int) ([]string, error) {
	var got []string
	for args := c.args; ; {
		err := c.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			c.help()
			return nil, err
		case err != nil:
			return nil, Usage("%s: %v; see %s help %s", c.command.Name, err, c.program.Name, c.command.Name)
		}
		rest := c.Args()
		if read := len(args) - len(rest); read > 0 && args[read-1] == "--" {
			got, rest = append(got, rest...), nil
		}
		if len(rest) == 0 {
			break
		}
		got, args = append(got, rest[0]), rest[1:]
	}
	if len(got) < least || most >= 0 && len(got) > most {
		return nil, Usage("%s: got %s: %s %s", c.command.Name, count(len(got), "operand"), c.program.Name, c.command.Synopsis)
	}
	return got, nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (c *Call) help() {
	fmt.Fprintf(c.Out, "%s %s\n\n%s", c.program.Name, c.command.Synopsis, c.command.Help)
	c.SetOutput(c.Out)
	c.PrintDefaults()
}

// Choice declares a flag that is one of several words. The first is the default; an empty one is no word that may be
// given.
func (c *Call) Choice(name, usage string, words ...string) *string {
	value := &choice{value: words[0], of: words}
	if words[0] == "" {
		value.of = words[1:]
	}
	c.Var(value, name, usage)
	return &value.value
}

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

// List declares a flag that may be given several times.
func (c *Call) List(name, usage string) *[]string {
	var all []string
	c.Func(name, usage, func(s string) error { all = append(all, s); return nil })
	return &all
}

// ReadFile reads a file, or under the name "-" the standard input, of so many bytes at most. Every error names the file.
func (c *Call) ReadFile(name string, most int64) ([]byte, error) {
	in, called := c.In, "the standard input"
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if about, err := f.Stat(); err == nil && about.IsDir() {
			return nil, fmt.Errorf("%s: is a directory, and no file", name)
		}
		in, called = f, name
	}
	data, err := io.ReadAll(io.LimitReader(in, most+1))
	switch {
	case err != nil && name == "-":
		return nil, fmt.Errorf("%s: %w", called, err)
	case err != nil:
		return nil, err // of os, with the name
	case int64(len(data)) > most:
		return nil, fmt.Errorf("%s: is larger than %s", called, size(most))
	}
	return data, nil
}

func size(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return count(int(n), "byte")
}

// PrintJSON prints a value as indented JSON.
func (c *Call) PrintJSON(v any) error {
	out := json.NewEncoder(c.Out)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(v)
}
