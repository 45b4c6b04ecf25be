package main

import (
	"context"
	"os"
	"path/filepath"
)

func Example() {
	dir, err := os.MkdirTemp("", "embed")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	run(context.Background(), "sqlite:"+filepath.Join(dir, "ops.db"))
	// Output: INC0000001 is at L1 investigation with L1 Network Engineering; noa has 1 call
}
