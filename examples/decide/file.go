package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/decision/xlsx"
	"github.com/forewarn-go/forewarn/internal/subcommand"
)

// fileError names the file in each line of an error.
type fileError struct {
	file string
	err  error
}

func (e fileError) Error() string {
	return e.file + ": " + strings.ReplaceAll(e.err.Error(), "\n", "\n"+e.file+": ")
}

func (e fileError) Unwrap() error { return e.err }

// tables reads the tables of a file: one, or those of a workbook. With decision.Errors come the tables that were read
// and are not valid.
func tables(c *subcommand.Call, name string) ([]decision.Table, error) {
	kind := strings.ToLower(filepath.Ext(name))
	if name == "-" {
		kind = ".json"
	}
	one := func(parse func([]byte) (decision.Table, error)) func([]byte) ([]decision.Table, error) {
		return func(data []byte) ([]decision.Table, error) {
			t, err := parse(data)
			return []decision.Table{t}, err
		}
	}
	parse := map[string]func([]byte) ([]decision.Table, error){
		".json": one(decision.ParseJSON),
		".csv":  one(decision.ParseCSV),
		".xlsx": func(data []byte) ([]decision.Table, error) { return xlsx.Read(bytes.NewReader(data)) },
	}[kind]
	if about, err := os.Stat(name); err == nil && about.IsDir() {
		return nil, subcommand.Usage("%s: is a directory, and no file", name)
	}
	if parse == nil {
		return nil, subcommand.Usage("%s: a table is a .json, .csv or .xlsx file", name)
	}
	data, err := c.ReadFile(name, decision.MaxFile)
	if err != nil {
		return nil, err
	}
	all, err := parse(data)
	var invalid decision.Errors
	switch {
	case errors.As(err, &invalid):
		return all, fileError{name, err}
	case err != nil:
		return nil, fileError{name, err}
	}
	return all, nil
}

// pick returns those tables that are meant: of that name, or without a name all.
func pick(file, name string, all []decision.Table) ([]decision.Table, error) {
	if name == "" {
		return all, nil
	}
	var picked []decision.Table
	var names []string
	for _, t := range all {
		if t.Name == name {
			picked = append(picked, t)
		}
		names = append(names, fmt.Sprintf("%q", t.Name))
	}
	if picked == nil {
		return nil, fmt.Errorf("%s has no table %q, but %s", file, name, strings.Join(names, ", "))
	}
	return picked, nil
}

// table reads the one table that is meant: the only one of the file, or that of the name.
func table(c *subcommand.Call, file, name string) (none decision.Table, err error) {
	all, err := tables(c, file)
	if err != nil {
		return none, err
	}
	picked, err := pick(file, name, all)
	switch {
	case err != nil:
		return none, err
	case len(picked) == 1:
		return picked[0], nil
	case name != "":
		return none, fmt.Errorf("%s has %d tables %q", file, len(picked), name)
	}
	var names []string
	for _, t := range all {
		names = append(names, fmt.Sprintf("%q", t.Name))
	}
	return none, subcommand.Usage("%s has %d tables: say -table NAME, one of %s", file, len(all), strings.Join(names, ", "))
}
