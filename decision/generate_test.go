package decision

import (
	"time"

	"pgregory.net/rapid"
)

// The generators draw from few values, so that cells and inputs meet often.

var genType = rapid.SampledFrom([]Type{String, LooseString, Enum, LooseEnum, Number, Boolean, Date, Time, DateTime, Duration, Months})

// enumTexts are the allowed values of generated enums.
var enumTexts = []string{"SD-WAN", "Fibre", "Voice over IP", ""}

// genPlain draws a value of a type, neither null nor missing.
func genPlain(t *rapid.T, typ Type) Value {
	n := rapid.Int64Range(-6, 6).Draw(t, "n")
	switch typ {
	case String:
		return Text(rapid.SampledFrom([]string{"", "a", "b", "A", "null", "a,b", `"`, "é"}).Draw(t, "text"))
	case LooseString:
		return Text(rapid.SampledFrom([]string{"", " ", "Link failure", "LINK-failure", "link_failure", "Ärger", "ärger", "b"}).Draw(t, "text"))
	case Enum:
		return Text(rapid.SampledFrom(enumTexts).Draw(t, "text"))
	case LooseEnum:
		return Text(rapid.SampledFrom([]string{"SD-WAN", "sd wan", "SDWAN", "Fibre", "FIBRE", "voice_over_ip", "", "-"}).Draw(t, "text"))
	case Number:
		switch rapid.IntRange(0, 9).Draw(t, "form") {
		case 0:
			return Float(float64(n) / 4)
		case 1:
			return mustValue(rapid.SampledFrom([]string{"0.1", "-0.001", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
				"123456789012345678901234567890.5", "-123456789012345678901234567890", "0.00000000000000000000000001", "4000000000000000000",
				"5000000000000000000.5"}).Draw(t, "wide"), Number)
		}
		return Int(n)
	case Boolean:
		return Bool(n > 0)
	case Date:
		return DateOf(time.Date(2026, 11, 25+int(n), 0, 0, 0, 0, time.UTC))
	case Time:
		return TimeOf(time.Date(2026, 1, 1, 12+int(n), 30, 0, int(max(n, 0)), time.UTC))
	case DateTime:
		if n == 6 {
			return DateTimeOf(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
		}
		nano := rapid.SampledFrom([]int{0, 0, 0, 1, 999999999}).Draw(t, "nano")
		return DateTimeOf(time.Date(2026, 11, 25, 10, 0, int(n), nano, time.UTC))
	case Duration:
		return DurationOf(time.Duration(n) * time.Hour)
	}
	return MonthsOf(n)
}

func mustValue(text string, t Type) Value {
	v, err := ParseValue(text, t)
	if err != nil {
		panic(err)
	}
	return v
}

// genCell draws a condition that an input takes.
func genCell(t *rapid.T, in Input) Cell {
	if rapid.IntRange(0, 4).Draw(t, "any") == 0 {
		return Cell{}
	}
	var c Cell
	for range rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "tests") {
		c.Tests = append(c.Tests, genTest(t, in))
	}
	c.Not = rapid.IntRange(0, 4).Draw(t, "not") == 0
	return c
}

func genTest(t *rapid.T, in Input) Test {
	canBeEmpty := in.Optional || in.Type.IsText() && in.Allowed.Matches(Text(""), in.Type)
	if in.Optional && rapid.IntRange(0, 6).Draw(t, "null") == 0 {
		return Test{Value: rapid.SampledFrom([]Value{Null(), Missing()}).Draw(t, "which")}
	}
	if canBeEmpty && rapid.IntRange(0, 6).Draw(t, "empty") == 0 {
		return Test{Op: Empty}
	}
	if !in.Type.IsOrdered() {
		return Test{Value: genPlain(t, in.Type)}
	}
	v, w := genPlain(t, in.Type), genPlain(t, in.Type)
	switch op := rapid.SampledFrom([]Op{Equal, Less, AtMost, Greater, AtLeast, Within, Within, Within}).Draw(t, "op"); {
	case op != Within:
		return Test{Op: op, Value: v}
	default:
		c, _ := Compare(v, w)
		if c > 0 {
			v, w = w, v
		}
		test := Test{Op: Within, Value: v, High: w}
		if c != 0 {
			test.LowOpen, test.HighOpen = rapid.Bool().Draw(t, "low open"), rapid.Bool().Draw(t, "high open")
		}
		return test
	}
}

func genInput(t *rapid.T, name string) Input {
	in := Input{Name: name, Type: genType.Draw(t, "type"), Optional: rapid.Bool().Draw(t, "optional")}
	if in.Type == Enum || in.Type == LooseEnum {
		in.Allowed = OneOfTexts(enumTexts...)
	}
	return in
}

// genTable draws a valid table of a hit policy.
func genTable(t *rapid.T, policy HitPolicy, by Aggregation, maxRules int) Table {
	table := Table{Name: "generated", Version: "1", HitPolicy: policy, Aggregation: by, Annotations: []string{"why"}}
	for i := range rapid.IntRange(0, 4).Draw(t, "inputs") {
		table.Inputs = append(table.Inputs, genInput(t, string(rune('a'+i))))
	}
	outputs := 1
	if by == List {
		outputs = rapid.IntRange(1, 2).Draw(t, "outputs")
	}
	for i := range outputs {
		out := Output{Name: string(rune('x' + i)), Type: rapid.SampledFrom([]Type{Number, Duration, Months, LooseEnum}).Draw(t, "type")}
		if by != List && by != Count {
			out.Type = rapid.SampledFrom([]Type{Number, Duration, Months}).Draw(t, "type")
		}
		if policy == Priority || policy == OutputOrder {
			out.Type = LooseEnum
		}
		if out.Type == LooseEnum {
			out.Allowed = OneOfTexts(enumTexts...)
		}
		if rapid.IntRange(0, 2).Draw(t, "default") == 0 {
			out.Default = genPlain(t, out.Type)
		}
		table.Outputs = append(table.Outputs, out)
	}
	for range rapid.IntRange(0, maxRules).Draw(t, "rules") {
		var r Rule
		for _, in := range table.Inputs {
			r.When = append(r.When, genCell(t, in))
		}
		for _, out := range table.Outputs {
			if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
				r.Then = append(r.Then, Null())
			} else {
				r.Then = append(r.Then, genPlain(t, out.Type))
			}
		}
		table.Rules = append(table.Rules, r)
	}
	return table
}

// genQuery draws an input for the table, often one that a rule names.
func genQuery(t *rapid.T, table *Table) []Value {
	values := make([]Value, len(table.Inputs))
	for j, in := range table.Inputs {
		switch form := rapid.IntRange(0, 9).Draw(t, "form"); {
		case in.Optional && form < 2:
			values[j] = []Value{Null(), Missing()}[form]
		case form < 5 && len(table.Rules) > 0:
			c := rapid.SampledFrom(table.Rules).Draw(t, "rule").When[j]
			if len(c.Tests) > 0 && c.Tests[0].Value.Type() != 0 {
				values[j] = c.Tests[0].Value
				continue
			}
			fallthrough
		default:
			values[j] = genPlain(t, in.Type)
		}
	}
	return values
}
