package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/forewarn-go/forewarn/decision"
)

const evalHelp = `Decides for one input. An input that is not given is missing; null is null, and no value is the empty text in a column of
texts. -json reads an object with a field for each input ("-": the standard input), and -input goes before it.

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

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ", ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func ask(fs *flag.FlagSet, args []string, std streams) (q question, err error) {
	as := format(fs)
	var given list
	fs.Var(&given, "input", "an input, as `NAME=VALUE`; may be repeated")
	from := fs.String("json", "", "read inputs from this `FILE`")
	name := fs.String("table", "", "the `NAME` of the table, when the file has several")
	operands, err := parsed(fs, args, std, 1, 1)
	if err != nil {
		return q, err
	}
	if *from == "-" && operands[0] == "-" {
		return q, usageError{"the table and the inputs cannot both be the standard input"}
	}
	t, err := table(operands[0], *name, std)
	if err != nil {
		return q, err
	}
	if q.evaluator, err = decision.Compile(t); err != nil {
		return q, err
	}
	q.inputs, q.asJSON = map[string]any{}, as.value == "json"
	if *from != "" {
		if err := q.fromJSON(*from, std); err != nil {
			return q, fmt.Errorf("%s: %w", *from, err)
		}
	}
	for _, one := range given {
		name, text, ok := strings.Cut(one, "=")
		if !ok {
			return q, usageError{fmt.Sprintf("-input %s: is NAME=VALUE", one)}
		}
		if err := q.set(t, name, text); err != nil {
			return q, err
		}
	}
	return q, nil
}

func (q *question) fromJSON(file string, std streams) error {
	data, err := read(file, std)
	if err != nil {
		return err
	}
	in := json.NewDecoder(bytes.NewReader(data))
	in.UseNumber()
	if err := in.Decode(&q.inputs); err != nil {
		return fmt.Errorf("is no JSON object with inputs: %w", err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the inputs")
	}
	if q.inputs == nil {
		return errors.New("is no JSON object with inputs")
	}
	return nil
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

func eval(args []string, std streams) error {
	q, err := ask(flags("eval"), args, std)
	if err != nil {
		return err
	}
	r, err := q.evaluator.EvalMap(q.inputs)
	if err != nil {
		return err
	}
	if q.asJSON {
		return printJSON(std.out, r)
	}
	if r.Len() == 0 {
		fmt.Fprintln(std.out, "no rule matches")
		return nil
	}
	t := q.evaluator.Table()
	for i := range r.Len() {
		if i > 0 {
			fmt.Fprintln(std.out)
		}
		for j, v := range r.Row(i) {
			fmt.Fprintf(std.out, "%s = %s\n", t.Outputs[j].Name, v)
		}
	}
	return nil
}

func explain(args []string, std streams) error {
	q, err := ask(flags("explain"), args, std)
	if err != nil {
		return err
	}
	x, err := q.evaluator.ExplainMap(q.inputs)
	if err != nil && x.Table == "" {
		return err
	}
	if q.asJSON {
		return errors.Join(printJSON(std.out, x), err)
	}
	fmt.Fprint(std.out, x.Text())
	return err
}
