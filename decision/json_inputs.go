package decision

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// ParseInputs reads a JSON object with a field for each input, as a request has it,
// for EvalMap and ExplainMap:
//
//	{"category": "SD-WAN", "amount": 12.50, "since": "2026-11-25", "stage": null}
//
// It keeps what encoding/json loses: a number has all its digits, and a name that
// is given twice or is not Unicode is refused, as is a list or an object for a
// value. The error is an *Error that names the field as its column: ErrSyntax
// or ErrLimit. Whether an input has such a name and takes such a value
// EvalMap tells.
func ParseInputs(data []byte) (map[string]any, error) {
	data, err := oneJSON(data, "the input")
	if err != nil {
		return nil, err
	}
	fields, err := jsonFields(data, "the input")
	if err != nil {
		return nil, err
	}
	inputs := make(map[string]any, len(fields))
	for name, raw := range fields {
		x, err := jsonAny(raw)
		if err != nil {
			return nil, located(err, "", name, 0)
		}
		inputs[name] = x
	}
	return inputs, nil
}

// oneJSON returns the one JSON value of a file, within the limits of files.
func oneJSON(data []byte, what string) ([]byte, error) {
	if len(data) > MaxFile {
		return nil, &Error{Kind: ErrLimit, Reason: "the file has " + itoa(len(data)) + " bytes, at most " + itoa(MaxFile)}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at := invalidUTF8(data); at >= 0 {
		return nil, &Error{Kind: ErrSyntax, Place: lineOf(data, at), Reason: "the file is not UTF-8"}
	}
	if at := tooDeep(data); at >= 0 {
		return nil, &Error{Kind: ErrLimit, Place: lineOf(data, at), Reason: "more than " + itoa(MaxDepth) + " objects and lists lie within one another"}
	}
	in := json.NewDecoder(bytes.NewReader(data))
	var whole json.RawMessage
	if err := in.Decode(&whole); err != nil {
		return nil, notJSON(data, what, err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, &Error{Kind: ErrSyntax, Place: lineOf(data, int(in.InputOffset())), Reason: "something follows " + what}
	}
	return whole, nil
}

// jsonAny reads a value as ValueOf takes it.
func jsonAny(raw []byte) (any, error) {
	switch raw[0] {
	case 'n':
		return nil, nil
	case 't', 'f':
		return raw[0] == 't', nil
	case '{', '[':
		return nil, syntax("a value is a text, a number, true, false or null, and not %s", cut(string(raw)))
	case '"':
		var text string
		if err := jsonText(raw, "the value", &text); err != nil {
			return nil, err
		}
		if len(text) > MaxText {
			return nil, &Error{Kind: ErrLimit, Reason: "a text has " + itoa(len(text)) + " bytes, at most " + itoa(MaxText)}
		}
		return text, nil
	}
	return json.Number(raw), nil
}
