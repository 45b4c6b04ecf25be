package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/internal/subcommand"
)

const evalHelp = `Decides for one input. An input that is not given is missing; null is null, and no value is the empty text in a column of
texts. -json reads an object with a field for each input ("-": the standard input), and -input goes before it; neither may
give an input twice. No rule that matches is no error.

  decide eval psew/escalation.json -input category=SD-WAN -input "subcategory=Link failure" -input stage=

`

const explainHelp = `Tells why a table decides as it does: the rules that match, and of each other one the first condition that failed. Inputs
are given as to eval.

  decide explain psew/escalation.json -input category=SD-WAN -input "subcategory=Link failure" -input stage=Triage

`

// question is a table, and what it is asked.
type question struct {
	evaluator *decision.Evaluator
	inputs    map[string]any
	asJSON    bool
}

func ask(c *subcommand.Call) (q question, err error) {
	as, name := format(c), named(c)
	given := c.List("input", "an input, as `NAME=VALUE`; may be repeated")
	from := c.String("json", "", "read inputs from this `FILE`")
	operands, err := c.Operands(1, 1)
	if err != nil {
		return q, err
	}
	if *from == "-" && operands[0] == "-" {
		return q, subcommand.Usage("the table and the inputs cannot both be the standard input")
	}
	t, err := table(c, operands[0], *name)
	if err != nil {
		return q, err
	}
	if q.evaluator, err = decision.Compile(t); err != nil {
		return q, fileError{operands[0], err}
	}
	q.inputs, q.asJSON = map[string]any{}, *as == "json"
	if *from != "" {
		data, err := c.ReadFile(*from, decision.MaxFile)
		if err != nil {
			return q, err
		}
		if q.inputs, err = decision.ParseInputs(data); err != nil {
			return q, fileError{*from, err}
		}
	}
	said := map[string]bool{}
	for _, one := range *given {
		name, text, ok := strings.Cut(one, "=")
		if !ok {
			return q, subcommand.Usage("-input %s: is NAME=VALUE", one)
		}
		if said[name] {
			return q, subcommand.Usage("-input %s: is given twice", name)
		}
		said[name] = true
		if err := q.set(t, name, text); err != nil {
			return q, err
		}
	}
	return q, nil
}

// set takes an input of the command line.
func (q *question) set(t decision.Table, name, text string) error {
	for _, in := range t.Inputs {
		if in.Name != name {
			continue
		}
		if text == "" && in.Type.IsText() {
			q.inputs[name] = decision.Text("")
			return nil
		}
		v, err := decision.ParseValue(text, in.Type)
		if err != nil {
			return fmt.Errorf("-input %s: %w", name, err)
		}
		q.inputs[name] = v
		return nil
	}
	var names []string
	for _, in := range t.Inputs {
		names = append(names, in.Name)
	}
	return fmt.Errorf("-input %s: the table has no such input, but %s", name, strings.Join(names, ", "))
}

func eval(c *subcommand.Call) error {
	q, err := ask(c)
	if err != nil {
		return err
	}
	r, err := q.evaluator.EvalMap(q.inputs)
	if err != nil {
		return err
	}
	if q.asJSON {
		return c.PrintJSON(r)
	}
	if r.Len() == 0 {
		fmt.Fprintln(c.Out, "no rule matches")
		return nil
	}
	t := q.evaluator.Table()
	for i := range r.Len() {
		if i > 0 {
			fmt.Fprintln(c.Out)
		}
		for j, v := range r.Row(i) {
			fmt.Fprintf(c.Out, "%s = %s\n", t.Outputs[j].Name, v)
		}
	}
	return nil
}

func explain(c *subcommand.Call) error {
	q, err := ask(c)
	if err != nil {
		return err
	}
	x, err := q.evaluator.ExplainMap(q.inputs)
	if err != nil && x.Table == "" {
		return err
	}
	if q.asJSON {
		return errors.Join(c.PrintJSON(x), err)
	}
	fmt.Fprint(c.Out, x.Text())
	return err
}
