package main

import (
	"os"
	"path/filepath"
	"testing"
)

// here is what this repository says of its requirements.
func here(t *testing.T) (*coverage, string) {
	t.Helper()
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	c, err := collect(root)
	if err != nil {
		t.Fatal(err)
	}
	return c, root
}

func TestEveryRequirementHasATestOrAReason(t *testing.T) {
	c, _ := here(t)
	for _, problem := range c.problems() {
		t.Error(problem)
	}
}

func TestPageIsFresh(t *testing.T) {
	c, root := here(t)
	if err := fresh(filepath.Join(root, pageFile), c.page()); err != nil {
		t.Error(err)
	}
}

func TestRequirementsAreThoseOfTheSpecification(t *testing.T) {
	spec := os.Getenv("FOREWARN_SPEC")
	if spec == "" {
		t.Skip("FOREWARN_SPEC is not set: the requirements are not compared with the specification")
	}
	ids, err := specified(spec)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := here(t)
	for _, problem := range c.against(ids) {
		t.Error(problem)
	}
}
