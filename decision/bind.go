package decision

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Typed is an evaluator for structs: In has a field for each input, Out one for
// each output. It never changes, and any number of goroutines may use it at once.
type Typed[In, Out any] struct {
	e        *Evaluator
	fields   []field     // of the inputs, in their order
	texts    []textField // the same, if they are all texts and the index has a dense array
	codes    []int32     // then its codes
	order    []int32     // and the evaluator's
	outs     []Out       // of each rule
	defaults Out         // when none matches
	write    []field     // of the outputs, in their order
}

// Bind ties an evaluator to two struct types. A column goes with the field that
// is tagged with its name, `decision:"name"`, or else with the exported one of
// that name in any spelling; fields that belong to no column are left alone. Out
// may also be no struct, if the table has one output.
//
// A field has a type that ValueOf takes for its column, other than json.Number
// and *big.Int. Null needs a pointer or a Value: an optional input of another
// type is always given.
//
// It returns an *Error, ErrInput for an input that has no field and is not
// optional, or a tag that names no column; ErrType for a field of the wrong type
// or an output of a rule that the field cannot hold.
func Bind[In, Out any](e *Evaluator) (*Typed[In, Out], error) {
	t := &Typed[In, Out]{e: e}
	var inputs, outputs []column
	for _, in := range e.table.Inputs {
		inputs = append(inputs, column{in.Name, in.Type})
	}
	for _, out := range e.table.Outputs {
		typ := out.Type
		if e.table.Aggregation == Count {
			typ = Number
		}
		outputs = append(outputs, column{out.Name, typ})
	}
	var err error
	if t.fields, err = e.fields(reflect.TypeFor[In](), inputs); err != nil {
		return nil, err
	}
	for j, f := range t.fields {
		if f.how == notThere && !e.table.Inputs[j].Optional {
			return nil, e.misfit(ErrInput, inputs[j].name, 0, reflect.TypeFor[In]().String()+" has no field for this input")
		}
		if !f.how.takes(inputs[j].typ) {
			return nil, e.misfit(ErrType, inputs[j].name, 0, "the field of "+reflect.TypeFor[In]().String()+" is never a "+inputs[j].typ.String())
		}
	}
	if t.write, err = e.fields(reflect.TypeFor[Out](), outputs); err != nil {
		return nil, err
	}
	if e.table.Aggregation == Count {
		return t, nil
	}
	t.outs = make([]Out, len(e.table.Rules))
	for i, r := range e.table.Rules {
		if err := t.fill(&t.outs[i], r.Then, i+1); err != nil {
			return nil, err
		}
	}
	if t.texts = e.textFields(t.fields); t.texts != nil {
		t.codes, t.order = e.index.dense.codes, e.order
	}
	if e.none.IsDefault() {
		return t, t.fill(&t.defaults, e.none.Row(0), 0)
	}
	return t, nil
}

// textField is a field that holds the text of an input of texts.
type textField struct {
	texts  *lexicon
	offset uintptr
	stride int32 // of the input in the dense array
}

// textFields returns the fields of a table that the index has a dense array for,
// when they are all plain texts, and none otherwise.
func (e *Evaluator) textFields(fields []field) []textField {
	if e.index.dense == nil {
		return nil
	}
	texts := make([]textField, len(fields))
	for j, f := range fields {
		c := e.index.dense.columns[j]
		if f.how != asText || f.pointer || c.axis.kind != kindText {
			return nil
		}
		texts[j] = textField{&c.axis.texts, f.offset, c.stride}
	}
	return texts
}

// Eval decides for a struct, as Evaluator.Eval does. It returns the outputs of
// the first row, the zero Out when there is none: Result says which. It allocates
// only where Evaluator.Eval does, and for an aggregated value.
func (t *Typed[In, Out]) Eval(in *In) (Out, Result, error) {
	if len(t.texts) > 0 { // the usual case: by texts as they lie in the struct
		cell := int32(0)
		for j := range t.texts {
			f := &t.texts[j]
			cell += f.texts.rank(*(*string)(unsafe.Add(unsafe.Pointer(in), f.offset))) * f.stride
		}
		if code := int(t.codes[cell]) - 1; code >= 0 && code < len(t.order) {
			rule := t.order[code]
			return t.outs[rule], Result{e: t.e, rule: rule + 1}, nil
		}
	}
	return t.byValues(unsafe.Pointer(in))
}

