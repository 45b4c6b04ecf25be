package decision

import (
	"bytes"
	"encoding/json"
	"errors"
)

// This file reads answers back, that were written as JSON: by a program that keeps
// them, or gets them from another. What JSON cannot say of a value, its column's
// type says, wherever the answer names it.

// UnmarshalJSON reads what MarshalJSON writes: a string as a text, a number with
// all its digits, true and false, and null. JSON does not tell all kinds apart: a
// date, a time, a date-time, a duration and a number of months come back as the
// text that they were written as, and missing as null. Where the type of the column
// is known, ValueOf(v.Text(), t) makes the value again; ExplainedInput, Failure and
// Finding do so of themselves. The error is an ErrSyntax.
func (v *Value) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	switch text := string(data); {
	case text == "null":
		*v = Null()
		return nil
	case text == "true" || text == "false":
		*v = Bool(text == "true")
		return nil
	case text == "":
		return syntax("the value is no JSON")
	case text[0] == '"':
		var s string
		if err := jsonText(data, "the value", &s); err != nil {
			return err
		}
		*v = Text(s)
		return nil
	}
	n, ok := numberValue(string(data), Number)
	if !ok || !json.Valid(data) {
		return syntax("%s is no value: a text, a number, true, false or null", cut(string(data)))
	}
	*v = n
	return nil
}

// read returns what a value was that JSON gave back, in a column of the type.
func (t Type) read(v Value, missing bool) Value {
	if missing {
		return Missing()
	}
	if v.kind == kindText && t >= Date {
		v, _ = textValue(v.s, t)
	}
	return v
}

// UnmarshalJSON reads the input with its value as it was. Only the value of an
// input that was refused may come back as a text, or be taken for one.
func (in *ExplainedInput) UnmarshalJSON(data []byte) error {
	type plain ExplainedInput
	if err := json.Unmarshal(data, (*plain)(in)); err != nil {
		return err
	}
	in.Value = in.Type.read(in.Value, in.Missing)
	return nil
}

// UnmarshalJSON reads an object of outputs in their order. Its values are as those
// of Value.UnmarshalJSON: the row does not say of which types they are.
func (r *ExplainedRow) UnmarshalJSON(data []byte) error {
	if string(bytes.TrimSpace(data)) == "null" {
		*r = nil
		return nil
	}
	in := json.NewDecoder(bytes.NewReader(data))
	if token, err := in.Token(); err != nil || token != json.Delim('{') {
		return syntax("a row of outputs is no JSON object")
	}
	row := ExplainedRow{}
	for in.More() {
		token, err := in.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		o := ExplainedOutput{Name: name}
		if err := in.Decode(&o.Value); err != nil {
			return err
		}
		row = append(row, o)
	}
	*r = row
	return nil
}

// UnmarshalJSON reads an explanation. All of it is as it was, but for outputs and
// the values of an aggregation: see Value.UnmarshalJSON.
func (x *Explanation) UnmarshalJSON(data []byte) error {
	type plain Explanation
	if err := json.Unmarshal(data, (*plain)(x)); err != nil {
		return err
	}
	types := map[string]Type{}
	for _, in := range x.Inputs {
		types[in.Name] = in.Type
	}
	for _, r := range x.Rules {
		if f := r.Failed; f != nil {
			f.Value = types[f.Input].read(f.Value, f.Missing)
		}
	}
	return nil
}

// UnmarshalJSON reads a finding as it was, with the cells of its box, whose types
// the example says. A condition beyond the limits of a cell is left a text.
func (f *Finding) UnmarshalJSON(data []byte) error {
	type plain Finding
	if err := json.Unmarshal(data, (*plain)(f)); err != nil {
		return err
	}
	for j := range min(len(f.Box), len(f.Example)) {
		cell, err := ParseCell(f.Box[j].Condition, f.Example[j].Type)
		if err != nil && !errors.Is(err, ErrLimit) {
			return located(err, "", f.Box[j].Input, 0)
		}
		f.Box[j].Cell = cell
	}
	return nil
}
