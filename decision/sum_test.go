package decision

import (
	"testing"
	"time"
)

// A sum that its type cannot hold is null, and never a value that nobody can read.
func TestSumThatDoesNotFit(t *testing.T) {
	large, ok := ParseValue("9e6199", Number)
	if ok != nil {
		t.Fatal(ok)
	}
	for name, values := range map[string][]Value{
		"numbers":   {large, large},
		"durations": {DurationOf(time.Duration(1 << 62)), DurationOf(time.Duration(1 << 62))},
	} {
		if got := aggregate(Sum, values); !got.IsNull() {
			t.Errorf("%s: %v", name, got)
		}
	}
}
