package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// Files of the repository.
const (
	requirementsFile = "docs/spec-requirements.txt"
	absencesFile     = "docs/spec-absences.txt"
	pageFile         = "docs/spec-coverage.md"
)

// pendingSection heads the part of the absences that is to become empty: requirements whose tests are being written.
const pendingSection = "pending:"

// absences say why a requirement has no test.
type absences struct {
	exact   map[id]string
	areas   map[string]string // for all of an area that is not named exactly
	pending map[id]string
}

// lines reads a file of "key: text" lines. Blank lines and those that start with # are left out.
func lines(file string, take func(key, text string) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	scanner := bufio.NewScanner(f)
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, text, ok := strings.Cut(line, ":")
		if !ok {
			return fmt.Errorf("%s:%d: no colon", file, n)
		}
		if err := take(key, strings.TrimSpace(text)); err != nil {
			return fmt.Errorf("%s:%d: %w", file, n, err)
		}
	}
	return scanner.Err()
}

func readRequirements(file string) (map[id]string, error) {
	requirements := map[id]string{}
	err := lines(file, func(key, text string) error {
		i, err := parseID(key)
		if err != nil {
			return err
		}
		if text == "" {
			return fmt.Errorf("%s has no text", key)
		}
		if _, twice := requirements[i]; twice {
			return fmt.Errorf("%s stands here twice", key)
		}
		requirements[i] = text
		return nil
	})
	return requirements, err
}

func readAbsences(file string) (absences, error) {
	a := absences{exact: map[id]string{}, areas: map[string]string{}, pending: map[id]string{}}
	into := a.exact
	err := lines(file, func(key, text string) error {
		if key+":" == pendingSection && text == "" {
			into = a.pending
			return nil
		}
		if text == "" {
			return fmt.Errorf("%s has no reason", key)
		}
		for item := range strings.SplitSeq(key, ",") {
			item = strings.TrimSpace(item)
			if m := whole.FindStringSubmatch(item); m != nil {
				if order(m[1]) == len(areas) {
					return fmt.Errorf("%s names no area", item)
				}
				a.areas[m[1]] = text
				continue
			}
			ids, err := parseIDs(item)
			if err != nil {
				return err
			}
			for _, i := range ids {
				if _, twice := into[i]; twice {
					return fmt.Errorf("%s stands here twice", i.text)
				}
				into[i] = text
			}
		}
		return nil
	})
	return a, err
}
