package apinotif

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/forewarn-go/forewarn/apinotif/tmf"
)

// The published files, below the folder that FOREWARN_TMF_DATA names.
const (
	file688 = "TMF688-Event-v4.0.0.swagger.json"
	file621 = "TMF621-TroubleTicket-v4.0.0.swagger.json"
)

// ours is what our events have beyond what v4.0.0 requires.
var ours = map[string][]string{
	"Event":         {"eventId", "eventTime", "eventType", "event"},
	"TroubleTicket": {"id", "status", "description", "severity", "ticketType"},
}

// published holds the schemas of the published files, closed: no attribute but theirs and tmf.Extension.
type published struct {
	envelope *jsonschema.Schema
	payload  map[string]*jsonschema.Schema // by our event type
}

func definitions(t testing.TB, dir, name string) map[string]any {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "specs", name))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defs := doc.(map[string]any)["definitions"].(map[string]any)
	for name, d := range defs {
		def := d.(map[string]any)
		if _, object := def["properties"]; object {
			def["additionalProperties"] = false
		}
		var required []any
		if list, ok := def["required"].([]any); ok {
			required = list
		}
		for _, r := range ours[name] {
			required = append(required, r)
		}
		if strings.HasSuffix(name, "EventPayload") {
			required = append(required, "troubleTicket")
		}
		if required != nil {
			def["required"] = required
		}
	}
	return defs
}

func schemas(t testing.TB) published {
	t.Helper()
	dir := os.Getenv("FOREWARN_TMF_DATA")
	if dir == "" {
		t.Skip("FOREWARN_TMF_DATA is not set: events are NOT checked against TM Forum's published files")
	}
	defs688, defs621 := definitions(t, dir, file688), definitions(t, dir, file621)
	// The one extension is TMF688's own Characteristic in the element that TMF621 v5 has.
	defs621["Characteristic"], defs621["CharacteristicRelationship"], defs621["Any"] = defs688["Characteristic"], defs688["CharacteristicRelationship"], defs688["Any"]
	properties := defs621["TroubleTicket"].(map[string]any)["properties"].(map[string]any)
	if _, has := properties[tmf.Extension]; has {
		t.Fatalf("TMF621 v4.0.0 has %s; it is no extension", tmf.Extension)
	}
	properties[tmf.Extension] = map[string]any{"type": "array", "items": map[string]any{"$ref": "#/definitions/Characteristic"}}

	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.AssertFormat()
	for url, defs := range map[string]map[string]any{"mem:688": defs688, "mem:621": defs621} {
		if err := c.AddResource(url, map[string]any{"definitions": defs}); err != nil {
			t.Fatal(err)
		}
	}
	compile := func(url string) *jsonschema.Schema {
		s, err := c.Compile(url)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	p := published{envelope: compile("mem:688#/definitions/Event"), payload: map[string]*jsonschema.Schema{}}
	for _, line := range table {
		p.payload[line.event] = compile("mem:621#/definitions/" + tmf.TMF621EventType(line.event) + "Payload")
	}
	return p
}

// check validates an event: the envelope by TMF688, what it is about by TMF621.
func (p published) check(eventType string, event any) error {
	if err := p.envelope.Validate(event); err != nil {
		return fmt.Errorf("TMF688: %w", err)
	}
	if err := p.payload[eventType].Validate(event.(map[string]any)["event"]); err != nil {
		return fmt.Errorf("TMF621: %w", err)
	}
	return nil
}

func goldenEvent(t testing.TB, file string) any {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file+".golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Covers: APIN-002
func TestGoldenIsValid(t *testing.T) {
	p := schemas(t)
	for _, s := range samples() {
		if err := p.check(s.want, goldenEvent(t, s.file)); err != nil {
			t.Errorf("%s: %v", s.file, err)
		}
	}
}

// mutant is an event with one fault.
type mutant struct {
	fault string
	event any
}

// mutants returns every fault of each kind: each attribute misspelt, each
// mistyped (what may be any JSON aside), and each missing that our events always have.
func mutants(t testing.TB, event any) map[string][]mutant {
	t.Helper()
	out := map[string][]mutant{}
	add := func(kind, fault string, change func(root map[string]any)) {
		b, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		change(fresh.(map[string]any))
		out[kind] = append(out[kind], mutant{fault, fresh})
	}
	var visit func(v any, path []any)
	visit = func(v any, path []any) {
		switch v := v.(type) {
		case []any:
			for i, e := range v {
				visit(e, append(slices.Clone(path), i))
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				at := fmt.Sprint(append(slices.Clone(path), name))
				in := func(root map[string]any) map[string]any { return walk(root, path).(map[string]any) }
				add("misspelt", at, func(root map[string]any) { o := in(root); o[name+"s"] = o[name]; delete(o, name) })
				if name == "value" { // Any in TMF688
					continue
				}
				add("mistyped", at, func(root map[string]any) {
					o := in(root)
					if _, text := o[name].(string); text {
						o[name] = json.Number("7")
					} else {
						o[name] = "text"
					}
				})
				visit(v[name], append(slices.Clone(path), name))
			}
		}
	}
	visit(event, nil)
	for _, name := range ours["Event"] {
		add("missing", name, func(root map[string]any) { delete(root, name) })
	}
	for _, name := range ours["TroubleTicket"] {
		add("missing", name, func(root map[string]any) {
			delete(walk(root, []any{"event", "troubleTicket"}).(map[string]any), name)
		})
	}
	add("missing", "troubleTicket", func(root map[string]any) { delete(root["event"].(map[string]any), "troubleTicket") })
	add("misspelt", "timeOccurred", func(root map[string]any) { root["timeOccurred"] = root["timeOcurred"]; delete(root, "timeOcurred") })
	add("mistyped", "eventTime", func(root map[string]any) { root["eventTime"] = "yesterday" })
	add("mistyped", "status", func(root map[string]any) {
		walk(root, []any{"event", "troubleTicket"}).(map[string]any)["status"] = "New"
	})
	return out
}

func walk(v any, path []any) any {
	for _, p := range path {
		switch p := p.(type) {
		case int:
			v = v.([]any)[p]
		case string:
			v = v.(map[string]any)[p]
		}
	}
	return v
}

// Covers: APIN-002
func TestEveryMutationIsCaught(t *testing.T) {
	p := schemas(t)
	for _, s := range samples() {
		all := mutants(t, goldenEvent(t, s.file))
		for kind, least := range map[string]int{"misspelt": 20, "mistyped": 20, "missing": 10} {
			if len(all[kind]) < least {
				t.Errorf("%s: only %d mutants are %s", s.file, len(all[kind]), kind)
			}
			for _, m := range all[kind] {
				if err := p.check(s.want, m.event); err == nil {
					t.Errorf("%s: %s is %s, and the published files take it", s.file, m.fault, kind)
				}
			}
		}
	}
}
