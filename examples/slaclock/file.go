package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// file is a file of vectors or scenarios, or of both.
type file struct {
	Calendars map[string]calendar `json:"calendars"`
	Vectors   []vector            `json:"vectors"`
	Scenarios []scenario          `json:"scenarios"`
}

// vector is one question to a calendar, or to a clock on it.
type vector struct {
	ID       string          `json:"id"`
	Calendar string          `json:"calendar"`
	Op       string          `json:"op"`
	Start    json.RawMessage `json:"start"` // an instant; for operations on dates a date
	End      json.RawMessage `json:"end"`   // likewise
	Amount   seconds         `json:"amount_s"`
	Target   seconds         `json:"target_s"`
	Pauses   []interval      `json:"pauses"`
	Expect   json.RawMessage `json:"expect"`
	Excluded bool            `json:"excluded"`

	broken error // why it could not be read
}

// UnmarshalJSON keeps what is wrong with the entry for its answer, so that the others are answered.
func (v *vector) UnmarshalJSON(b []byte) error {
	type plain vector
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		h := headOf(b)
		p = plain{ID: h.id, Excluded: h.excluded, broken: err}
	}
	*v = vector(p)
	return nil
}

// head is what can be told of an entry that could not be read.
type head struct {
	id       string
	excluded bool
}

func headOf(b []byte) head {
	var has map[string]json.RawMessage
	var h head
	if json.Unmarshal(b, &has) != nil || json.Unmarshal(has["id"], &h.id) != nil {
		return head{}
	}
	h.excluded = string(has["excluded"]) == "true"
	return h
}

// scenario is the life of a case up to an instant.
type scenario struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Calendar    string          `json:"calendar"`
	BusinessDay seconds         `json:"business_day_s"`
	Events      []event         `json:"events"`
	Now         time.Time       `json:"now"`
	Expect      json.RawMessage `json:"expect"`
	Excluded    bool            `json:"excluded"`

	broken error // why it could not be read
}

// UnmarshalJSON keeps what is wrong with the entry for its answer, so that the others are answered.
func (s *scenario) UnmarshalJSON(b []byte) error {
	type plain scenario
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		h := headOf(b)
		p = plain{ID: h.id, Excluded: h.excluded, broken: err}
	}
	*s = scenario(p)
	return nil
}

type event struct {
	At       time.Time `json:"at"`
	Type     string    `json:"type"`
	Priority int       `json:"priority"`
}

// interval is [from, to]; a to of null lasts.
type interval struct{ from, to *time.Time }

func (i *interval) UnmarshalJSON(b []byte) error {
	var pair []*time.Time
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	if len(pair) != 2 || pair[0] == nil {
		return fmt.Errorf("%s is not [from, to] with a from", b)
	}
	i.from, i.to = pair[0], pair[1]
	return nil
}

func (i interval) MarshalJSON() ([]byte, error) {
	return json.Marshal([]*instant{(*instant)(i.from), (*instant)(i.to)})
}

// instant is written as RFC 3339 in UTC with Z, without trailing zeros.
type instant time.Time

func (i instant) String() string               { return time.Time(i).UTC().Format(time.RFC3339Nano) }
func (i instant) MarshalJSON() ([]byte, error) { return json.Marshal(i.String()) }

// maybe returns nil, which is written as null, for the zero time.
func maybe(t time.Time) *instant {
	if t.IsZero() {
		return nil
	}
	i := instant(t)
	return &i
}

const maxFile = 256 << 20 // bytes

// parse reads a file of vectors or scenarios.
func parse(b []byte) (*file, error) {
	var f file
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("is no file of vectors or scenarios: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the JSON value")
	}
	if len(f.Vectors) == 0 && len(f.Scenarios) == 0 {
		return nil, fmt.Errorf("has neither vectors nor scenarios")
	}
	ids := map[string]bool{}
	check := func(what string, i int, id string) error {
		if id == "" {
			return fmt.Errorf("%s[%d].id: is missing", what, i)
		}
		if ids[id] {
			return fmt.Errorf("%s[%d].id: %q stands there twice", what, i, id)
		}
		ids[id] = true
		return nil
	}
	for i := range f.Vectors {
		v := &f.Vectors[i]
		if v.broken != nil && v.ID == "" {
			v.ID = fmt.Sprintf("vectors[%d]", i)
		}
		if err := check("vectors", i, v.ID); err != nil {
			return nil, err
		}
	}
	for i := range f.Scenarios {
		s := &f.Scenarios[i]
		if s.broken != nil && s.ID == "" {
			s.ID = fmt.Sprintf("scenarios[%d]", i)
		}
		if err := check("scenarios", i, s.ID); err != nil {
			return nil, err
		}
	}
	return &f, nil
}
