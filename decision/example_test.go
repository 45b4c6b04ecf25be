package decision_test

import (
	"errors"
	"fmt"

	"github.com/forewarn-go/forewarn/decision"
)

// shipping is a table with two inputs and two outputs. At most one rule matches.
func shipping() (decision.Table, error) {
	t := decision.Table{
		Name: "Shipping",
		Inputs: []decision.Input{
			{Name: "country", Type: decision.LooseEnum, Allowed: decision.OneOfTexts("Germany", "France", "Great Britain")},
			{Name: "weight", Type: decision.Number, Allowed: decision.IsGreater(decision.Int(0))},
		},
		Outputs: []decision.Output{
			{Name: "carrier", Type: decision.String},
			{Name: "price", Type: decision.Number},
		},
		Annotations: []string{"since"},
	}
	for _, rule := range [][]string{
		{`"Germany"`, `<= 5`, `"Post"`, `4.90`, "2024"},
		{`"Germany"`, `(5..30]`, `"Post"`, `9.90`, "2024"},
		{`not("Germany")`, `<= 30`, `"Courier"`, `19.90`, "2025"},
	} {
		if err := t.Add(rule...); err != nil {
			return t, err
		}
	}
	return t, nil
}

// A first table, from its rules to its answers.
//
// Covers: LIB-006
func Example() {
	table, err := shipping()
	if err != nil {
		fmt.Println(err)
		return
	}
	shipping, err := decision.Compile(table)
	if err != nil {
		fmt.Println(err)
		return
	}

	// By position, without allocation.
	result, err := shipping.Eval(decision.Text("germany"), decision.Float(7.5))
	fmt.Println(result.Rule(), result.Get("carrier"), result.Get("price"), err)

	// By name, as a server has it.
	result, err = shipping.EvalMap(map[string]any{"country": "Great-Britain", "weight": 2})
	fmt.Println(result.Rule(), result.Get("carrier"), result.Get("price"), err)

	// No rule matches: that is no error.
	result, err = shipping.EvalMap(map[string]any{"country": "France", "weight": 31})
	fmt.Println(result.Matched(), err)

	// What an input does not take is one.
	_, err = shipping.EvalMap(map[string]any{"country": "Spain", "weight": 2})
	fmt.Println(errors.Is(err, decision.ErrNotAllowed))
	// Output:
	// 2 "Post" 9.9 <nil>
	// 3 "Courier" 19.9 <nil>
	// false <nil>
	// true
}

// Structs go in and come out; nothing is allocated.
func ExampleBind() {
	table, err := shipping()
	if err != nil {
		fmt.Println(err)
		return
	}
	compiled, err := decision.Compile(table)
	if err != nil {
		fmt.Println(err)
		return
	}
	type parcel struct {
		To     string  `decision:"country"`
		Weight float64 // goes with weight by its name
	}
	type offer struct {
		Carrier string
		Price   float64
	}
	shipping, err := decision.Bind[parcel, offer](compiled)
	if err != nil {
		fmt.Println(err)
		return
	}
	best, result, err := shipping.Eval(&parcel{To: "France", Weight: 12})
	fmt.Printf("%+v by rule %d, %v\n", best, result.Rule(), err)
	// Output: {Carrier:Courier Price:19.9} by rule 3, <nil>
}

// Every answer can be explained.
func ExampleEvaluator_Explain() {
	table, err := shipping()
	if err != nil {
		fmt.Println(err)
		return
	}
	shipping, err := decision.Compile(table)
	if err != nil {
		fmt.Println(err)
		return
	}
	why, err := shipping.Explain(decision.Text("Germany"), decision.Int(12))
	fmt.Print(why.Text(), err)
	// Output:
	// Shipping, UNIQUE
	//   country is "Germany"
	//   weight is 12
	// Rule 2: carrier "Post", price 9.9.
	//   rule 1 does not match: weight is 12, not <= 5
	//   rule 2 matches: since 2024
	//   rule 3 does not match: country is "Germany", not other than "Germany"
	// <nil>
}

// A cell without text says that the input is empty, and never any value.
func ExampleParseCell() {
	for _, text := range []string{"-", "", `not("a", "b")`, "[1..5)", "< 3, 7, > 10", `"a`} {
		typ := decision.Number
		if text == `not("a", "b")` || text == `"a` {
			typ = decision.String
		}
		cell, err := decision.ParseCell(text, typ)
		fmt.Println(cell, err)
	}
	// Output:
	// - <nil>
	// empty <nil>
	// not("a", "b") <nil>
	// [1..5) <nil>
	// < 3, 7, > 10 <nil>
	// - decision: invalid syntax: "a has no closing quote
}
