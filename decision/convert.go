package decision

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// ValueOf makes a value of a type from what Go programs and JSON have. It takes,
// by the type:
//
//	string, loose string, enum, loose enum   string
//	number                                   all ints, uints and floats, json.Number, decimal.Decimal, *big.Int
//	boolean                                  bool
//	date, time, date-time                    time.Time, string
//	duration                                 time.Duration, string
//	months                                   all ints and uints, string
//	any                                      Value, nil
//
// nil is null, and so is a nil pointer. Numbers are exact, a float by its shortest
// text; NaN, the infinities and numbers of more than 6,200 digits are none. A
// time.Time goes by the type to the day or the time of day that it shows in its own
// location, or to the instant. A string in a column that has no texts is what
// ParseValue reads, except that it is never null; no column of numbers or booleans
// takes one. Types of a caller's own go as the kinds that they are made of: a type
// of strings as string, one of time.Duration as an int64, one of time.Time, a
// struct, not at all. Pointers and interfaces go as what they hold. No method is
// asked, String and MarshalText neither.
//
// ok is false for everything else; a text that was not read may be kept in v.
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
	case *big.Int:
		if x == nil {
			return Null(), true
		}
		v = Decimal(decimal.NewFromBigInt(x, 0))
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
	numberOf    = reflect.TypeFor[json.Number]()
	bigOf       = reflect.TypeFor[*big.Int]()
)

// maxPointers is how many pointers and interfaces are followed: one may lead to
// itself.
const maxPointers = 8

// reflected is ValueOf for what its switch does not name.
func reflected(r reflect.Value, t Type) (v Value, ok bool) {
	for range maxPointers {
		if r.Type() == bigOf || r.Kind() != reflect.Pointer && r.Kind() != reflect.Interface {
			break
		}
		if r.IsNil() {
			return Null(), true
		}
		r = r.Elem()
	}
	switch r.Type() {
	case timeType, decimalType, valueType, durationOf, numberOf, bigOf:
		return ValueOf(r.Interface(), t)
	}
	switch r.Kind() {
	case reflect.String:
		return textValue(r.String(), t)
	case reflect.Bool:
		v = Bool(r.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v = wholeValue(r.Int(), t)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
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

// takes names what ValueOf takes for a column of the type.
func (t Type) takes() string {
	switch {
	case t.IsText():
		return "string"
	case t == Number:
		return "ints, uints, floats, json.Number, decimal.Decimal and *big.Int"
	case t == Boolean:
		return "bool"
	case t == Duration:
		return "time.Duration, and a string such as " + examples[t]
	case t == Months:
		return "ints and uints, and a string such as " + examples[t]
	}
	return "time.Time, and a string such as " + examples[t]
}

// mistyped says that a Go value is none that an input takes: its type, its text
// where it is short and plain, and what is taken.
func (e *Evaluator) mistyped(input int, x any, v Value) error {
	in := &e.table.Inputs[input]
	what := reflect.TypeOf(x).String()
	switch x := x.(type) {
	case float64:
		what += " " + strconv.FormatFloat(x, 'g', -1, 64)
	case float32:
		what += " " + strconv.FormatFloat(float64(x), 'g', -1, 32)
	default:
		if v.kind != kindInvalid && v.kind != kindMissing {
			what += " " + cut(v.String())
		}
	}
	return &Error{Kind: ErrType, Table: e.table.Name, Column: in.Name, Value: v,
		Reason: "the " + what + " is no " + in.Type.String() + "; taken are " + in.Type.takes() + ", decision.Value and nil, and pointers to them"}
}
