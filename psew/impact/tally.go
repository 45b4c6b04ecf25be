package impact

import (
	"encoding/json"
	"maps"
	"slices"
)

// Share is what one party has of the impact.
type Share struct {
	Party       Party `json:"party"`
	InstallBase int   `json:"install_base"` // its items of reached services
	// Critical are the reached services it has items of that are critical or in
	// an open outage or degradation: sorted, each once.
	Critical []string `json:"critical,omitempty"`
}

// Merge returns what both shares of one party have together: those of items
// that were counted apart. It returns an *[InvalidError] for two parties.
func (s Share) Merge(t Share) (Share, error) {
	if s.Party != t.Party {
		return Share{}, invalid("party", "a share of %s can not be merged with one of %s", s.Party, t.Party)
	}
	s.InstallBase += t.InstallBase
	s.Critical = union(s.Critical, t.Critical)
	return s, nil
}

func (s Share) check() error {
	if err := s.Party.check("shares.party"); err != nil {
		return err
	}
	if s.InstallBase < 0 {
		return invalid("shares["+quote(s.Party.String())+"].install_base", "%d is negative", s.InstallBase)
	}
	return nil
}

// Tally counts install-base items into shares. Every item must be given once,
// to one of the tallies that are merged: a tally keeps no ids of items. The
// zero Tally is empty and ready. It is not safe for concurrent use.
type Tally struct {
	unowned int
	shares  map[Party]Share
}

// Add counts items of one reached node: a page of them, or all. The items of a
// node that is critical, by itself or by an open outage, make it a critical
// affected service of their parties, if it is a service.
//
// It returns an *[InvalidError] when an item is of another node or belongs to
// two parties, and has counted none then.
func (t *Tally) Add(node Impacted, items ...Item) error {
	owners := make([]Party, len(items))
	for i, item := range items {
		if item.Service != node.ID {
			return invalid("install_base["+quote(item.ID)+"].service", "%q was counted for %q", item.Service, node.ID)
		}
		var err error
		if owners[i], err = item.Owner(); err != nil {
			return err
		}
	}
	var critical []string
	if node.Kind == Service && node.Critical {
		critical = []string{node.ID}
	}
	for _, p := range owners {
		if p == (Party{}) {
			t.unowned++
			continue
		}
		t.put(Share{p, 1, critical})
	}
	return nil
}

// Link counts a party as affected, if it has no share yet, as one without
// install base: a case of it was associated with the record.
func (t *Tally) Link(p Party) error {
	if err := p.check("party"); err != nil {
		return err
	}
	t.put(Share{Party: p})
	return nil
}

// Merge counts what another tally has counted.
func (t *Tally) Merge(other *Tally) {
	t.unowned += other.unowned
	for _, s := range other.Shares() { // a copy: other may be t
		t.put(s)
	}
}

// Shares returns the shares, sorted by kind and id of their parties.
func (t *Tally) Shares() []Share {
	out := slices.SortedFunc(maps.Values(t.shares), func(a, b Share) int { return a.Party.compare(b.Party) })
	for i := range out {
		out[i].Critical = slices.Clone(out[i].Critical)
	}
	return out
}

// Unowned returns the number of items that belong to no party.
func (t *Tally) Unowned() int { return t.unowned }

func (t *Tally) put(s Share) {
	if t.shares == nil {
		t.shares = map[Party]Share{}
	}
	old := t.shares[s.Party]
	t.shares[s.Party] = Share{s.Party, old.InstallBase + s.InstallBase, union(old.Critical, s.Critical)}
}

// union returns the sorted set of both; a is one already.
func union(a, b []string) []string {
	for _, id := range b {
		at, found := slices.BinarySearch(a, id)
		if !found {
			// Clipped, so that another holder of a never sees it written.
			a = slices.Insert(slices.Clip(a), at, id)
		}
	}
	return a
}

type tallyJSON struct {
	Unowned int     `json:"unowned,omitempty"`
	Shares  []Share `json:"shares"`
}

// MarshalJSON writes the shares in the order of Shares: equal tallies have
// equal texts.
func (t *Tally) MarshalJSON() ([]byte, error) {
	return json.Marshal(tallyJSON{t.unowned, append([]Share{}, t.Shares()...)})
}

// UnmarshalJSON reads what MarshalJSON writes, and returns an *[InvalidError]
// when that can not have been written by it.
func (t *Tally) UnmarshalJSON(text []byte) error {
	var j tallyJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	if j.Unowned < 0 {
		return invalid("unowned", "%d is negative", j.Unowned)
	}
	read := Tally{unowned: j.Unowned}
	for _, s := range j.Shares {
		if err := s.check(); err != nil {
			return err
		}
		if _, twice := read.shares[s.Party]; twice {
			return invalid("shares", "%s stands twice", s.Party)
		}
		read.put(s)
	}
	*t = read
	return nil
}
