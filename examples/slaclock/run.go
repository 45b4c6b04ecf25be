package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/forewarn-go/forewarn/internal/subcommand"
)

const runHelp = `Answers every entry of a file of vectors or scenarios ("-": the standard input), one JSON line each:
{"id":…,"got":…}, with got in the shape of the entry's expect, or {"id":…,"skipped":"why"}. An entry that
cannot be answered is {"id":…,"error":"why"}, and the exit code is 1.

`

// entry is one question of a file with its answer.
type entry struct {
	id       string
	expect   json.RawMessage
	excluded bool
	got      any
	notes    []string
	err      error // an errSkipped where it was left out
}

// entries answers a file, one entry at a time.
func (f *file) entries(each func(entry) error) error {
	c := newCalendars(f.Calendars)
	for _, v := range f.Vectors {
		got, err := v.answer(c)
		if err := each(entry{v.ID, v.Expect, v.Excluded, got, nil, err}); err != nil {
			return err
		}
	}
	for _, s := range f.Scenarios {
		got, notes, err := s.answer(c)
		if err := each(entry{s.ID, s.Expect, s.Excluded, got, notes, err}); err != nil {
			return err
		}
	}
	return nil
}

// line is what run writes of an entry.
type line struct {
	ID      string           `json:"id"`
	Got     *json.RawMessage `json:"got,omitempty"`
	Skipped string           `json:"skipped,omitempty"`
	Error   string           `json:"error,omitempty"`
}

func load(c *subcommand.Call, name string) (*file, error) {
	b, err := c.ReadFile(name, maxFile)
	if err != nil {
		return nil, err
	}
	f, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

func run(c *subcommand.Call) error {
	check := c.Bool("check", false, "compare with expect, print the misses, and P/N as the last line")
	operands, err := c.Operands(1, 1)
	if err != nil {
		return err
	}
	f, err := load(c, operands[0])
	if err != nil {
		return err
	}
	if *check {
		return checked(f, c.Out)
	}
	w := bufio.NewWriter(c.Out)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	failed := 0
	err = f.entries(func(a entry) error {
		for _, note := range a.notes {
			fmt.Fprintf(c.Errs, "%s: %s\n", a.id, note)
		}
		l := line{ID: a.id}
		var skip errSkipped
		switch {
		case errors.As(a.err, &skip):
			l.Skipped = skip.why
		case a.err != nil:
			failed++
			l.Error = a.err.Error()
		default:
			b, err := json.Marshal(a.got)
			if err != nil {
				return err
			}
			l.Got = (*json.RawMessage)(&b)
		}
		return e.Encode(l)
	})
	if err == nil {
		err = w.Flush()
	}
	if err == nil && failed > 0 {
		err = fmt.Errorf("%d entries could not be answered", failed)
	}
	return err
}

// checked compares every answer with what is expected.
func checked(f *file, out io.Writer) error {
	passed, counted := 0, 0
	w := bufio.NewWriter(out)
	err := f.entries(func(a entry) error {
		var skip errSkipped
		if a.excluded || errors.As(a.err, &skip) {
			return nil
		}
		counted++
		if a.err != nil {
			fmt.Fprintf(w, "%s: %v\n", a.id, a.err)
			return nil
		}
		b, err := json.Marshal(a.got)
		if err != nil {
			return err
		}
		misses, err := compare(a.expect, b)
		if err != nil {
			fmt.Fprintf(w, "%s: %v\n", a.id, err)
			return nil
		}
		for _, m := range misses {
			fmt.Fprintf(w, "%s: %s\n", a.id, m)
		}
		if len(misses) == 0 {
			passed++
		}
		return nil
	})
	if err != nil {
		return errors.Join(err, w.Flush())
	}
	fmt.Fprintf(w, "%d/%d\n", passed, counted)
	if err := w.Flush(); err != nil {
		return err
	}
	if passed != counted {
		return fmt.Errorf("%d of %d entries are not as expected", counted-passed, counted)
	}
	return nil
}
