package impact

import (
	"maps"
	"slices"
	"strconv"
)

// Direction is the way that impact takes over a relation.
type Direction string

// The directions.
const (
	ToHolder Direction = "to_holder" // what happens to the target reaches the holder: it depends on the target
	ToTarget Direction = "to_target" // what happens to the holder reaches the target
	BothWays Direction = "both_ways"
	NoImpact Direction = "no_impact"
)

// Directions gives each type of relation its direction. A type that it does
// not have is an error, so that no impact is lost by a spelling.
type Directions map[string]Direction

// DefaultDirections returns the directions of the usual relations. The caller
// may change what it gets.
func DefaultDirections() Directions {
	return Directions{
		"depends_on": ToHolder, "used_by": ToTarget,
		"runs_on": ToHolder, "runs": ToTarget,
		"hosted_on": ToHolder, "hosts": ToTarget,
		"uses":        ToHolder,
		"connects":    ToHolder,
		"connects_to": ToHolder, "connected_by": ToTarget,
		"provided_by": ToHolder, "provides": ToTarget,
		"powered_by": ToHolder, "powers": ToTarget,
	}
}

// Of returns the direction of a type of relation, or an *[InvalidError] for a
// type that has none.
func (d Directions) Of(relation string) (Direction, error) {
	switch way, ok := d[relation]; {
	case !ok:
		return "", invalid("relations.type", "no direction of impact is known for %s", quote(relation))
	case way == ToHolder || way == ToTarget || way == BothWays || way == NoImpact:
		return way, nil
	default:
		return "", invalid("directions["+quote(relation)+"]", "%s is no direction", quote(string(way)))
	}
}

// Check returns an *[InvalidError] that names a type of relation whose direction is none.
func (d Directions) Check() error {
	for _, relation := range slices.Sorted(maps.Keys(d)) {
		if _, err := d.Of(relation); err != nil {
			return err
		}
	}
	return nil
}

func quote(s string) string { return strconv.Quote(s) }
