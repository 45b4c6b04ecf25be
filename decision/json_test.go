package decision

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

func compiledSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("table.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("table.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func bySchema(s *jsonschema.Schema, data []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

// Covers: DEC-026
func TestJSONRoundTrip(t *testing.T) {
	s := compiledSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		table := genFull(t)
		data, err := FormatJSON(table)
		if err != nil {
			t.Fatal(err)
		}
		read, err := ParseJSON(data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if !sameTable(table, read) {
			t.Fatalf("read %+v\nwrote %+v\n%s", read, table, data)
		}
		again, err := FormatJSON(read)
		if err != nil || !bytes.Equal(data, again) {
			t.Fatalf("%v: not the same bytes again:\n%s\n%s", err, data, again)
		}
		if err := bySchema(s, data); err != nil {
			t.Fatalf("the schema refuses what was written: %v\n%s", err, data)
		}
		// The same within another value, as records keep it.
		kept, err := json.Marshal(map[string]any{"table": table})
		if err != nil {
			t.Fatal(err)
		}
		var back struct{ Table Table }
		if err := json.Unmarshal(kept, &back); err != nil || !sameTable(table, back.Table) {
			t.Fatalf("%v: within another value: %s", err, kept)
		}
	})
}

// Each is a valid table; the last of its lists differ.
var goodJSON = []string{
	`{"name": "t", "outputs": [{"name": "o", "type": "string"}]}`,
	`{"$schema": "x", "name": "t", "hitPolicy": "", "inputs": [], "outputs": [{"name": "o", "type": "string"}], "rules": []}`,
	`{"name": "t", "hitPolicy": "C+", "outputs": [{"name": "o", "type": "number"}], "rules": [{"o": 1}, {"o": 2.50, "id": "r"}]}`,
	`{"rules": [{"i": 5, "j": true, "o": null}, {"i": "[1..2)", "j": "-", "o": "PT1H"}], "name": "t",
	  "inputs": [{"name": "i", "type": "number", "allowed": "[0..10]"}, {"name": "j", "type": "boolean"}],
	  "outputs": [{"name": "o", "type": "duration", "allowed": ["PT1H", "PT2H"], "default": "PT2H"}]}`,
	`{"name": "t", "inputs": [{"name": "x", "type": "string", "optional": true}], "outputs": [{"name": "x", "type": "string"}], "annotations": ["why"],
	  "rules": [{"id": "1", "when": ["a"], "then": ["b"], "annotations": ["c"]}, {"when": [""], "then": [""]}]}`,
	`{"name": "t", "created": "2026-11-25", "inputs": [{"name": "when", "type": "string"}], "outputs": [{"name": "then", "type": "string"}],
	  "rules": [{"when": "a", "then": "b"}, {"when": ["b"], "then": ["a"]}]}`,
	"\ufeff" + `{"name": "t", "outputs": [{"name": "o", "type": "string"}], "properties": {"k": "v"}}`,
	`{"name": "\ud83d\ude00 \uFFFD \\ud800 � \\", "outputs": [{"name": "o", "type": "string"}], "properties": {"\ud83d\ude00 \\ud800": "�"}}`,
}

func TestJSONGood(t *testing.T) {
	s := compiledSchema(t)
	for _, text := range goodJSON {
		if _, err := ParseJSON([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if err := bySchema(s, []byte(strings.TrimPrefix(text, "\ufeff"))); err != nil {
			t.Errorf("the schema refuses %s: %v", text, err)
		}
	}
}

// jsonTable is a table with these lists.
func jsonTable(inputs, outputs, rules string) string {
	return fmt.Sprintf(`{"name": "t", "inputs": [%s], "outputs": [%s], "rules": [%s]}`, inputs, outputs, rules)
}

func TestJSONRefused(t *testing.T) {
	const in, out = `{"name": "i", "type": "number"}`, `{"name": "o", "type": "string"}`
	s := compiledSchema(t)
	for _, c := range []struct {
		refusal
		beyondSchema bool // the schema cannot say it
	}{
		{refusal{name: "no JSON", text: "{\n\"name\": t}", kind: ErrSyntax, place: "line 2", says: "is not JSON"}, true},
		{refusal{name: "end", text: "{\n\"name\":", kind: ErrSyntax, place: "line 2", says: "ends within"}, true},
		{refusal{name: "nothing", text: "", kind: ErrSyntax, place: "line 1", says: "ends within"}, true},
		{refusal{name: "more", text: jsonTable("", out, "") + "\n{}", kind: ErrSyntax, place: "line 2", says: "something follows"}, true},
		{refusal{name: "no UTF-8", text: "{\n\"name\": \"\xff\"}", kind: ErrSyntax, place: "line 2", says: "not UTF-8"}, true},
		{refusal{name: "deep", text: strings.Repeat("[", 9) + strings.Repeat("]", 9), kind: ErrLimit, place: "line 1", says: "within one another"}, false},
		{refusal{name: "list", text: "[]", kind: ErrSyntax, says: "the table is no JSON object"}, false},
		{refusal{name: "null", text: "null", kind: ErrSyntax, says: "the table is no JSON object"}, false},
		{refusal{name: "unknown field", text: `{"name": "t", "Inputs": []}`, kind: ErrSyntax, says: `unknown field "Inputs"`}, false},
		{refusal{name: "twice", text: `{"name": "t", "name": "u"}`, kind: ErrSyntax, says: `the field "name" twice`}, true},
		{refusal{name: "no name", text: `{"outputs": [` + out + `]}`, kind: ErrTable, says: "has no name"}, false},
		{refusal{name: "no output", text: `{"name": "t"}`, kind: ErrTable, says: "has no output"}, false},
		{refusal{name: "name", text: `{"name": 1}`, kind: ErrSyntax, says: `"name" is no JSON string`}, false},
		{refusal{name: "half a pair", text: `{"name": "t\ud800"}`, kind: ErrSyntax, says: `half of a surrogate pair`}, true},
		{refusal{name: "half a pair beside the sign of it", text: `{"name": "\ufffd\ud800"}`, kind: ErrSyntax, says: `half of a surrogate pair`}, true},
		{refusal{name: "half a pair beside what looks like it", text: `{"name": "\\ufffd\udc00"}`, kind: ErrSyntax, says: `half of a surrogate pair`}, true},
		{refusal{name: "half a pair in a field's name", text: `{"name": "t", "properties": {"k\ud83d": "v"}}`, kind: ErrSyntax, says: `half of a surrogate pair`}, true},
		{refusal{name: "half a pair in a rule's field", text: jsonTable(`{"name": "\ufffd", "type": "number"}`, out, `{"\udc00": 1, "o": "a"}`), kind: ErrSyntax, rule: 1, says: `half of a surrogate pair`}, true},
		{refusal{name: "created", text: `{"name": "t", "created": "today"}`, kind: ErrSyntax, says: `created "today"`}, true},
		{refusal{name: "property", text: `{"name": "t", "properties": {"a": 1}}`, kind: ErrSyntax, says: `"a" is no JSON string`}, false},
		{refusal{name: "properties", text: `{"name": "t", "properties": []}`, kind: ErrSyntax, says: `properties is no JSON object`}, false},
		{refusal{name: "policy", text: `{"name": "t", "hitPolicy": "BEST"}`, kind: ErrSyntax, says: `"BEST" is none of`}, false},
		{refusal{name: "policy's spelling", text: `{"name": "t", "hitPolicy": "unique"}`, kind: ErrSyntax, says: `is written UNIQUE`}, false},
		{refusal{name: "inputs", text: `{"name": "t", "inputs": {}}`, kind: ErrSyntax, says: `"inputs" is no JSON list`}, false},
		{refusal{name: "input", text: jsonTable("1", out, ""), kind: ErrSyntax, says: "input 1 is no JSON object"}, false},
		{refusal{name: "input's field", text: jsonTable(`{"name": "i", "default": 1}`, out, ""), kind: ErrSyntax, says: `input 1 has the unknown field "default"`}, false},
		{refusal{name: "no type", text: jsonTable(`{"name": "i"}`, out, ""), kind: ErrSyntax, column: "i", says: "has no type"}, false},
		{refusal{name: "type", text: jsonTable(`{"name": "i", "type": "int"}`, out, ""), kind: ErrSyntax, column: "i", says: `type "int" is none of`}, false},
		{refusal{name: "type's spelling", text: jsonTable(`{"name": "i", "type": "Number"}`, out, ""), kind: ErrSyntax, column: "i", says: `is written "number"`}, false},
		{refusal{name: "optional", text: jsonTable(`{"name": "i", "type": "number", "optional": 1}`, out, ""), kind: ErrSyntax, column: "i", says: `true or false`}, false},
		{refusal{name: "allowed", text: jsonTable(`{"name": "i", "type": "number", "allowed": []}`, out, ""), kind: ErrSyntax, column: "i", says: `is empty`}, false},
		{refusal{name: "allowed value", text: jsonTable(`{"name": "i", "type": "number", "allowed": ["a"]}`, out, ""), kind: ErrType, column: "i", says: `"a" is no number`}, true},
		{refusal{name: "allowed cell", text: jsonTable(`{"name": "i", "type": "number", "allowed": "[1..2"}`, out, ""), kind: ErrSyntax, column: "i", says: `closing bracket`}, true},
		{refusal{name: "allowed number", text: jsonTable(`{"name": "i", "type": "number", "allowed": 1}`, out, ""), kind: ErrSyntax, column: "i", says: `"allowed" is no JSON string`}, false},
		{refusal{name: "default", text: jsonTable(in, `{"name": "o", "type": "date", "default": "x"}`, ""), kind: ErrType, column: "o", says: `"x" is no date`}, true},
		{refusal{name: "annotations", text: `{"name": "t", "annotations": [1]}`, kind: ErrSyntax, says: "annotation 1 is no JSON string"}, false},
		{refusal{name: "rule", text: jsonTable(in, out, `1`), kind: ErrSyntax, rule: 1, says: "no JSON object"}, false},
		{refusal{name: "no condition", text: jsonTable(in, out, `{"o": "a"}`), kind: ErrSyntax, column: "i", rule: 1, says: `any value is written "-"`}, true},
		{refusal{name: "no value", text: jsonTable(in, out, `{"i": 1, "o": "a"}, {"i": 2}`), kind: ErrSyntax, column: "o", rule: 2, says: `is written null`}, true},
		{refusal{name: "condition", text: jsonTable(in, out, `{"i": "> a", "o": "a"}`), kind: ErrSyntax, column: "i", rule: 1, says: `"a" is no number`}, true},
		{refusal{name: "null condition", text: jsonTable(in, out, `{"i": null, "o": "a"}`), kind: ErrSyntax, column: "i", rule: 1, says: `a condition is a text`}, true},
		{refusal{name: "list as condition", text: jsonTable(in, out, `{"i": [1], "o": "a"}`), kind: ErrSyntax, column: "i", rule: 1, says: `a condition is a text`}, false},
		{refusal{name: "value", text: jsonTable(in, out, `{"i": 1, "o": 1}`), kind: ErrType, column: "o", rule: 1, says: `1 is no string`}, true},
		{refusal{name: "list as value", text: jsonTable(in, out, `{"i": 1, "o": []}`), kind: ErrSyntax, column: "o", rule: 1, says: `a value is`}, false},
		{refusal{name: "unknown column", text: jsonTable(in, out, `{"i": 1, "o": "a", "p": "b"}`), kind: ErrSyntax, rule: 1, says: `no column "p"`}, true},
		{refusal{name: "twice in a rule", text: jsonTable(in, out, `{"i": 1, "i": 1, "o": "a"}`), kind: ErrSyntax, rule: 1, says: `the field "i" twice`}, true},
		{refusal{name: "clash", text: jsonTable(`{"name": "o", "type": "string"}`, out, `{"o": "a"}`), kind: ErrSyntax, rule: 1, says: `two columns have the name "o"`}, true},
		{refusal{name: "column id", text: jsonTable(`{"name": "id", "type": "string"}`, out, `{"id": "a", "o": "a"}`), kind: ErrSyntax, rule: 1, says: `the name "id"`}, true},
		{refusal{name: "lists too long", text: jsonTable(in, out, `{"when": [1, 2], "then": ["a"]}`), kind: ErrSyntax, rule: 1, says: `more conditions than inputs`}, true},
		{refusal{name: "values too many", text: jsonTable(in, out, `{"when": [1], "then": ["a", "b"]}`), kind: ErrSyntax, rule: 1, says: `more values than outputs`}, true},
		{refusal{name: "lists too short", text: jsonTable(in, out, `{"when": [1]}`), kind: ErrTable, rule: 1, says: `has 0 values for 1 output`}, true},
		{refusal{name: "lists and more", text: jsonTable(in, out, `{"when": [1], "then": ["a"], "o": "a"}`), kind: ErrSyntax, rule: 1, says: `unknown field "o"`}, true},
		{refusal{name: "not allowed", text: jsonTable(`{"name": "i", "type": "enum", "allowed": ["a"]}`, out, `{"i": "b", "o": "a"}`), kind: ErrNotAllowed, column: "i", rule: 1, says: `none of the allowed`}, true},
		{refusal{name: "empty", text: jsonTable(in, out, `{"i": "", "o": "a"}`), kind: ErrNotAllowed, column: "i", rule: 1, says: `any value is written "-"`}, true},
		{refusal{name: "large", text: strings.Repeat(" ", MaxFile+1), kind: ErrLimit, says: "bytes, at most"}, true},
		{refusal{name: "many rules", text: jsonTable("", `{"name": "o", "type": "number"}`, strings.Repeat(`{"o":1},`, MaxRules)+`{"o":1}`), kind: ErrLimit, says: "more than 100000 entries"}, true},
		{refusal{name: "long text", text: jsonTable(in, out, `{"i": 1, "o": "`+strings.Repeat("a", MaxText+1)+`"}`), kind: ErrLimit, column: "o", rule: 1, says: "64001 bytes"}, true},
	} {
		table, err := ParseJSON([]byte(c.text))
		c.check(t, table, err)
		if !c.beyondSchema && bySchema(s, []byte(c.text)) == nil {
			t.Errorf("%s: the schema takes it", c.name)
		}
	}
}

// Nothing invalid is written.
func TestJSONNotWritten(t *testing.T) {
	for name, table := range map[string]Table{
		"no name":  {Outputs: []Output{{Name: "o", Type: String}}},
		"no UTF-8": {Name: "t", Outputs: []Output{{Name: "o", Type: String}}, Rules: []Rule{{Then: []Value{Text("\xff")}}}},
		"missing":  {Name: "t", Outputs: []Output{{Name: "o", Type: String}}, Rules: []Rule{{Then: []Value{Missing()}}}},
	} {
		if data, err := FormatJSON(table); err == nil {
			t.Errorf("%s: %s", name, data)
		}
		if data, err := json.Marshal(table); err == nil {
			t.Errorf("%s: %s", name, data)
		}
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, text := range goodJSON {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := ParseJSON(data)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}
			return
		}
		written, err := FormatJSON(table)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := ParseJSON(written)
		if err != nil || !sameTable(table, again) {
			t.Fatalf("%v: read %+v\nagain %+v\n%s", err, table, again, written)
		}
	})
}
