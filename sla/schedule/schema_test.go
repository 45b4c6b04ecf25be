package schedule_test

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

// compiled returns the published schema, of a schedule or of a definition in it.
func compiledSchema(t testing.TB, definition string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schedule.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	const at = "schedule.schema.json"
	if err := c.AddResource(at, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(at + definition)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func bySchema(t testing.TB, s *jsonschema.Schema, text string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

// The schema and the parser agree on what is well-formed.
func TestSchema(t *testing.T) {
	s := compiledSchema(t, "")
	for _, text := range wellFormed {
		if err := bySchema(t, s, text); err != nil {
			t.Errorf("the schema refuses %s: %v", text, err)
		}
		if _, err := schedule.Parse([]byte(text)); err != nil {
			t.Errorf("the parser refuses %s: %v", text, err)
		}
	}
	for _, c := range refused {
		if c.beyondSchema {
			continue
		}
		if err := bySchema(t, s, c.text); err == nil {
			t.Errorf("the schema takes %s", c.text)
		}
	}
}

func TestSchemaOfLibrary(t *testing.T) {
	s := compiledSchema(t, "#/$defs/library")
	const good = `{"schedules": {"a": {"zone": "UTC", "week": {"mon": ["09:00-17:00"]}}, "b": {"ref": "a"}, "c": {"union": [{"ref": "a"}, {"always": true}]}}}`
	if err := bySchema(t, s, good); err != nil {
		t.Error(err)
	}
	if _, err := schedule.ParseLibrary([]byte(good)); err != nil {
		t.Error(err)
	}
	const bad = `{"schedules": {"a": {"ref": "b", "zone": "UTC"}, "b": {}}}`
	if err := bySchema(t, s, bad); err == nil {
		t.Error("the schema takes a ref beside a zone")
	}
	if _, err := schedule.ParseLibrary([]byte(bad)); err == nil {
		t.Error("the parser takes a ref beside a zone")
	}
}
