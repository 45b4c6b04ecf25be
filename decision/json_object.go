package decision

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonObject are the fields of a JSON object.
type jsonObject map[string]json.RawMessage

// jsonFields takes an object apart. Without known names, it takes any.
func jsonFields(data []byte, what string, known ...string) (jsonObject, error) {
	in := json.NewDecoder(bytes.NewReader(data))
	if token, err := in.Token(); err != nil || token != json.Delim('{') {
		return nil, syntax("%s is no JSON object", what)
	}
	fields := jsonObject{}
	for in.More() {
		from := in.InputOffset()
		token, err := in.Token()
		if err != nil {
			return nil, syntax("%s: %v", what, err)
		}
		name, _ := token.(string)
		if halfPair(data[from:in.InputOffset()]) {
			return nil, syntax("%s has a field whose name has half of a surrogate pair: %s", what, quote(cut(name)))
		}
		if _, twice := fields[name]; twice {
			return nil, syntax("%s has the field %s twice", what, quote(cut(name)))
		}
		if len(known) > 0 && !slices.Contains(known, name) {
			return nil, syntax("%s has the unknown field %s", what, quote(cut(name)))
		}
		var raw json.RawMessage
		if err := in.Decode(&raw); err != nil {
			return nil, syntax("%s: %v", what, err)
		}
		fields[name] = raw
	}
	return fields, nil
}

// text reads a field that is a text, if it is there.
func (o jsonObject) text(name string, to *string) error {
	raw, given := o[name]
	if !given {
		return nil
	}
	return jsonText(raw, "the field "+quote(name), to)
}

// list reads a field that is a list, if it is there; read gets the number of the
// entry, from 1.
func (o jsonObject) list(name string, read func(n int, data []byte) error) error {
	raw, given := o[name]
	if !given {
		return nil
	}
	in := json.NewDecoder(bytes.NewReader(raw))
	if token, err := in.Token(); err != nil || token != json.Delim('[') {
		return syntax("the field %s is no JSON list", quote(name))
	}
	for n := 1; in.More(); n++ {
		if n > MaxRules { // no list may have more entries than that of the rules
			return &Error{Kind: ErrLimit, Reason: "the list " + quote(name) + " has more than " + itoa(MaxRules) + " entries"}
		}
		var entry json.RawMessage
		if err := in.Decode(&entry); err != nil {
			return syntax("the field %s: %v", quote(name), err)
		}
		if err := read(n, entry); err != nil {
			return err
		}
	}
	return nil
}

func jsonText(raw []byte, what string, to *string) error {
	if raw[0] != '"' || json.Unmarshal(raw, to) != nil {
		return syntax("%s is no JSON string", what)
	}
	if halfPair(raw) {
		return syntax("%s has half of a surrogate pair", what)
	}
	return nil
}

// halfPair reports whether JSON has an escape that is half of a surrogate pair
// without its other half, which encoding/json replaces.
func halfPair(raw []byte) bool {
	for i := 0; i+1 < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++
		first := escaped(raw[i:])
		if !utf16.IsSurrogate(first) {
			continue
		}
		if i+5 >= len(raw) || raw[i+5] != '\\' || utf16.DecodeRune(first, escaped(raw[i+6:])) == utf8.RuneError {
			return true
		}
		i += 10 // to the last digit of the second half
	}
	return false
}

// escaped returns what u and four hex digits stand for; -1 when no such begins the
// text.
func escaped(raw []byte) rune {
	if len(raw) < 5 || raw[0] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(raw[1:5]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// cut shortens what somebody else has written.
func cut(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && s[end]&0xc0 == 0x80 {
		end--
	}
	return s[:end] + "…"
}
