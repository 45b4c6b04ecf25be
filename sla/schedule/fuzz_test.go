package schedule_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// Whatever the text, it is refused with an InvalidError, or it is a schedule that is valid by the published schema, is
// written and read again as it is, and answers without panic, hang or contradiction.
func FuzzParse(f *testing.F) {
	for _, text := range wellFormed {
		f.Add([]byte(text))
	}
	for _, c := range refused {
		if len(c.text) < 1000 {
			f.Add([]byte(c.text))
		}
	}
	valid := compiledSchema(f, "")
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := schedule.Parse(data)
		if err != nil {
			if !errors.Is(err, schedule.ErrInvalid) {
				t.Fatalf("not an InvalidError: %v", err)
			}
			return
		}
		if err := bySchema(t, valid, string(data)); err != nil {
			t.Fatalf("the schema refuses what Parse takes: %v", err)
		}
		written, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := schedule.Parse(written)
		if err != nil {
			t.Fatalf("%s is refused: %v", written, err)
		}
		if second, _ := json.Marshal(again); string(second) != string(written) {
			t.Fatalf("%s is read as %s", written, second)
		}
		c, err := schedule.Compile(s)
		if err != nil {
			if !errors.Is(err, schedule.ErrInvalid) {
				t.Fatalf("not an InvalidError: %v", err)
			}
			return
		}
		start := time.Date(2024, 3, 31, 0, 30, 0, 1, time.UTC)
		if open := c.IsOpen(start); open != oracleOpen(s, start) || open != c.Why(start).Open {
			t.Fatalf("open is %v", open)
		}
		end, err := c.Add(start, 100*time.Hour)
		if err != nil {
			if !errors.Is(err, schedule.ErrNeverOpens) && !errors.Is(err, schedule.ErrOutside) {
				t.Fatal(err)
			}
			return
		}
		if got := c.Between(start, end); got != 100*time.Hour {
			t.Fatalf("from %v to %v is %v", start, end, got)
		}
		if back, err := c.Sub(end, 100*time.Hour); err != nil || c.IsOpen(start) && !back.Equal(start) {
			t.Fatalf("back from %v is %v (%v), not %v", end, back, err, start)
		}
	})
}

// The same for libraries, whose schedules refer to one another.
func FuzzParseLibrary(f *testing.F) {
	f.Add([]byte(`{"schedules": {"a": {"zone": "UTC", "week": {"mon": ["09:00-17:00"]}}, "b": {"union": [{"ref": "a"}, {"ref": "c"}]}, "c": {"parent": {"ref": "a"}}}}`))
	f.Add([]byte(`{"schedules": {"a": {"ref": "b"}, "b": {"ref": "a"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		library, err := schedule.ParseLibrary(data)
		if err != nil {
			if !errors.Is(err, schedule.ErrInvalid) {
				t.Fatalf("not an InvalidError: %v", err)
			}
			return
		}
		for name := range library {
			s, err := library.Resolve(name)
			if err != nil {
				t.Fatalf("%s was taken and is refused: %v", name, err)
			}
			if _, err := schedule.Compile(s); err != nil && !errors.Is(err, schedule.ErrInvalid) {
				t.Fatal(err)
			}
		}
	})
}
