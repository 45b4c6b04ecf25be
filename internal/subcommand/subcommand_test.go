package subcommand

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// play is a program that prints what it got.
func play() Program {
	return Program{Name: "play", About: "play prints what it got.", Notes: "Notes.\n", Commands: []Command{
		{"say", "say [-loud] [-as x|y] [-word WORD]… A [B]", "Says it.\n\n  play say a\n\n", func(c *Call) error {
			loud := c.Bool("loud", false, "say it loud")
			as := c.Choice("as", "say it as `x|y`", "x", "y")
			words := c.List("word", "a `WORD`; may be repeated")
			operands, err := c.Operands(1, 2)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.Out, "%q %v %s %q", operands, *loud, *as, *words)
			return nil
		}},
		{"any", "any [-to x] FILE…", "Any.\n", func(c *Call) error {
			to := c.Choice("to", "", "", "x")
			operands, err := c.Operands(0, -1)
			if err == nil {
				fmt.Fprint(c.Out, len(operands), *to)
			}
			return err
		}},
		{"fail", "fail", "", func(c *Call) error { return errors.New("one\ntwo") }},
		{"blame", "blame", "", func(c *Call) error { return fmt.Errorf("here: %w", Usage("no %d", 7)) }},
		{"read", "read FILE", "", func(c *Call) error {
			operands, err := c.Operands(1, 1)
			if err != nil {
				return err
			}
			data, err := c.ReadFile(operands[0], 4)
			fmt.Fprintf(c.Out, "%s", data)
			return err
		}},
		{"json", "json", "", func(c *Call) error { return c.PrintJSON(map[string]string{"a": "<b>"}) }},
	}}
}

func run(in string, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = play().Run(args, Streams{strings.NewReader(in), &o, &e})
	return code, o.String(), e.String()
}

const usage = `play prints what it got.

  play say [-loud] [-as x|y] [-word WORD]… A [B]
  play any [-to x] FILE…
  play fail
  play blame
  play read FILE
  play json

Notes.
play help COMMAND tells more. Exit codes: 0 all well, 1 something is wrong, 2 the command line is wrong.
`

const help = `play say [-loud] [-as x|y] [-word WORD]… A [B]

Says it.

  play say a

  -as x|y
    	say it as x|y (default x)
  -loud
    	say it loud
  -word WORD
    	a WORD; may be repeated
`

func TestRun(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	four, five := file("four", "1234"), file("five", "12345")
	none := filepath.Join(dir, "none")
	_, notThere := os.Open(none)
	for _, c := range []struct {
		args      string
		in        string
		code      int
		out, errs string
	}{
		{"", "", 2, "", usage + "play: which command?\n"},
		{"help", "", 0, usage, ""}, {"-h", "", 0, usage, ""}, {"-help", "", 0, usage, ""}, {"--help", "", 0, usage, ""},
		{"help say", "", 0, help, ""}, {"say -h", "", 0, help, ""}, {"say a --help", "", 0, help, ""},
		{"help say any", "", 2, "", "play: help: tells of one command, not of 2\n"},
		{"guess", "", 2, "", "play: \"guess\" is no command; see play help\n"},
		{"help guess", "", 2, "", "play: \"guess\" is no command; see play help\n"},

		{"say a", "", 0, `["a"] false x []`, ""},
		{"say -loud a -as y b -word c -word=d", "", 0, `["a" "b"] true y ["c" "d"]`, ""},
		{"say - -loud", "", 0, `["-"] true x []`, ""},
		{"say a -- -loud", "", 0, `["a" "-loud"] false x []`, ""},
		{"say -- -a -b", "", 0, `["-a" "-b"] false x []`, ""},
		{"say", "", 2, "", "play: say: got 0 operands: play say [-loud] [-as x|y] [-word WORD]… A [B]\n"},
		{"say a b c", "", 2, "", "play: say: got 3 operands: play say [-loud] [-as x|y] [-word WORD]… A [B]\n"},
		{"read", "", 2, "", "play: read: got 0 operands: play read FILE\n"},
		{"say -soft a", "", 2, "", "play: say: flag provided but not defined: -soft; see play help say\n"},
		{"say a -soft", "", 2, "", "play: say: flag provided but not defined: -soft; see play help say\n"},
		{"say -word", "", 2, "", "play: say: flag needs an argument: -word; see play help say\n"},
		{"say -as z a", "", 2, "", "play: say: invalid value \"z\" for flag -as: is one of [x y]; see play help say\n"},
		{"any", "", 0, "0", ""}, {"any a b c d -to x", "", 0, "4x", ""},
		{"any -to= a", "", 2, "", "play: any: invalid value \"\" for flag -to: is one of [x]; see play help any\n"},

		{"fail", "", 1, "", "play: one\nplay: two\n"},
		{"blame", "", 2, "", "play: here: no 7\n"},
		{"json", "", 0, "{\n  \"a\": \"<b>\"\n}\n", ""},

		{"read " + four, "", 0, "1234", ""},
		{"read -", "abcd", 0, "abcd", ""},
		{"read " + five, "", 1, "", "play: " + five + ": is larger than 4 bytes\n"},
		{"read -", "abcde", 1, "", "play: the standard input: is larger than 4 bytes\n"},
		{"read " + none, "", 1, "", "play: " + notThere.Error() + "\n"},
		{"read " + dir, "", 1, "", "play: " + dir + ": is a directory, and no file\n"},
	} {
		code, out, errs := run(c.in, strings.Fields(c.args)...)
		if code != c.code || out != c.out || errs != c.errs {
			t.Errorf("%s: exit code %d, want %d\nout:  %q\nwant: %q\nerrs: %q\nwant: %q", c.args, code, c.code, out, c.out, errs, c.errs)
		}
	}
}

// full is a device that is.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	for _, args := range []string{"help", "help say", "say a", "json"} {
		var errs bytes.Buffer
		if code := play().Run(strings.Fields(args), Streams{strings.NewReader(""), full{}, &errs}); code != ExitFailed || errs.String() != "play: the standard output: no space left\n" {
			t.Errorf("%s: %d, %s", args, code, &errs)
		}
	}
}

func TestReadFileTellsWhatIsLarge(t *testing.T) {
	c := newCall(play(), Command{}, nil, Streams{In: strings.NewReader(strings.Repeat("x", 1<<20+1))})
	if _, err := c.ReadFile("-", 1<<20); err == nil || err.Error() != "the standard input: is larger than 1 MiB" {
		t.Error(err)
	}
}