// byValues is Eval for all cases.
func (t *Typed[In, Out]) byValues(in unsafe.Pointer) (none Out, r Result, err error) {
	if len(t.fields) > fewInputs {
		var values [MaxInputs]Value
		r, err = t.eval(in, values[:len(t.fields)])
	} else {
		var values [fewInputs]Value
		r, err = t.eval(in, values[:len(t.fields)])
	}
	if err != nil || r.Len() == 0 {
		return none, r, err
	}
	if r.more == nil && r.rule > 0 && t.outs != nil {
		return t.outs[r.rule-1], r, nil
	}
	out, err := t.Row(r, 0)
	return out, r, err
}

func (t *Typed[In, Out]) eval(in unsafe.Pointer, values []Value) (Result, error) {
	for j := range t.fields {
		if f := &t.fields[j]; f.how != notThere {
			values[j] = f.read(in, t.e.axes[j].in.Type)
		}
	}
	return t.e.Eval(values...)
}

// Row returns a row of a result that Eval returned. It panics when there is no
// such row. The error is an ErrType, and only for an aggregated value that Out
// cannot hold.
func (t *Typed[In, Out]) Row(r Result, row int) (out Out, err error) {
	switch {
	case t.outs == nil, r.more != nil && !r.more.computed.IsMissing():
		computed := new(Out)
		err = t.fill(computed, r.Row(row), 0)
		return *computed, err
	case r.more != nil:
		return t.outs[r.more.rules[row]-1], nil
	case r.rule > 0:
		return t.outs[r.rule-1], nil
	}
	return t.defaults, nil
}

// fill writes the values of a row into a struct, or into what stands for one.
func (t *Typed[In, Out]) fill(out *Out, row []Value, rule int) error {
	whole := reflect.ValueOf(out).Elem()
	for j, f := range t.write {
		if f.how == notThere {
			continue // a caller need not want every output
		}
		to := whole
		if len(f.index) > 0 {
			to = whole.FieldByIndex(f.index)
		}
		if !assign(to, row[j]) {
			return t.e.misfit(ErrType, t.e.table.Outputs[j].Name, rule, fmt.Sprintf("%s does not go into a field of type %s", row[j], to.Type()))
		}
	}
	return nil
}

type column struct {
	name string
	typ  Type
}

func (e *Evaluator) misfit(kind error, column string, rule int, reason string) error {
	return &Error{Kind: kind, Table: e.table.Name, Column: column, Rule: rule, Reason: reason}
}

// fields finds the field of each column in a struct type.
func (e *Evaluator) fields(typ reflect.Type, columns []column) ([]field, error) {
	found := make([]field, len(columns))
	if how := accessOf(typ); how != notThere {
		if len(columns) != 1 {
			return nil, e.misfit(ErrType, "", 0, typ.String()+" is no struct, and there are "+count(len(columns), "column"))
		}
		found[0] = newField(typ, reflect.StructField{Type: typ})
		return found, nil
	}
	if typ.Kind() != reflect.Struct {
		return nil, e.misfit(ErrType, "", 0, typ.String()+" is no struct")
	}
	tagged := make([]bool, len(columns))
	for _, f := range reflect.VisibleFields(typ) {
		tag := f.Tag.Get("decision")
		if !f.IsExported() || tag == "-" || f.Anonymous && tag == "" {
			continue
		}
		known := false
		for j, c := range columns {
			if tag != "" && tag != c.name || tag == "" && (tagged[j] || fold(f.Name) != fold(c.name)) {
				continue
			}
			known, tagged[j] = true, tag != ""
			if found[j] = newField(typ, f); found[j].how == notThere {
				return nil, e.misfit(ErrType, c.name, 0, "field "+f.Name+" of "+typ.String()+" has type "+f.Type.String()+", which holds no "+c.typ.String())
			}
		}
		if tag != "" && !known {
			return nil, e.misfit(ErrInput, tag, 0, "field "+f.Name+" of "+typ.String()+" is tagged with a column that is none")
		}
	}
	return found, nil
}
