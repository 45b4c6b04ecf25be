package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"
)

// compare returns where two JSON values differ, field by field. Numbers are compared by their value, instants by
// theirs.
func compare(expect, got json.RawMessage) ([]string, error) {
	want, err := value(expect)
	if err != nil {
		return nil, fmt.Errorf("expect: %w", err)
	}
	have, err := value(got)
	if err != nil {
		return nil, err
	}
	return differences("", want, have), nil
}

func value(b json.RawMessage) (any, error) {
	if len(b) == 0 {
		return nil, fmt.Errorf("is missing")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

func differences(at string, want, have any) []string {
	switch w := want.(type) {
	case map[string]any:
		if h, ok := have.(map[string]any); ok {
			return ofObjects(at, w, h)
		}
	case []any:
		if h, ok := have.([]any); ok && len(h) == len(w) {
			var all []string
			for i := range w {
				all = append(all, differences(fmt.Sprintf("%s[%d]", at, i), w[i], h[i])...)
			}
			return all
		}
	case json.Number:
		if h, ok := have.(json.Number); ok && number(w).Cmp(number(h)) == 0 {
			return nil
		}
	case string:
		if h, ok := have.(string); ok && (h == w || sameInstant(h, w)) {
			return nil
		}
	default:
		if want == have {
			return nil
		}
	}
	if at == "" {
		at = "got"
	}
	return []string{fmt.Sprintf("%s is %s, want %s", at, text(have), text(want))}
}

func ofObjects(at string, want, have map[string]any) []string {
	names := slices.Collect(maps.Keys(want))
	for name := range have {
		if _, ok := want[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var all []string
	for _, name := range names {
		path := name
		if at != "" {
			path = at + "." + name
		}
		w, expected := want[name]
		h, given := have[name]
		switch {
		case !expected:
			all = append(all, fmt.Sprintf("%s is %s, and is not expected", path, text(h)))
		case !given:
			all = append(all, fmt.Sprintf("%s is missing, want %s", path, text(w)))
		default:
			all = append(all, differences(path, w, h)...)
		}
	}
	return all
}

func number(n json.Number) *big.Rat {
	r, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return new(big.Rat)
	}
	return r
}

func sameInstant(a, b string) bool {
	ta, errA := time.Parse(time.RFC3339Nano, a)
	tb, errB := time.Parse(time.RFC3339Nano, b)
	return errA == nil && errB == nil && ta.Equal(tb)
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
