package decision

import (
	"encoding/json"
	"math"
	"reflect"
	"time"

	"github.com/shopspring/decimal"
)

// ValueOf makes a value of a type from what Go programs and JSON have: nil is
// null; a text is a text, and in columns of dates, times and durations what
// ParseValue reads (and so is a json.Number in a column of numbers); numbers are
// exact, a float by its shortest text; time.Time goes by the type to a date, a
// time of day or an instant; time.Duration is a duration; values of named types
// go as their underlying ones, and pointers as what they point to. ok is false
// when that is no value of the type; its text may be kept in v for errors.
func ValueOf(x any, t Type) (v Value, ok bool) {
	switch x := x.(type) {
	case nil:
		return Null(), true
	case Value:
		v = x
	case string:
		return textValue(x, t)
	case bool:
		v = Bool(x)
	case int:
		v = wholeValue(int64(x), t)
	case int64:
		v = wholeValue(x, t)
	case float64:
		v = Float(x)
	case decimal.Decimal:
		v = Decimal(x)
	case json.Number:
		return numberValue(string(x), t)
	case time.Time:
		v = timeValue(x, t)
	case time.Duration:
		v = DurationOf(x)
	default:
		return reflected(reflect.ValueOf(x), t)
	}
	return v, v.is(t)
}

func wholeValue(n int64, t Type) Value {
	if t == Months {
		return MonthsOf(n)
	}
	return Int(n)
}

func unsignedValue(u uint64, t Type) Value {
	if u < 1<<63 {
		return wholeValue(int64(u), t)
	}
	return Decimal(decimal.NewFromUint64(u))
}

// float32Value goes by the shortest text of the narrow float: 0.1, and not the
// double that is nearest to it.
func float32Value(f float32) Value {
	wide := float64(f)
	if wide == math.Trunc(wide) || math.IsNaN(wide) || math.IsInf(wide, 0) {
		return Float(wide)
	}
	return Decimal(decimal.NewFromFloat32(f))
}

func timeValue(at time.Time, t Type) Value {
	switch t {
	case Date:
		return DateOf(at)
	case Time:
		return TimeOf(at)
	}
	return DateTimeOf(at)
}

func textValue(s string, t Type) (Value, bool) {
	if t.IsText() {
		return Text(s), true
	}
	if t < Date {
		return Text(s), false
	}
	v, err := parseLiteral(s, t)
	if err != nil {
		return Text(s), false
	}
	return v, true
}

func numberValue(s string, t Type) (Value, bool) {
	v, ok := parseNumber(s)
	if !ok {
		return Text(s), false
	}
	return v, t == Number
}

var (
	timeType    = reflect.TypeFor[time.Time]()
	decimalType = reflect.TypeFor[decimal.Decimal]()
	valueType   = reflect.TypeFor[Value]()
	durationOf  = reflect.TypeFor[time.Duration]()
)

// reflected is ValueOf for what its switch does not name.
func reflected(r reflect.Value, t Type) (v Value, ok bool) {
	switch r.Type() {
	case timeType, decimalType, valueType, durationOf:
		return ValueOf(r.Interface(), t)
	}
	switch r.Kind() {
	case reflect.Pointer:
		if r.IsNil() {
			return Null(), true
		}
		return reflected(r.Elem(), t)
	case reflect.String:
		return textValue(r.String(), t)
	case reflect.Bool:
		v = Bool(r.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v = wholeValue(r.Int(), t)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v = unsignedValue(r.Uint(), t)
	case reflect.Float32:
		v = float32Value(float32(r.Float()))
	case reflect.Float64:
		v = Float(r.Float())
	default:
		return Value{kind: kindInvalid}, false
	}
	return v, v.is(t)
}
