package decision

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// Types of a caller's own.
type (
	ownText     string
	ownInt      int16
	ownFloat    float32
	ownBool     bool
	ownDuration time.Duration
	ownTime     time.Time
	ownNumber   json.Number
	ownPointer  *ownPointer
	ownStruct   struct{ Text string }
	stringer    struct{}
)

func (ownText) String() string  { return "never asked" }
func (stringer) String() string { return "never asked" }

func pointer[T any](x T) *T { return &x }

// What EvalMap and ValueOf take of Go, and what they say of the rest.
func TestGoValues(t *testing.T) {
	instant := time.Date(2026, 11, 25, 23, 30, 0, 5, time.FixedZone("", 3600))
	round := ownPointer(nil)
	round = &round
	var nothing any
	var noPointer *int
	var noList []string
	var noMap map[string]int
	var noFunc func()
	var noError error
	const numbers, texts, times = "; taken are ints, uints, floats, json.Number, decimal.Decimal and *big.Int, ", "; taken are string, ", "; taken are time.Time, and a string such as "
	for _, c := range []struct {
		in   any
		of   Type
		want Value
		bad  string // or what the error says
	}{
		{int(-1), Number, Int(-1), ""}, {int8(-8), Number, Int(-8), ""}, {int16(16), Number, Int(16), ""}, {int32(32), Number, Int(32), ""}, {int64(math.MinInt64), Number, Int(math.MinInt64), ""},
		{uint(1), Number, Int(1), ""}, {uint8(8), Number, Int(8), ""}, {uint16(16), Number, Int(16), ""}, {uint32(32), Number, Int(32), ""},
		{uint64(math.MaxUint64), Number, Decimal(decimal.RequireFromString("18446744073709551615")), ""},
		{uintptr(1), Number, Value{}, "the uintptr is no number" + numbers},
		{'x', Number, Int(120), ""}, {byte('x'), Number, Int(120), ""},
		{float32(0.1), Number, Decimal(decimal.RequireFromString("0.1")), ""}, {0.1, Number, Decimal(decimal.RequireFromString("0.1")), ""}, {1e300, Number, Decimal(decimal.RequireFromString("1e300")), ""},
		{decimal.New(math.MinInt64, 0), Number, Int(math.MinInt64), ""}, {json.Number("-9223372036854775808.0"), Number, Int(math.MinInt64), ""}, {big.NewInt(math.MaxInt64), Number, Int(math.MaxInt64), ""},
		{math.Copysign(0, -1), Number, Int(0), ""}, {math.SmallestNonzeroFloat64, Number, Decimal(decimal.RequireFromString("5e-324")), ""},
		{math.NaN(), Number, Value{}, "the float64 NaN is no number" + numbers}, {math.Inf(1), Number, Value{}, "the float64 +Inf is no number"}, {float32(math.Inf(-1)), Number, Value{}, "the float32 -Inf is no number"},
		{complex(1, 0), Number, Value{}, "the complex128 is no number"}, {complex64(1), Number, Value{}, "the complex64 is no number"},
		{json.Number("1.50"), Number, Decimal(decimal.RequireFromString("1.5")), ""}, {json.Number("1e400"), Number, Decimal(decimal.RequireFromString("1e400")), ""},
		{json.Number("-0"), Number, Int(0), ""}, {json.Number("1e9999"), Number, Value{}, `the json.Number "1e9999" is no number`}, {json.Number("one"), Number, Value{}, `the json.Number "one" is no number`},
		{json.Number(""), Number, Value{}, `the json.Number "" is no number`}, {json.Number("3"), Months, Value{}, "the json.Number 3 is no months; taken are ints and uints, and a string such as P1Y6M, "},
		{pointer(json.Number("7")), Number, Int(7), ""}, {ownNumber("7"), Number, Value{}, `the decision.ownNumber "7" is no number`},
		{decimal.RequireFromString("2.50"), Number, Decimal(decimal.RequireFromString("2.5")), ""}, {pointer(decimal.New(3, 0)), Number, Int(3), ""},
		{decimal.New(1, 7_000), Number, Value{}, "the decimal.Decimal is no number"},
		{big.NewInt(12), Number, Int(12), ""}, {new(big.Int).Lsh(big.NewInt(1), 64), Number, Decimal(decimal.RequireFromString("18446744073709551616")), ""},
		{pointer(big.NewInt(12)), Number, Int(12), ""}, {(*big.Int)(nil), Number, Null(), ""}, {*big.NewInt(12), Number, Value{}, "the big.Int is no number"},
		{new(big.Int).Lsh(big.NewInt(1), 30_000), Number, Value{}, "the *big.Int is no number"}, {big.NewFloat(1), Number, Value{}, "the *big.Float is no number"}, {big.NewRat(1, 2), Number, Value{}, "the *big.Rat is no number"},
		{"5", Number, Value{}, `the string "5" is no number` + numbers}, {true, Number, Value{}, "the bool true is no number"}, {instant, Number, Value{}, "the time.Time 2026-11-25T22:30:00.000000005Z is no number"},
		{ownInt(3), Number, Int(3), ""}, {ownFloat(0.1), Number, Decimal(decimal.RequireFromString("0.1")), ""},

		{"a", String, Text("a"), ""}, {"", LooseString, Text(""), ""}, {ownText("a"), Enum, Text("a"), ""}, {pointer("a"), LooseEnum, Text("a"), ""}, {pointer(ownText("a")), String, Text("a"), ""},
		{1, String, Value{}, "the int 1 is no string" + texts}, {'x', String, Value{}, "the int32 120 is no string"}, {[]byte("a"), String, Value{}, "the []uint8 is no string"}, {[]rune("a"), String, Value{}, "the []int32 is no string"},
		{stringer{}, String, Value{}, "the decision.stringer is no string"}, {&stringer{}, String, Value{}, "the *decision.stringer is no string"}, {json.Number("5"), String, Value{}, "the json.Number 5 is no string"},
		{strings.Repeat("x", 1000), Number, Value{}, "xxx… is no number"}, {errors.New("a"), String, Value{}, "the *errors.errorString is no string"},

		{true, Boolean, Bool(true), ""}, {ownBool(false), Boolean, Bool(false), ""}, {pointer(true), Boolean, Bool(true), ""}, {"true", Boolean, Value{}, `the string "true" is no boolean; taken are bool, `}, {1, Boolean, Value{}, "the int 1 is no boolean"},

		{instant, Date, DateOf(instant), ""}, {instant, Time, TimeOf(instant), ""}, {instant, DateTime, DateTimeOf(instant), ""}, {&instant, DateTime, DateTimeOf(instant), ""}, {time.Time{}, Date, DateOf(time.Time{}), ""},
		{"2026-11-25", Date, DateOf(instant), ""}, {"23:30:00.000000005", Time, TimeOf(instant), ""}, {"2026-11-25T23:30:00.000000005+01:00", DateTime, DateTimeOf(instant), ""},
		{"null", Date, Value{}, `the string "null" is no date` + times + "2026-11-25, "}, {"", Time, Value{}, `the string "" is no time` + times + "10:30:00, "}, {"today", DateTime, Value{}, `the string "today" is no date-time`},
		{0, Date, Value{}, "the int 0 is no date"}, {ownTime(instant), DateTime, Value{}, "the decision.ownTime is no date-time"}, {time.Hour, Time, Value{}, "the time.Duration PT1H is no time"}, {time.UTC, Time, Value{}, "the *time.Location is no time"},

		{time.Hour, Duration, DurationOf(time.Hour), ""}, {pointer(time.Hour), Duration, DurationOf(time.Hour), ""}, {"PT1H", Duration, DurationOf(time.Hour), ""}, {ownText("PT1H"), Duration, DurationOf(time.Hour), ""},
		{"1h", Duration, Value{}, `the string "1h" is no duration; taken are time.Duration, and a string such as P1DT2H, `}, {int64(5), Duration, Value{}, "the int64 5 is no duration"}, {ownDuration(5), Duration, Value{}, "the decision.ownDuration 5 is no duration"},
		{14, Months, MonthsOf(14), ""}, {uint8(2), Months, MonthsOf(2), ""}, {"P1Y2M", Months, MonthsOf(14), ""}, {1.0, Months, Value{}, "the float64 1 is no months"}, {uint64(math.MaxUint64), Months, Value{}, "the uint64 18446744073709551615 is no months"},

		{nil, Number, Null(), ""}, {nothing, Number, Null(), ""}, {noPointer, Number, Null(), ""}, {pointer(noPointer), Number, Null(), ""}, {noError, String, Null(), ""}, {pointer(nothing), String, Null(), ""}, {pointer(any(7)), Number, Int(7), ""},
		{Int(7), Number, Int(7), ""}, {pointer(Int(7)), Number, Int(7), ""}, {Null(), Number, Null(), ""}, {Missing(), Number, Missing(), ""}, {Text("a"), Number, Value{}, `the decision.Value "a" is no number`}, {Float(math.NaN()), Number, Value{}, "the decision.Value is no number"},
		{noList, String, Value{}, "the []string is no string"}, {[]string{"a"}, String, Value{}, "the []string is no string" + texts}, {[1]int{1}, Number, Value{}, "the [1]int is no number"}, {noMap, Number, Value{}, "the map[string]int is no number"},
		{map[string]any{"a": 1}, String, Value{}, "the map[string]interface {} is no string"}, {ownStruct{"a"}, String, Value{}, "the decision.ownStruct is no string"}, {&ownStruct{"a"}, String, Value{}, "the *decision.ownStruct is no string"},
		{noFunc, Number, Value{}, "the func() is no number"}, {func() int { return 1 }, Number, Value{}, "the func() int is no number"}, {make(chan int), Number, Value{}, "the chan int is no number"}, {round, Number, Value{}, "the decision.ownPointer is no number"},
	} {
		e, err := Compile(Table{Name: "Go", Inputs: []Input{{Name: "x", Type: c.of, Optional: true, Allowed: map[bool]Cell{true: OneOfTexts("a", "b")}[c.of == Enum || c.of == LooseEnum]}},
			Outputs: []Output{{Name: "y", Type: Boolean}}, Rules: []Rule{{When: []Cell{{}}, Then: []Value{Bool(true)}}}})
		if err != nil {
			t.Fatal(err)
		}
		v, ok := ValueOf(c.in, c.of)
		r, err := e.EvalMap(map[string]any{"x": c.in})
		x, explained := e.ExplainMap(map[string]any{"x": c.in})
		if c.bad == "" {
			if !ok || v != c.want || err != nil || explained != nil || !r.Matched() || x.Inputs[0].Value != c.want {
				t.Errorf("%T %v as %s: %v, %v, %v, %v; want %v", c.in, c.in, c.of, v, ok, err, explained, c.want)
			}
			continue
		}
		var bad *Error
		if ok || !errors.As(err, &bad) || bad.Kind != ErrType || bad.Table != "Go" || bad.Column != "x" || !strings.Contains(err.Error(), c.bad) || !strings.HasSuffix(err.Error(), ", decision.Value and nil, and pointers to them") || len(err.Error()) > 400 {
			t.Errorf("%T as %s: %v, %v; want %s", c.in, c.of, ok, err, c.bad)
		}
		if explained == nil || explained.Error() != err.Error() || x.Outcome != OutcomeError {
			t.Errorf("%T as %s: explained by %v", c.in, c.of, explained)
		}
	}
}
