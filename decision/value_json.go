package decision

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON writes a text as a string, a number with all its digits, true or
// false, null for null and missing, and anything else as a string: the text that
// ParseValue reads.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case kindMissing, kindNull:
		return []byte("null"), nil
	case kindNumber, kindBool:
		return []byte(v.String()), nil
	}
	return json.Marshal(v.bare())
}

// MarshalJSON writes the rows as {"rules": […], "default": true, "outputs": [{…}]},
// each row's outputs in the order of the table.
func (r Result) MarshalJSON() ([]byte, error) {
	out := struct {
		Rules   []int          `json:"rules"`
		Default bool           `json:"default,omitempty"`
		Outputs []ExplainedRow `json:"outputs"`
	}{Rules: []int{}, Default: r.IsDefault(), Outputs: r.rows()}
	for n := range r.Rules() {
		out.Rules = append(out.Rules, n)
	}
	return json.Marshal(out)
}

// MarshalJSON writes an object with the outputs in their order.
func (r ExplainedRow) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, o := range r {
		name, err := json.Marshal(o.Name)
		if err != nil {
			return nil, err
		}
		value, err := o.Value.MarshalJSON()
		if err != nil {
			return nil, err
		}
		b.WriteByte("{,"[min(i, 1)])
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	if len(r) == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// rows returns all rows with the names of the outputs.
func (r Result) rows() []ExplainedRow {
	rows := make([]ExplainedRow, r.Len())
	for i := range rows {
		for j, v := range r.Row(i) {
			rows[i] = append(rows[i], ExplainedOutput{r.e.table.Outputs[j].Name, v})
		}
	}
	return rows
}
