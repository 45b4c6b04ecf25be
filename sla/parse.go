package sla

import (
	"encoding/json"
	"fmt"
)

// ParseDefinitions reads {"definitions": […]}, as DefinitionsSchema describes it, and verifies every one by itself. It
// returns an Error that names the first that breaks a rule. At most 16 MiB are read, and 1,000 definitions.
func ParseDefinitions(data []byte) ([]Definition, error) {
	var file struct {
		Definitions []Definition `json:"definitions"`
	}
	if err := decode(data, &file); err != nil {
		return nil, within("definitions", err)
	}
	if file.Definitions == nil {
		return nil, invalid("definitions", "are missing")
	}
	if len(file.Definitions) > maxDefinitions {
		return nil, invalid("definitions", "has %d entries, at most %d are allowed", len(file.Definitions), maxDefinitions)
	}
	for i, d := range file.Definitions {
		if err := d.check(); err != nil {
			return nil, within(fmt.Sprintf("definitions[%d]", i), err)
		}
	}
	return file.Definitions, nil
}

// FormatDefinitions returns what ParseDefinitions reads.
func FormatDefinitions(all []Definition) ([]byte, error) {
	if all == nil {
		all = []Definition{}
	}
	return json.MarshalIndent(struct {
		Definitions []Definition `json:"definitions"`
	}{all}, "", "  ")
}
