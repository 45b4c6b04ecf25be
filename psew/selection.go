package psew

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// Bounds of a selection. Its record is kept until the last case of it is done, and so the ids have to fit one.
const (
	maxSelected      = 500
	maxSelectedBytes = 32 << 10 // of the ids as JSON
)

// chosen are the parties that a command names, of one kind.
type chosen struct {
	List List     `json:"list,omitempty"`
	Refs []string `json:"refs,omitempty"` // sorted, each once
}

// choose returns the parties of a command that has accounts or consumers, or neither. An error names the field that was given.
func choose(accounts, consumers []string) (none chosen, err error) {
	if len(accounts) > 0 && len(consumers) > 0 {
		return none, forewarn.Invalid("consumers", "and accounts exclude each other: a selection holds one kind of party")
	}
	c := chosen{List: ListAccounts, Refs: accounts}
	if len(consumers) > 0 {
		c = chosen{List: ListConsumers, Refs: consumers}
	}
	if n := len(c.Refs); n > maxSelected {
		return none, forewarn.Invalid(c.field(), "has %d parties; at most %d", n, maxSelected)
	}
	c.Refs = unique(c.Refs)
	size, err := json.Marshal(c.Refs)
	if err != nil {
		return none, forewarn.Invalid(c.field(), "is no JSON: %v", err)
	}
	if len(size) > maxSelectedBytes {
		return none, forewarn.Invalid(c.field(), "has %d bytes of ids; at most %d", len(size), maxSelectedBytes)
	}
	return c, nil
}

// field is the name of the command's field that names them.
func (c chosen) field() string { return string(c.List) }

// cases asks for the open cases of one of the parties.
func (c chosen) cases(source uuid.UUID, ref string) ticket.CaseQuery {
	q := ticket.CaseQuery{Source: source, Open: true}
	if c.List == ListConsumers {
		q.Consumer = ref
	} else {
		q.Account = ref
	}
	return q
}

// casesOf returns the open cases of each selected party, or says who has none.
func (s *Service) casesOf(u *forewarn.Unit, i Incident, c chosen) ([][]ticket.BookedCase, error) {
	if len(c.Refs) == 0 {
		return nil, forewarn.Invalid(c.field(), "has 0 parties; 1 to %d", maxSelected)
	}
	all := make([][]ticket.BookedCase, 0, len(c.Refs))
	for _, ref := range c.Refs {
		if ref == "" {
			return nil, forewarn.Invalid(c.field(), "names a party by an empty id")
		}
		var own []ticket.BookedCase
		for q := c.cases(i.ID, ref); ; {
			page, err := s.cases.Page(u, q)
			if err != nil {
				return nil, err
			}
			own = append(own, page.Cases...)
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		if len(own) == 0 {
			return nil, forewarn.Refused(i.Key(), c.field(), "%s has no open case of incident %s", ref, i.Number)
		}
		all = append(all, own)
	}
	return all, nil
}

// eachOfParties does something to the open cases of parties behind a step's cursor, as many as fit the unit. It returns the cursor of the next step, ""
// when all were done.
func (s *Service) eachOfParties(u *forewarn.Unit, source uuid.UUID, c chosen, after string, do func([]uuid.UUID) error) (next string, done int, err error) {
	party, page := 0, ""
	if after != "" {
		n, rest, _ := strings.Cut(unmarked(after), " ")
		if party, err = strconv.Atoi(n); err != nil || party < 0 || party > len(c.Refs) {
			return "", 0, forewarn.Invalid("cursor", "%q is no place in a list of %d", after, len(c.Refs))
		}
		page = rest
	}
	for fits := newRoom(u); party < len(c.Refs); {
		q := c.cases(source, c.Refs[party])
		q.After = page
		if q.Limit = fits.next(); q.Limit == 0 {
			return marked(itoa(party) + " " + page), done, nil
		}
		found, err := s.cases.Page(u, q)
		if err != nil {
			return "", done, err
		}
		ids := make([]uuid.UUID, len(found.Cases))
		for n, one := range found.Cases {
			ids[n] = one.ID
		}
		if err := do(ids); err != nil {
			return "", done, err
		}
		done += len(ids)
		if page = found.Next; page == "" {
			party++
		}
	}
	return "", done, nil
}

func unique(refs []string) []string {
	refs = slices.Clone(refs)
	slices.Sort(refs)
	return slices.Compact(refs)
}
