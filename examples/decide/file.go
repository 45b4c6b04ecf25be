package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/forewarn-go/forewarn/decision"
	"github.com/forewarn-go/forewarn/decision/xlsx"
)

// read reads a file, or the standard input for "-", no further than any table goes.
func read(name string, std streams) ([]byte, error) {
	in := std.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return io.ReadAll(io.LimitReader(in, decision.MaxFile+1))
}

// tables reads the tables of a file: one, or those of a workbook.
func tables(name string, std streams) ([]decision.Table, error) {
	data, err := read(name, std)
	if err != nil {
		return nil, err
	}
	var all []decision.Table
	switch kind := strings.ToLower(filepath.Ext(name)); {
	case kind == ".json" || name == "-":
		all = make([]decision.Table, 1)
		all[0], err = decision.ParseJSON(data)
	case kind == ".csv":
		all = make([]decision.Table, 1)
		all[0], err = decision.ParseCSV(data)
	case kind == ".xlsx":
		all, err = xlsx.Read(bytes.NewReader(data))
	default:
		return nil, usageError{fmt.Sprintf("%s: a table is a .json, .csv or .xlsx file", name)}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all, nil
}

// unproved reads the tables of a file for check: one of JSON as it stands, so that what is wrong with it becomes findings.
func unproved(name string, std streams) ([]decision.Table, error) {
	if strings.ToLower(filepath.Ext(name)) != ".json" && name != "-" {
		return tables(name, std)
	}
	data, err := read(name, std)
	if err != nil {
		return nil, err
	}
	all := make([]decision.Table, 1)
	if err := all[0].UnmarshalJSON(data); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all, nil
}

// table reads the one table that is meant: the only one of the file, or that of the name.
func table(file, name string, std streams) (none decision.Table, err error) {
	all, err := tables(file, std)
	if err != nil {
		return none, err
	}
	var names []string
	for _, t := range all {
		if t.Name == name || name == "" && len(all) == 1 {
			return t, nil
		}
		names = append(names, fmt.Sprintf("%q", t.Name))
	}
	if name == "" {
		return none, usageError{fmt.Sprintf("%s has %d tables: say -table NAME, one of %s", file, len(all), strings.Join(names, ", "))}
	}
	return none, fmt.Errorf("%s has no table %q, but %s", file, name, strings.Join(names, ", "))
}

// printJSON prints a value as indented JSON.
func printJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(v)
}
