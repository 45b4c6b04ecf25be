package main

import (
	"errors"
	"fmt"

	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/internal/subcommand"
)

const checkHelp = `Proves tables: tells of inputs that no rule covers, rules that contradict each other or never fire, values that are not
allowed, each with an example; of all tables of every FILE, and whatever its form. The exit code is 1 when a table has a
defect or cannot be read, and 2 when a FILE is of no form that has tables; the other files are checked all the same.

  decide check psew/escalation.json
  decide check -format json tables/*.csv

`

// checked is what check says of a table, or of a file that has none.
type checked struct {
	File     string             `json:"file"`
	Error    string             `json:"error,omitempty"`
	Analysis *decision.Analysis `json:"analysis,omitempty"`
}

func check(c *subcommand.Call) error {
	as, name := format(c), named(c)
	files, err := c.Operands(1, -1)
	if err != nil {
		return err
	}
	all, defects, misused := []checked{}, 0, 0
	for _, file := range files {
		found, n, err := checkFile(c, file, *name)
		if subcommand.IsUsage(err) {
			misused++
		}
		all, defects = append(all, found...), defects+n
	}
	if *as == "json" {
		if err := c.PrintJSON(all); err != nil {
			return err
		}
	} else {
		for _, one := range all {
			if one.Error != "" {
				fmt.Fprintln(c.Out, one.Error)
			}
			if one.Analysis != nil {
				fmt.Fprintf(c.Out, "%s: %s", one.File, one.Analysis.Text())
			}
		}
	}
	sum := fmt.Sprintf("%d defects", defects)
	if defects == 1 {
		sum = "1 defect"
	}
	switch {
	case misused > 0:
		return subcommand.Usage("%s; %d of %d files may not be a table's", sum, misused, len(files))
	case defects > 0:
		return errors.New(sum)
	}
	return nil
}

// checkFile checks the tables of a file, and counts their defects; what keeps it from being read is one, and so is each
// thing that keeps a table from being analysed.
func checkFile(c *subcommand.Call, file, name string) (all []checked, defects int, err error) {
	found, err := tables(c, file)
	var invalid decision.Errors
	if err != nil && !errors.As(err, &invalid) {
		return []checked{{File: file, Error: err.Error()}}, 1, err
	}
	if len(found) > 0 {
		picked, err := pick(file, name, found)
		if err != nil {
			return []checked{{File: file, Error: err.Error()}}, 1, err
		}
		found = picked
	}
	analysed := map[string]bool{}
	for _, t := range found {
		analysis, err := decision.Analyze(t)
		one := checked{File: file}
		switch {
		case errors.Is(err, decision.ErrLimit) && analysis.Table != "": // what was found until then
			one.Error = fileError{file, err}.Error()
			defects++
		case err != nil:
			continue // what is wrong is among what the file's reader has said, with its place
		}
		one.Analysis, analysed[t.Name] = &analysis, true
		defects += analysis.Defects()
		all = append(all, one)
	}
	for _, e := range invalid {
		if analysed[e.Table] && errors.Is(e, decision.ErrNotAllowed) {
			continue // a finding
		}
		all, defects = append(all, checked{File: file, Error: fileError{file, e}.Error()}), defects+1
	}
	return all, defects, nil
}
