package impact

import (
	"encoding/json"
	"slices"
)

// Reach is the set of nodes that impact reaches from the seeds, as far as it
// is known, and the nodes among them whose neighbours were not asked for yet.
//
//	r, err := impact.NewReach("Vmanage_10001")
//	for err == nil && !r.Done() {
//		err = r.Step(500, standingOn)
//	}
//
// It takes each node once, so it ends on cycles, and needs no stack, so depth
// does not matter. What it reaches does not depend on the order in which
// neighbours come. The zero Reach is done and empty. It is not safe for
// concurrent use.
type Reach struct {
	order []string // as they were found
	seen  map[string]struct{}
	asked int // so many of order
}

// NewReach starts from seeds. It returns an *[InvalidError] for an empty id.
func NewReach(seeds ...string) (*Reach, error) {
	r := &Reach{}
	if err := r.take("seeds", seeds); err != nil {
		return nil, err
	}
	return r, nil
}

// Step asks for all that impact reaches in one step from any of the next nodes,
// at most limit of them. The callback may return nodes more than once, and in
// any order; it must not keep the ids that it is given.
//
// It returns the callback's error as it is, and an *[InvalidError] for a limit
// under 1 or an empty id. Nothing has changed then, and Step may be called again.
func (r *Reach) Step(limit int, reachedFrom func(ids []string) ([]string, error)) error {
	if limit < 1 {
		return invalid("limit", "%d is less than 1", limit)
	}
	if r.Done() {
		return nil
	}
	ids := slices.Clone(r.order[r.asked:min(r.asked+limit, len(r.order))])
	n := len(ids)
	found, err := reachedFrom(ids)
	if err != nil {
		return err
	}
	if err := r.take("neighbours", found); err != nil {
		return err
	}
	r.asked += n
	return nil
}

// Done reports whether the neighbours of all nodes were asked for.
func (r *Reach) Done() bool { return r.asked == len(r.order) }

// Len returns the number of nodes that are reached so far.
func (r *Reach) Len() int { return len(r.order) }

// Has reports whether a node is reached so far.
func (r *Reach) Has(id string) bool {
	_, ok := r.seen[id]
	return ok
}

// IDs returns the nodes that are reached so far, the seeds among them, sorted.
func (r *Reach) IDs() []string { return slices.Sorted(slices.Values(r.order)) }

func (r *Reach) take(field string, ids []string) error {
	if slices.Contains(ids, "") {
		return invalid(field, "there is an empty id among them")
	}
	if r.seen == nil {
		r.seen = make(map[string]struct{}, len(ids))
	}
	for _, id := range ids {
		if !r.Has(id) {
			r.seen[id] = struct{}{}
			r.order = append(r.order, id)
		}
	}
	return nil
}

type reachJSON struct {
	Reached []string `json:"reached"`
	Asked   int      `json:"asked"`
}

// MarshalJSON writes what is reached and how far it was asked.
func (r *Reach) MarshalJSON() ([]byte, error) {
	return json.Marshal(reachJSON{append([]string{}, r.order...), r.asked})
}

// UnmarshalJSON reads what MarshalJSON writes, and returns an *[InvalidError]
// when that can not have been written by it.
func (r *Reach) UnmarshalJSON(text []byte) error {
	var j reachJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	read, err := NewReach(j.Reached...)
	switch {
	case err != nil:
		return err
	case read.Len() != len(j.Reached):
		return invalid("reached", "an id stands twice")
	case j.Asked < 0 || j.Asked > read.Len():
		return invalid("asked", "%d is not between 0 and the %d that are reached", j.Asked, read.Len())
	}
	read.asked = j.Asked
	*r = *read
	return nil
}
