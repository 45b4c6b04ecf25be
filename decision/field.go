package decision

import (
	"math"
	"reflect"
	"time"
	"unsafe"

	"github.com/shopspring/decimal"
)

// field is where a column's value stands in a struct.
type field struct {
	index   []int // for reflection; empty: the whole value
	offset  uintptr
	how     access
	pointer bool // the field points to it
}

// access says what lies in a field's memory.
type access uint8

const (
	notThere access = iota
	asValue
	asDecimal
	asTime
	asDuration
	asText
	asBool
	asInt
	asInt8
	asInt16
	asInt32
	asInt64
	asUint
	asUint8
	asUint16
	asUint32
	asUint64
	asFloat32
	asFloat64
)

var accessByKind = map[reflect.Kind]access{reflect.String: asText, reflect.Bool: asBool, reflect.Int: asInt, reflect.Int8: asInt8,
	reflect.Int16: asInt16, reflect.Int32: asInt32, reflect.Int64: asInt64, reflect.Uint: asUint, reflect.Uint8: asUint8,
	reflect.Uint16: asUint16, reflect.Uint32: asUint32, reflect.Uint64: asUint64, reflect.Float32: asFloat32, reflect.Float64: asFloat64}

// accessOf returns how a type is read; notThere when it holds no value.
func accessOf(t reflect.Type) access {
	switch t {
	case valueType:
		return asValue
	case decimalType:
		return asDecimal
	case timeType:
		return asTime
	case durationOf:
		return asDuration
	}
	return accessByKind[t.Kind()]
}

// takes reports whether such a field may give values of the type.
func (how access) takes(t Type) bool {
	switch how {
	case asText:
		return t.IsText() || t >= Date
	case asBool:
		return t == Boolean
	case asTime:
		return t == Date || t == Time || t == DateTime
	case asDuration:
		return t == Duration
	case asDecimal, asFloat32, asFloat64:
		return t == Number
	case notThere, asValue:
		return true
	}
	return t == Number || t == Months
}

// newField describes a field of a struct type; its how is notThere when it holds
// no value, or lies behind an embedded pointer.
func newField(of reflect.Type, f reflect.StructField) field {
	found := field{index: f.Index, how: accessOf(f.Type)}
	if f.Type.Kind() == reflect.Pointer {
		found.how, found.pointer = accessOf(f.Type.Elem()), true
	}
	for i := range f.Index {
		step := of.Field(f.Index[i])
		found.offset += step.Offset
		if of = step.Type; i < len(f.Index)-1 && of.Kind() != reflect.Struct {
			return field{}
		}
	}
	return found
}

// read returns what a struct's field holds. It goes by the field's offset, and
// not by reflection, so that the struct may stay on its caller's stack.
func (f *field) read(of unsafe.Pointer, t Type) Value {
	p := unsafe.Add(of, f.offset)
	if f.pointer {
		if p = *(*unsafe.Pointer)(p); p == nil {
			return Null()
		}
	}
	switch f.how {
	case asValue:
		return *(*Value)(p)
	case asDecimal:
		return Decimal(*(*decimal.Decimal)(p))
	case asTime:
		return timeValue(*(*time.Time)(p), t)
	case asDuration:
		return DurationOf(*(*time.Duration)(p))
	case asText:
		v, _ := textValue(*(*string)(p), t)
		return v
	case asBool:
		return Bool(*(*bool)(p))
	case asInt:
		return wholeValue(int64(*(*int)(p)), t)
	case asInt8:
		return wholeValue(int64(*(*int8)(p)), t)
	case asInt16:
		return wholeValue(int64(*(*int16)(p)), t)
	case asInt32:
		return wholeValue(int64(*(*int32)(p)), t)
	case asInt64:
		return wholeValue(*(*int64)(p), t)
	case asUint:
		return unsignedValue(uint64(*(*uint)(p)), t)
	case asUint8:
		return wholeValue(int64(*(*uint8)(p)), t)
	case asUint16:
		return wholeValue(int64(*(*uint16)(p)), t)
	case asUint32:
		return wholeValue(int64(*(*uint32)(p)), t)
	case asUint64:
		return unsignedValue(*(*uint64)(p), t)
	case asFloat32:
		return float32Value(*(*float32)(p))
	case asFloat64:
		return Float(*(*float64)(p))
	}
	return Value{}
}

// assign writes a value into a field, and reports whether it could.
func assign(to reflect.Value, v Value) bool {
	switch p := to.Addr().Interface().(type) {
	case *Value:
		*p = v
		return true
	case *decimal.Decimal:
		*p = v.Decimal()
		return v.kind == kindNumber
	case *time.Time:
		*p = v.Time()
		return v.kind >= kindDate && v.kind <= kindDateTime
	case *time.Duration:
		*p = v.Duration()
		return v.kind == kindDuration
	}
	switch to.Kind() {
	case reflect.Pointer:
		if v.IsNull() {
			return true
		}
		to.Set(reflect.New(to.Type().Elem()))
		return assign(to.Elem(), v)
	case reflect.String:
		to.SetString(v.bare())
		return v.kind == kindText || v.kind >= kindDate && v.kind <= kindMonths
	case reflect.Bool:
		to.SetBool(v.n == 1)
		return v.kind == kindBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := v.Int()
		if v.kind == kindMonths {
			n, ok = v.n, true
		}
		if !ok || to.OverflowInt(n) {
			return false
		}
		to.SetInt(n)
		return true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, ok := v.Int()
		if !ok || n < 0 || to.OverflowUint(uint64(n)) {
			return false
		}
		to.SetUint(uint64(n))
		return true
	case reflect.Float32, reflect.Float64:
		f := v.Decimal().InexactFloat64()
		if v.kind != kindNumber || math.IsInf(f, 0) || to.OverflowFloat(f) {
			return false
		}
		to.SetFloat(f)
		return true
	}
	return false
}
