package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/store"
)

// Put adds an edition of a table.
type Put struct {
	// Table is the whole table. Its name says which it is an edition of; where its
	// Version is empty, it is given the edition's number.
	Table decision.Table
	// From is the instant from which it holds; zero means now. An earlier one than
	// now is refused.
	From time.Time
	// Expect is the number of the last edition that the caller saw, 0: any. Another
	// edition since then is ErrStale.
	Expect int
	// Tolerate takes the table with its defects.
	Tolerate bool
	Note     string // why; at most 4,000 bytes
}

// Put adds an edition of the table of that name, for the tenant alone. It holds
// from Put.From on, instead of the shipped table of that name, if there is one.
//
// It returns ErrInvalid for a table that cannot be compiled, with the defects as
// cause; for one that the analysis finds defects in, as a *DefectsError, unless
// Put.Tolerate; for one that has not the inputs and outputs of the shipped table
// of its name, since programs decide by those; and for a From that has passed.
// It returns ErrStale when another edition came since Put.Expect, and
// ErrForbidden without admin.
func (s *Service) Put(ctx context.Context, by forewarn.Caller, cmd Put) (Edition, error) {
	return forewarn.Do(ctx, s.engine, by, "catalog.Put", cmd, s.put)
}

// DefectsError says that a table is not taken, and lists why.
type DefectsError struct{ Analysis decision.Analysis }

// Error returns the first defect, and how many others there are.
func (e *DefectsError) Error() string {
	for _, f := range e.Analysis.Findings {
		if f.Defect {
			return fmt.Sprintf("table %q has %d defects, the first: %s", e.Analysis.Table, e.Analysis.Defects(), f.Message)
		}
	}
	return fmt.Sprintf("table %q has no defects", e.Analysis.Table)
}

func (s *Service) put(u *forewarn.Unit, cmd Put) (none Edition, err error) {
	if err := u.Require(actPut, forewarn.Subject{}); err != nil {
		return none, err
	}
	if err := checkName("table.name", cmd.Table.Name); err != nil {
		return none, err
	}
	table, err := s.sound(cmd)
	if err != nil {
		return none, err
	}
	return s.add(u, Edition{Name: table.Name, From: cmd.From, Table: &table, Note: cmd.Note}, cmd.Expect)
}

// sound returns the table as it will be read again, if it may be put.
func (s *Service) sound(cmd Put) (none decision.Table, err error) {
	refused := func(cause error, rule string) error {
		return &forewarn.Error{Kind: forewarn.ErrInvalid, Field: "table", Rule: rule, Cause: cause}
	}
	if err := cmd.Table.Validate(); err != nil {
		return none, refused(err, "cannot be compiled")
	}
	if shipped := s.shipped[cmd.Table.Name]; shipped != nil {
		if err := sameColumns(shipped.Table(), cmd.Table); err != nil {
			return none, err
		}
	}
	if !cmd.Tolerate {
		a, err := decision.Analyze(cmd.Table)
		if err != nil {
			return none, refused(err, "cannot be analysed")
		}
		if a.Defects() > 0 {
			return none, refused(&DefectsError{a}, "has defects")
		}
	}
	text, err := json.Marshal(cmd.Table)
	if err != nil {
		return none, refused(err, "cannot be written")
	}
	var table decision.Table
	if err := json.Unmarshal(text, &table); err != nil {
		return none, refused(err, "cannot be read again")
	}
	return table, nil
}

// sameColumns refuses what a program that knows the shipped table could not
// decide by: it gives the inputs by name or in their order, and asks for the
// outputs.
func sameColumns(shipped, own decision.Table) error {
	type column struct {
		name string
		typ  decision.Type
		may  bool
	}
	inputs := func(t decision.Table) (all []column) {
		for _, in := range t.Inputs {
			all = append(all, column{in.Name, in.Type, in.Optional})
		}
		return all
	}
	outputs := func(t decision.Table) (all []column) {
		for _, out := range t.Outputs {
			all = append(all, column{name: out.Name, typ: out.Type})
		}
		return all
	}
	for _, c := range []struct {
		field     string
		want, got []column
	}{{"table.inputs", inputs(shipped), inputs(own)}, {"table.outputs", outputs(shipped), outputs(own)}} {
		for i, want := range c.want {
			if i >= len(c.got) || c.got[i] != want {
				optional := ""
				if want.may {
					optional = "optional "
				}
				return forewarn.Invalid(fmt.Sprintf("%s[%d]", c.field, i), "is %q, %s%s, as in the shipped table of this name", want.name, optional, want.typ)
			}
		}
		if len(c.got) > len(c.want) {
			return forewarn.Invalid(fmt.Sprintf("%s[%d]", c.field, len(c.want)), "is not in the shipped table of this name")
		}
	}
	return nil
}

