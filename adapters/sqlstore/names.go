package sqlstore

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/forewarn-go/forewarn/store"
)

// maxPrefix leaves room for the longest name of a kind within the 63 bytes that PostgreSQL keeps of a name.
const maxPrefix = 20

// checkPrefix returns an error unless prefix is a lower-case letter, then
// lower-case letters, digits and underscores, at most maxPrefix bytes.
func checkPrefix(prefix string) error {
	bad := prefix == "" || len(prefix) > maxPrefix || prefix[0] < 'a' || prefix[0] > 'z'
	for i := 0; i < len(prefix) && !bad; i++ {
		c := prefix[i]
		bad = c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9')
	}
	if bad {
		return &store.InvalidError{Field: "Prefix", Rule: fmt.Sprintf(
			"%q is not a lower-case letter, then lower-case letters, digits and underscores, at most %d bytes", prefix, maxPrefix)}
	}
	return nil
}

// quote quotes a name. Names are made of letters, digits, underscores and dollars only.
func quote(name string) string { return `"` + name + `"` }

// literal quotes a text for a statement that can be printed.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// taken are names that a column of a field cannot have: our own columns and those that the engines have in every table.
var taken = map[string]bool{
	"tenant": true, "id": true, "version": true, "generation": true, "body": true,
	"xmin": true, "xmax": true, "cmin": true, "cmax": true, "ctid": true, "tableoid": true,
	"rowid": true, "oid": true,
}

// columnName returns the column of a field. Fields begin with a letter, so a leading underscore is free.
func columnName(field string) string {
	if taken[field] {
		return "_" + field
	}
	return field
}

// indexName returns the name of an index of a table. It ends in a hash of what
// the index is, so that one which changed has another name, and cannot be the
// name of a table, since no kind has a dollar in its name.
func indexName(table string, columns []string) string {
	h := fnv.New32a()
	h.Write([]byte(strings.Join(columns, ",")))
	suffix := fmt.Sprintf("$%08x", h.Sum32())
	name := table + "$" + strings.Join(columns, "_")
	if most := 63 - len(suffix); len(name) > most {
		name = name[:most]
	}
	return name + suffix
}
