package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An id is that of one requirement: PSEW-049, C-08, S13.
type id struct {
	area   string // "PSEW"; "S" for the readings of the SLA engine, which are written without a dash
	number int
	text   string
}

var (
	dashed = regexp.MustCompile(`^([A-Z]+)-([0-9]{2,3})$`)
	plain  = regexp.MustCompile(`^(S)([0-9]{1,2})$`)
	bare   = regexp.MustCompile(`^[0-9]{1,3}$`)
	whole  = regexp.MustCompile(`^([A-Z]+)-?\*$`)
)

// areas are in the order of the page, with what each is about.
var areas = []struct{ name, title string }{
	{"LIB", "The library itself"}, {"PSEW", "Proactive service experience workflows"}, {"DEC", "Decision tables"},
	{"TECH", "Technology product support case"}, {"SLA", "SLA"}, {"S", "Readings of SLA"},
	{"APIN", "API notification management"}, {"SEC", "Roles and tenants"}, {"DIAG", "Diagnostics, tests, repair"},
	{"OPS", "Account 360 and service delivery"}, {"UI", "Workspace, record pages, portal"}, {"C", "Readings of what the sources leave open"},
}

func order(area string) int {
	for i, a := range areas {
		if a.name == area {
			return i
		}
	}
	return len(areas)
}

func compare(a, b id) int {
	return cmp.Or(cmp.Compare(order(a.area), order(b.area)), cmp.Compare(a.number, b.number))
}

func parseID(text string) (id, error) {
	m := dashed.FindStringSubmatch(text)
	if m == nil {
		m = plain.FindStringSubmatch(text)
	}
	if m == nil || order(m[1]) == len(areas) {
		return id{}, fmt.Errorf("%q is not the form of an ID (PSEW-049, C-08, S13)", text)
	}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		return id{}, err
	}
	return id{m[1], n, text}, nil
}

// parseIDs reads a list: IDs and ranges, separated by commas; a range is PSEW-058..060 or PSEW-058..PSEW-060.
func parseIDs(list string) ([]id, error) {
	var ids []id
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		from, to, isRange := strings.Cut(item, "..")
		first, err := parseID(from)
		if err != nil {
			return nil, err
		}
		if !isRange {
			ids = append(ids, first)
			continue
		}
		if bare.MatchString(to) {
			to = strings.TrimRight(from, "0123456789") + to
		}
		last, err := parseID(to)
		if err != nil {
			return nil, fmt.Errorf("end of range %s: %w", item, err)
		}
		if first.area != last.area || first.number >= last.number {
			return nil, fmt.Errorf("%s is no range: it runs upwards within one area", item)
		}
		form := first.area + "-%0" + strconv.Itoa(len(first.text)-len(first.area)-1) + "d"
		if first.area == "S" {
			form = "S%d"
		}
		for n := first.number; n <= last.number; n++ {
			ids = append(ids, id{first.area, n, fmt.Sprintf(form, n)})
		}
	}
	return ids, nil
}

func sortIDs(ids []id) {
	slices.SortFunc(ids, compare)
}
