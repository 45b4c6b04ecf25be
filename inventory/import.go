package inventory

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// maxLine is the length in bytes of a line that Import reads.
const maxLine = 256 << 10

// Import reads items as JSON lines and puts them, as many at once as the store
// takes. Empty lines are passed over. It returns what was written before the
// first error, which names the line; the lines before it stay.
func (s *Service) Import(ctx context.Context, by forewarn.Actor, r io.Reader) (Result, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	entries, size := store.LimitsOf(s.engine.Store())
	in := loading{s: s, ctx: ctx, by: by, entries: min(entries, 5000), bytes: min(size, 8<<20)}
	line := 0
	for lines.Scan() {
		line++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		item, err := parse(text)
		if err == nil {
			err = in.take(item, line, len(text))
		} else {
			// what stands before the line is kept, as it would be had the line come later
			err = errors.Join(in.flush(), fmt.Errorf("line %d: %w", line, err))
		}
		if err != nil {
			return in.total, err
		}
	}
	if err := lines.Err(); err != nil {
		rule := "cannot be read: %v"
		if errors.Is(err, bufio.ErrTooLong) {
			rule = fmt.Sprintf("has more than %d bytes: %%v", maxLine)
		}
		return in.total, errors.Join(in.flush(), fmt.Errorf("line %d: %w", line+1, forewarn.Invalid("line", rule, err)))
	}
	return in.total, in.flush()
}

// parse reads the item of a line.
func parse(line []byte) (Item, error) {
	var item Item
	decode := json.NewDecoder(bytes.NewReader(line))
	decode.DisallowUnknownFields()
	if err := decode.Decode(&item); err != nil {
		return Item{}, unreadable(err)
	}
	if _, err := decode.Token(); !errors.Is(err, io.EOF) {
		return Item{}, forewarn.Invalid("item", "has something behind it: one item a line")
	}
	return item, item.Check()
}

// unreadable says in the words of an ErrInvalid why a line is no item.
func unreadable(err error) error {
	var own *forewarn.Error
	if errors.As(err, &own) {
		return own
	}
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) && mistyped.Field != "" {
		return forewarn.Invalid(mistyped.Field, "is a JSON %s", mistyped.Value)
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return forewarn.Invalid(strings.Trim(field, `"`), "is no field of an item")
	}
	return forewarn.Invalid("item", "is no JSON of an item: %v", err)
}

// loading is an import under way.
type loading struct {
	s              *Service
	ctx            context.Context
	by             forewarn.Actor
	entries, bytes int // that a batch may be estimated at

	total        Result
	batch        []Item
	lines        []int // of the batch
	cost, volume int
}

// take puts an item into the batch in hand, or begins the next one with it.
func (l *loading) take(item Item, line, size int) error {
	// It is read and written, with its links; those that it had and has no more are not known yet.
	cost, volume := 1+len(item.links()), 2*size+512
	if l.cost+cost > l.entries || l.volume+volume > l.bytes {
		if err := l.flush(); err != nil {
			return err
		}
	}
	l.batch, l.lines = append(l.batch, item), append(l.lines, line)
	l.cost, l.volume = l.cost+cost, l.volume+volume
	return nil
}

func (l *loading) flush() error {
	err := l.put(l.batch, l.lines)
	l.batch, l.lines, l.cost, l.volume = l.batch[:0], l.lines[:0], 0, 0
	return err
}

// put puts items, in halves where they do not fit: those that change may take away more links than they bring.
func (l *loading) put(items []Item, lines []int) error {
	if len(items) == 0 {
		return nil
	}
	done, err := l.s.Put(l.ctx, l.by, Put{Items: items})
	if n := len(items) / 2; err != nil && n > 0 && tooLarge(err) {
		if err := l.put(items[:n], lines[:n]); err != nil {
			return err
		}
		return l.put(items[n:], lines[n:])
	}
	if err != nil {
		return fmt.Errorf("lines %d to %d: %w", lines[0], lines[len(lines)-1], err)
	}
	l.total.Written += done.Written
	l.total.Unchanged += done.Unchanged
	l.total.Removed += done.Removed
	return nil
}

// tooLarge reports whether a unit has outgrown what its store takes in one commit.
func tooLarge(err error) bool {
	var e *forewarn.Error
	return errors.As(err, &e) && errors.Is(e.Kind, forewarn.ErrInvalid) && e.Field == "unit"
}
