package main

import (
	"errors"
	"fmt"

	"github.com/forewarn-go/forewarn/decision"
)

const checkHelp = `Proves tables: tells of inputs that no rule covers, rules that contradict each other or never fire, values that are not
allowed, each with an example. The exit code is 1 when a table has a defect or cannot be read.

  decide check psew/escalation.json
  decide check -format json tables/*.csv

`

// checked is what check says of a table, or of a file that has none.
type checked struct {
	File     string             `json:"file"`
	Error    string             `json:"error,omitempty"`
	Analysis *decision.Analysis `json:"analysis,omitempty"`
}

func check(args []string, std streams) error {
	fs := flags("check")
	as := format(fs)
	files, err := parsed(fs, args, std, 1, -1)
	if err != nil {
		return err
	}
	var all []checked
	defects := 0
	for _, file := range files {
		found, err := unproved(file, std)
		var usage usageError
		if errors.As(err, &usage) {
			return err
		}
		if err != nil {
			all, defects = append(all, checked{File: file, Error: err.Error()}), defects+1
		}
		for _, t := range found {
			one := checked{File: file}
			analysis, err := decision.Analyze(t)
			if err != nil {
				one.Error = file + ": " + err.Error()
				defects++
			}
			if err == nil || errors.Is(err, decision.ErrLimit) { // what was found until then
				one.Analysis = &analysis
				defects += analysis.Defects()
			}
			all = append(all, one)
		}
	}
	if as.value == "json" {
		if err := printJSON(std.out, all); err != nil {
			return err
		}
	} else {
		for _, one := range all {
			if one.Error != "" {
				fmt.Fprintln(std.out, one.Error)
			}
			if one.Analysis != nil {
				fmt.Fprintf(std.out, "%s: %s", one.File, one.Analysis.Text())
			}
		}
	}
	switch defects {
	case 0:
		return nil
	case 1:
		return errors.New("1 defect")
	}
	return fmt.Errorf("%d defects", defects)
}