// Reset goes back to the shipped table.
type Reset struct {
	Name string
	// From is the instant from which the shipped table holds again; zero means now.
	From   time.Time
	Expect int    // as in Put
	Note   string // as in Put
}

// Reset adds an edition that says that the shipped table holds again. Where there
// is no shipped table of that name, the tenant's own ends at that instant, and who
// asks for it afterwards gets ErrNotFound.
//
// It returns ErrNotFound when the tenant has put no table of that name,
// ErrInvalid for a From that has passed, ErrStale when another edition came since
// Reset.Expect, and ErrForbidden without admin.
func (s *Service) Reset(ctx context.Context, by forewarn.Caller, cmd Reset) (Edition, error) {
	return forewarn.Do(ctx, s.engine, by, "catalog.Reset", cmd, s.reset)
}

func (s *Service) reset(u *forewarn.Unit, cmd Reset) (none Edition, err error) {
	if err := u.Require(actReset, forewarn.Subject{}); err != nil {
		return none, err
	}
	h, err := headOf(u, cmd.Name)
	if err != nil {
		return none, err
	}
	if h.Latest == 0 {
		return none, s.unknown(u, cmd.Name)
	}
	e, err := s.add(u, Edition{Name: cmd.Name, From: cmd.From, Shipped: true, Note: cmd.Note}, cmd.Expect)
	if err != nil {
		return none, err
	}
	return s.filled(e), nil
}

// maxNote bounds a note, in bytes.
const maxNote = 4_000

// add puts an edition and the head that leads to it.
func (s *Service) add(u *forewarn.Unit, e Edition, expect int) (none Edition, err error) {
	h, err := headOf(u, e.Name)
	if err != nil {
		return none, err
	}
	now := instant(u.Now())
	if now.Before(h.At) { // by a clock that is behind: what is put last holds all the same
		now = h.At
	}
	e.From = instant(e.From)
	switch {
	case expect < 0:
		return none, forewarn.Invalid("expect", "is negative")
	case expect > 0 && expect != h.Latest:
		return none, &forewarn.Error{Kind: forewarn.ErrStale, Record: heads.Key(u.By().Tenant, h.ID), Field: "expect",
			Rule: fmt.Sprintf("the last edition is %d, not %d", h.Latest, expect)}
	case e.From.IsZero():
		e.From = now
	case e.From.Before(now):
		return none, forewarn.Invalid("from", "is %s, and has passed: what held then is not rewritten", e.From.Format(time.RFC3339Nano))
	}
	if len(e.Note) > maxNote {
		return none, forewarn.Invalid("note", "has %d bytes; at most %d", len(e.Note), maxNote)
	}
	h.Latest, h.At = h.Latest+1, now
	e.ID, e.Number, e.By, e.At = editionID(e.Name, h.Latest), h.Latest, u.By().ID, now
	if e.Table != nil && e.Table.Version == "" {
		e.Table.Version = strconv.Itoa(e.Number)
	}
	// That it is not there is a precondition: of two who put at once, one runs again. So does who finds it there already: the
	// head that he read is no longer that.
	switch _, err := editions.Get(u, e.ID); {
	case err == nil:
		return none, &store.ConflictError{Key: heads.Key(u.By().Tenant, h.ID), Reason: store.Changed}
	case !errors.Is(err, forewarn.ErrNotFound):
		return none, err
	}
	if err := editions.Put(u, &e); err != nil {
		return none, err
	}
	h.Slots = slices.Clone(h.Slots)
	h.add(slot{Number: e.Number, From: e.From, Version: e.Version, Shipped: e.Shipped}, now)
	if len(h.Slots) > maxAhead {
		return none, forewarn.Refused(heads.Key(u.By().Tenant, h.ID), "from", "%d editions wait for their instant already", maxAhead)
	}
	return e, heads.Put(u, &h)
}

// maxAhead is how many editions of a table may hold now and from later instants.
const maxAhead = 100
