package tmf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// What a posted body may be at most.
const (
	MaxBody    = 256 << 10 // bytes
	MaxDepth   = 16        // objects and arrays inside one another
	MaxEntries = 1000      // of one array or object
)

// InvalidError says what of a posted body is wrong.
type InvalidError struct {
	Attribute string // as relatedEntity[0].@referredType; "body" when it is about the whole
	Rule      string // the rule that it breaks
	TooLarge  bool   // the body is over MaxBody: 413, and 400 otherwise
}

func (e *InvalidError) Error() string { return "tmf: " + e.Attribute + ": " + e.Rule }

// HTTPStatus returns the status with which a server answers.
func (e *InvalidError) HTTPStatus() int {
	if e.TooLarge {
		return 413
	}
	return 400
}

// Body returns TM Forum's body of the answer.
func (e *InvalidError) Body() Error {
	status := strconv.Itoa(e.HTTPStatus())
	return Error{Code: status, Reason: e.Rule, Message: e.Attribute, Status: status}
}

func invalid(attribute, format string, args ...any) *InvalidError {
	return &InvalidError{Attribute: attribute, Rule: fmt.Sprintf(format, args...)}
}

// readBody reads a JSON object within the limits. Attributes have their exact
// spelling and stand once in their object.
func readBody(body []byte) (object, error) {
	if len(body) > MaxBody {
		return object{}, &InvalidError{Attribute: "body", Rule: fmt.Sprintf("is over %d bytes", MaxBody), TooLarge: true}
	}
	if !utf8.Valid(body) {
		return object{}, invalid("body", "is not UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return object{}, invalid("body", "is no JSON: %v", err)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := readValue(d, "", 0)
	if err != nil {
		var mine *InvalidError
		if errors.As(err, &mine) {
			return object{}, mine
		}
		return object{}, invalid("body", "is no JSON: %v", err)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return object{}, invalid("body", "is %s and must be an object", kindOf(v))
	}
	return object{m: m}, nil
}

func readValue(d *json.Decoder, path string, depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	open, ok := t.(json.Delim)
	if !ok {
		if s, isText := t.(string); isText && strings.ContainsRune(s, 0) {
			return nil, invalid(named(path), "has a NUL character")
		}
		return t, nil
	}
	if depth == MaxDepth {
		return nil, invalid(named(path), "is more than %d objects and arrays deep", MaxDepth)
	}
	var out any
	if open == '{' {
		out, err = readObject(d, path, depth)
	} else {
		out, err = readArray(d, path, depth)
	}
	if err != nil {
		return nil, err
	}
	_, err = d.Token() // the closing delimiter
	return out, err
}

func readObject(d *json.Decoder, path string, depth int) (any, error) {
	m := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := t.(string)
		if !ok {
			return nil, invalid(named(path), "has an attribute without a name")
		}
		below := join(path, name)
		if _, twice := m[name]; twice {
			return nil, invalid(below, "stands there twice")
		}
		if strings.ContainsRune(name, 0) {
			return nil, invalid(named(path), "has an attribute with a NUL character in its name")
		}
		if len(m) == MaxEntries {
			return nil, invalid(named(path), "has more than %d attributes", MaxEntries)
		}
		if m[name], err = readValue(d, below, depth+1); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func readArray(d *json.Decoder, path string, depth int) (any, error) {
	list := []any{}
	for d.More() {
		if len(list) == MaxEntries {
			return nil, invalid(named(path), "has more than %d entries", MaxEntries)
		}
		v, err := readValue(d, fmt.Sprintf("%s[%d]", path, len(list)), depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func named(path string) string {
	if path == "" {
		return "body"
	}
	return path
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	}
	return "an object"
}

// object is a JSON object and where it stands.
type object struct {
	path string
	m    map[string]any
}

func (o object) at(name string) string { return join(o.path, name) }

// text returns a string, and whether it is there. An explicit null counts as absent.
func (o object) text(name string) (string, bool, error) {
	v := o.m[name]
	if v == nil {
		return "", false, nil
	}
	s, ok := v.(string)
	if !ok {
		return "", false, invalid(o.at(name), "is %s and must be a string", kindOf(v))
	}
	return s, true, nil
}

// required returns a string that is there and not blank.
func (o object) required(name string) (string, error) {
	s, there, err := o.text(name)
	if err != nil {
		return "", err
	}
	if !there {
		return "", invalid(o.at(name), "is mandatory")
	}
	if strings.TrimSpace(s) == "" {
		return "", invalid(o.at(name), "is mandatory and is blank")
	}
	return s, nil
}

// time returns a date-time of RFC 3339, zero when it is absent.
func (o object) time(name string) (time.Time, error) {
	s, there, err := o.text(name)
	if err != nil || !there {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, invalid(o.at(name), "is no date-time as 2026-01-05T09:00:00Z")
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

// object returns an object, and whether it is there.
func (o object) object(name string) (object, bool, error) {
	v := o.m[name]
	if v == nil {
		return object{}, false, nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return object{}, false, invalid(o.at(name), "is %s and must be an object", kindOf(v))
	}
	return object{path: o.at(name), m: m}, true, nil
}

// objects returns the entries of an array of objects.
func (o object) objects(name string) ([]object, error) {
	v := o.m[name]
	if v == nil {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, invalid(o.at(name), "is %s and must be an array", kindOf(v))
	}
	out := make([]object, len(list))
	for i, e := range list {
		path := fmt.Sprintf("%s[%d]", o.at(name), i)
		m, ok := e.(map[string]any)
		if !ok {
			return nil, invalid(path, "is %s and must be an object", kindOf(e))
		}
		out[i] = object{path: path, m: m}
	}
	return out, nil
}

// only refuses attributes that are not among names, so that a misspelt one is not lost in silence.
func (o object) only(names ...string) error {
	for _, name := range slices.Sorted(maps.Keys(o.m)) { // sorted: the same one each time
		if !slices.Contains(names, name) {
			if name == "" {
				name = `""`
			}
			return invalid(o.at(name), "is no attribute of TMF621 v4.0.0")
		}
	}
	return nil
}
