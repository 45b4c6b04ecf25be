package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
)

func TestNotesOutliveTheProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.db")
	call := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := run(context.Background(), append([]string{"-db", file}, args...), &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, ""},
		{[]string{"first note"}, "1  first note\n"},
		{[]string{"second", "third"}, "1  first note\n2  second\n3  third\n"},
		{[]string{"-tenant", "other", "theirs"}, "1  theirs\n"},
		{nil, "1  first note\n2  second\n3  third\n"},
	} {
		if got := call(c.args...); got != c.want {
			t.Errorf("%v printed %q, want %q", c.args, got, c.want)
		}
	}
}

func TestAFileThatIsNoneIsAnError(t *testing.T) {
	if err := run(context.Background(), []string{"-db", filepath.Join(t.TempDir(), "none", "notes.db")}, &bytes.Buffer{}); err == nil {
		t.Error("a file in a folder that is not there was opened")
	}
}
