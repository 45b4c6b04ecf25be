package decision

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestParseInputs(t *testing.T) {
	have, err := ParseInputs([]byte("\ufeff{\"text\": \"\\ud83d\\ude00\", \"Text\": \"\", \"number\": 0.10000000000000000000000001, \"yes\": true, \"no\": false, \"none\": null, \"\": \"2026-11-25\"}\n"))
	want := map[string]any{"text": "😀", "Text": "", "number": json.Number("0.10000000000000000000000001"), "yes": true, "no": false, "none": nil, "": "2026-11-25"}
	if err != nil || !reflect.DeepEqual(have, want) {
		t.Errorf("%v: %v", err, have)
	}
	for _, c := range []refusal{
		{name: "nothing", text: "", kind: ErrSyntax, place: "line 1", says: "the file ends within the input"},
		{name: "no JSON", text: "{\nx}", kind: ErrSyntax, place: "line 2", says: "is not JSON"},
		{name: "more", text: "{}\n{}", kind: ErrSyntax, place: "line 2", says: "something follows the input"},
		{name: "list", text: "[]", kind: ErrSyntax, says: "the input is no JSON object"},
		{name: "null", text: "null", kind: ErrSyntax, says: "the input is no JSON object"},
		{name: "no UTF-8", text: "{\"x\": \"\xe4\"}", kind: ErrSyntax, place: "line 1", says: "not UTF-8"},
		{name: "twice", text: `{"x": 1, "y": 2, "x": 1}`, kind: ErrSyntax, says: `the field "x" twice`},
		{name: "twice in another form", text: `{"x": 1, "\u0078": 1}`, kind: ErrSyntax, says: `the field "x" twice`},
		{name: "half a pair in a name", text: `{"x\ud800": 1}`, kind: ErrSyntax, says: "half of a surrogate pair"},
		{name: "half a pair", text: `{"x": "\udc00"}`, kind: ErrSyntax, column: "x", says: "half of a surrogate pair"},
		{name: "list as value", text: `{"x": [1]}`, kind: ErrSyntax, column: "x", says: "and not [1]"},
		{name: "object as value", text: `{"x": {"a": "b"}}`, kind: ErrSyntax, column: "x", says: `and not {"a": "b"}`},
		{name: "deep", text: strings.Repeat(`{"x":`, 9), kind: ErrLimit, place: "line 1", says: "within one another"},
		{name: "long", text: `{"x": "` + strings.Repeat("a", MaxText+1) + `"}`, kind: ErrLimit, column: "x", says: "64001 bytes"},
		{name: "large", text: strings.Repeat(" ", MaxFile+1), kind: ErrLimit, says: "bytes, at most"},
	} {
		inputs, err := ParseInputs([]byte(c.text))
		c.check(t, Table{}, err)
		if inputs != nil {
			t.Errorf("%s: inputs come with the error", c.name)
		}
	}
}

func FuzzParseInputs(f *testing.F) {
	f.Add([]byte(`{"text": "\ud83d\ude00", "number": 1e3, "yes": true, "none": null}`))
	f.Add([]byte(`{"x": "\ud800", "x": 1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		inputs, err := ParseInputs(data)
		if err != nil {
			if inputs != nil || err.Error() == "" {
				t.Fatal(inputs, err)
			}
			return
		}
		written, err := json.Marshal(inputs)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseInputs(written)
		if err != nil || !reflect.DeepEqual(inputs, again) {
			t.Fatalf("%v: read %v, again %v", err, inputs, again)
		}
	})
}
