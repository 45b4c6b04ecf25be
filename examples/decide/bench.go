package main

import (
	"fmt"
	"runtime"
	"time"

	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/internal/subcommand"
)

const benchHelp = `Measures how long a table takes to compile, and to decide for inputs that are made of its rules, one of each.

  decide bench psew/escalation.json

`

func bench(c *subcommand.Call) error {
	span := c.Duration("time", time.Second, "measure for this long")
	name := named(c)
	operands, err := c.Operands(1, 1)
	if err != nil {
		return err
	}
	if *span <= 0 {
		return subcommand.Usage("bench: -time is more than 0")
	}
	t, err := table(c, operands[0], *name)
	if err != nil {
		return err
	}
	start := time.Now()
	e, err := decision.Compile(t)
	if err != nil {
		return err
	}
	compiled := time.Since(start)
	queries := asked(t, e)
	fmt.Fprintf(c.Out, "%d rules, %d inputs, compiled in %v\n", len(t.Rules), len(t.Inputs), compiled)
	if len(queries) == 0 {
		return fmt.Errorf("no input could be made of the rules of table %q", t.Name)
	}
	perOp, allocs := measure(e, queries, *span)
	fmt.Fprintf(c.Out, "%d different inputs, %.1f ns and %.2f allocations a decision\n", len(queries), perOp, allocs)
	return nil
}

// measure decides for the inputs, one after the other, for about as long as it is told.
func measure(e *decision.Evaluator, queries [][]decision.Value, span time.Duration) (ns, allocs float64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, n := time.Now(), 0
	for time.Since(start) < span {
		for range 1 + 1000/len(queries) { // so that the clock is hardly asked
			for _, q := range queries {
				_, _ = e.Eval(q...) // that it can was tried before
			}
			n += len(queries)
		}
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	return float64(took.Nanoseconds()) / float64(n), float64(after.Mallocs-before.Mallocs) / float64(n)
}

// asked makes an input of each rule, and keeps those that the table takes.
func asked(t decision.Table, e *decision.Evaluator) [][]decision.Value {
	var queries [][]decision.Value
	for _, r := range t.Rules {
		q := make([]decision.Value, len(t.Inputs))
		for j, in := range t.Inputs {
			q[j] = example(r.When[j], in)
		}
		if _, err := e.Eval(q...); err == nil {
			queries = append(queries, q)
		}
	}
	return queries
}

// example returns a value that the condition may match.
func example(c decision.Cell, in decision.Input) decision.Value {
	for _, cell := range []decision.Cell{c, in.Allowed} {
		if cell.Not || cell.IsAny() {
			continue
		}
		if v := cell.Tests[0].Value; v.Type() != 0 {
			return v
		}
	}
	switch in.Type {
	case decision.Number:
		return decision.Int(0)
	case decision.Boolean:
		return decision.Bool(true)
	case decision.Date:
		return decision.DateOf(time.Unix(0, 0).UTC())
	case decision.Time:
		return decision.TimeOf(time.Unix(0, 0).UTC())
	case decision.DateTime:
		return decision.DateTimeOf(time.Unix(0, 0).UTC())
	case decision.Duration:
		return decision.DurationOf(0)
	case decision.Months:
		return decision.MonthsOf(0)
	}
	return decision.Text("")
}
