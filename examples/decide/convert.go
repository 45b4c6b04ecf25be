package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/decision/xlsx"
	"github.com/forewarn-go/forewarn/internal/subcommand"
)

const convertHelp = `Writes a table in another form, always the same for the same table. Reading JSON, CSV or Excel again gives the same table;
markdown is for documents. All tables of a workbook go to one, and of the other forms each file holds one: say -table.

  decide convert psew/escalation.json -to csv
  decide convert escalation.xlsx -to json -o escalation.json

`

func convert(c *subcommand.Call) error {
	to := c.Choice("to", "the form: `json|csv|xlsx|markdown`", "", "json", "csv", "xlsx", "markdown")
	name := named(c)
	out := c.String("o", "", "write to this `OUT` and not to the standard output")
	operands, err := c.Operands(1, 1)
	if err != nil {
		return err
	}
	if *to == "" {
		return subcommand.Usage("convert: to what? -to json|csv|xlsx|markdown")
	}
	data, err := converted(c, operands[0], *name, *to)
	if err != nil {
		return err
	}
	if *out == "" {
		_, err = c.Out.Write(data)
		return err
	}
	return os.WriteFile(*out, data, 0o644)
}

func converted(c *subcommand.Call, file, name, to string) ([]byte, error) {
	if to == "xlsx" && name == "" {
		all, err := tables(c, file)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		err = xlsx.Write(&b, all...)
		return b.Bytes(), err
	}
	t, err := table(c, file, name)
	if err != nil {
		return nil, err
	}
	switch to {
	case "json":
		return decision.FormatJSON(t)
	case "csv":
		return decision.FormatCSV(t)
	case "markdown":
		return decision.FormatMarkdown(t)
	case "xlsx":
		var b bytes.Buffer
		err := xlsx.Write(&b, t)
		return b.Bytes(), err
	}
	return nil, fmt.Errorf("%q is no form", to)
}
