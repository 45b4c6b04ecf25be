package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// CheckKeys returns an *InvalidError when a key is incomplete or of a kind that
// is not kept. Adapters call it in Get.
func CheckKeys(kinds *Kinds, keys ...Key) error {
	for i, k := range keys {
		if rule := k.check(); rule != "" {
			return invalid(at("keys", i), "%s", rule)
		}
		if _, err := kinds.Get(k.Kind); err != nil {
			return err
		}
	}
	return nil
}

// CheckNumbers returns an *InvalidError unless the arguments of Numbers name a
// tenant and a series and ask for at least one number.
func CheckNumbers(tenant, series string, n int) error {
	switch {
	case tenant == "":
		return invalid("tenant", "is empty")
	case checkText(tenant) != "":
		return invalid("tenant", "%s", checkText(tenant))
	case series == "":
		return invalid("series", "is empty")
	case checkText(series) != "":
		return invalid("series", "%s", checkText(series))
	case n < 1:
		return invalid("n", "%d is below 1", n)
	}
	return nil
}

// CheckShards returns the shards of a reader sorted and each once, or an
// *InvalidError when one is not within 0 and Shards-1.
func CheckShards(shards ...int) ([]int, error) {
	sorted := slices.Clone(shards)
	slices.Sort(sorted)
	for _, s := range sorted {
		if s < 0 || s >= Shards {
			return nil, invalid("shards", "%d is not within 0 and %d", s, Shards-1)
		}
	}
	return slices.Compact(sorted), nil
}

// check returns why k names no record, or "".
func (k Key) check() string {
	switch {
	case k.Tenant == "":
		return "has no tenant"
	case k.Kind == "":
		return "has no kind"
	case k.ID == uuid.Nil:
		return "has no id"
	}
	if rule := checkText(k.Tenant); rule != "" {
		return "tenant: " + rule
	}
	return ""
}

// check returns why no log can take the event, or "".
func (e *Event) check() string {
	switch {
	case e.ID == uuid.Nil:
		return "has no id"
	case e.Type == "":
		return "has no type"
	}
	if rule := e.Ticket.check(); rule != "" {
		return "ticket: " + rule
	}
	for _, text := range []string{e.Ticket.Kind, e.Type, e.Lane} {
		if rule := checkText(text); rule != "" {
			return rule
		}
	}
	return checkBody(e.Body)
}

// checkText returns why s is no text that every store takes, or "".
func checkText(s string) string {
	switch {
	case len(s) > MaxText:
		return fmt.Sprintf("a text has at most %d bytes", MaxText)
	case strings.IndexByte(s, 0) >= 0:
		return "a text holds no NUL"
	case !utf8.ValidString(s):
		return "a text is valid UTF-8"
	}
	return ""
}

// checkBody returns why b is no body, or "". Engines that keep JSON as such
// refuse the same, but only when the commit is under way.
func checkBody(b json.RawMessage) string {
	switch {
	case len(b) == 0:
		return "has no body"
	case !utf8.Valid(b):
		return "the body is not valid UTF-8"
	case !valid(b):
		return "the body is not JSON"
	}
	return ""
}
