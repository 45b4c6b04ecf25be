// Command speccover writes docs/spec-coverage.md, the page that names for every requirement the tests that show it or
// the reason why there is none.
//
// A test says what it shows in its doc comment, on a line such as
//
//	// Covers: PSEW-049, TECH-099..101
//
// The requirements, in words of our own, stand in docs/spec-requirements.txt, and the reasons in
// docs/spec-absences.txt; the top of each file tells its form. Where FOREWARN_SPEC names the folder of the
// specification, its IDs must be those of the first file.
//
//	speccover -write                    write the page anew (make spec)
//	speccover                           say what is wrong, and whether the page is stale
//	speccover -passed FILE [-strict]    say which requirements have no test among those that passed, as package.Test,
//	                                    one a line; with -strict that is a failure
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:generate go run . -write

func main() {
	write := flag.Bool("write", false, "write the page anew")
	passed := flag.String("passed", "", "a file with the tests that passed")
	strict := flag.Bool("strict", false, "with -passed: fail when a requirement has no test among them")
	flag.Parse()
	if err := run(*write, *passed, *strict); err != nil {
		fmt.Fprintln(os.Stderr, "speccover:", err)
		os.Exit(1)
	}
}

func run(write bool, passed string, strict bool) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	c, err := collect(root)
	if err != nil {
		return err
	}
	if passed != "" {
		return shown(c, passed, strict)
	}
	problems := c.problems()
	if spec := os.Getenv("FOREWARN_SPEC"); spec != "" {
		ids, err := specified(spec)
		if err != nil {
			return err
		}
		problems = append(problems, c.against(ids)...)
	}
	page := filepath.Join(root, pageFile)
	if write {
		if err := os.WriteFile(page, []byte(c.page()), 0o644); err != nil {
			return err
		}
		fmt.Println(c.counts())
	} else if err := fresh(page, c.page()); err != nil {
		problems = append(problems, err.Error())
	}
	if len(problems) > 0 {
		return errors.New(strings.Join(problems, "\n"))
	}
	return nil
}

// shown says which requirements have no test among those of the file.
func shown(c *coverage, passed string, strict bool) error {
	text, err := os.ReadFile(passed)
	if err != nil {
		return err
	}
	unshown := c.unshown(strings.Fields(string(text)))
	for _, line := range unshown {
		fmt.Println("not shown by this run:", line)
	}
	if len(unshown) > 0 && strict {
		return fmt.Errorf("%d requirements have tests, and none of them passed", len(unshown))
	}
	return nil
}

// fresh says that the page is stale, where it is.
func fresh(page, want string) error {
	text, err := os.ReadFile(page)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if strings.ReplaceAll(string(text), "\r\n", "\n") != want {
		return errors.New(pageFile + " is stale: run make spec")
	}
	return nil
}

// findRoot returns the directory of the repository: the highest one above that holds the requirements.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	root := ""
	for {
		if _, err := os.Stat(filepath.Join(dir, requirementsFile)); err == nil {
			root = dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	if root == "" {
		return "", errors.New("no " + requirementsFile + " here or above")
	}
	return root, nil
}
