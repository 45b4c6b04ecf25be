package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/decision/xlsx"
)

const convertHelp = `Writes a table in another form, always the same for the same table. Reading JSON, CSV or Excel again gives the same table;
markdown is for documents. All tables of a workbook go to one, and of the other forms each file holds one: say -table.

  decide convert psew/escalation.json -to csv
  decide convert escalation.xlsx -to json -o escalation.json

`

func convert(args []string, std streams) error {
	fs := flags("convert")
	to := &choice{of: []string{"json", "csv", "xlsx", "markdown"}}
	fs.Var(to, "to", "the form: `json|csv|xlsx|markdown`")
	name := fs.String("table", "", "the `NAME` of the table, when the file has several")
	out := fs.String("o", "", "write to this `OUT` and not to the standard output")
	operands, err := parsed(fs, args, std, 1, 1)
	if err != nil {
		return err
	}
	if to.value == "" {
		return usageError{"convert: to what? -to json|csv|xlsx|markdown"}
	}
	data, err := converted(operands[0], *name, to.value, std)
	if err != nil {
		return err
	}
	if *out == "" {
		_, err = std.out.Write(data)
		return err
	}
	return os.WriteFile(*out, data, 0o644)
}

func converted(file, name, to string, std streams) ([]byte, error) {
	if to == "xlsx" && name == "" {
		all, err := tables(file, std)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		err = xlsx.Write(&b, all...)
		return b.Bytes(), err
	}
	t, err := table(file, name, std)
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
