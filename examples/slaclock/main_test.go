package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/internal/subcommand"
)

var update = flag.Bool("update", false, "write the golden files anew")

// told runs the program and returns what it writes.
func told(t *testing.T, args ...string) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	err = program.Do(args, subcommand.Streams{In: strings.NewReader(""), Out: &o, Errs: &e})
	return o.String(), e.String(), err
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// Covers: SLA-020, SLA-021, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S16, S17, S18
func TestTheAcceptanceData(t *testing.T) {
	dir := os.Getenv("FOREWARN_SLA_DATA")
	if dir == "" {
		t.Skip("SKIPPED: FOREWARN_SLA_DATA names no folder with vectors.json and scenarios.json, so neither was answered")
	}
	for _, name := range []string{"vectors.json", "scenarios.json"} {
		out, errs, err := told(t, "run", "-check", filepath.Join(dir, name))
		if err != nil || errs != "" {
			t.Errorf("%s: %v\n%s%s", name, err, errs, out)
		}
		var passed, all int
		if n, err := fmt.Sscanf(lastLine(out), "%d/%d", &passed, &all); n != 2 || err != nil || passed != all || all < 40 {
			t.Errorf("%s: the last line is %q", name, lastLine(out))
		}
		t.Logf("%s: %s", name, lastLine(out))
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := parse(b)
		if err != nil {
			t.Fatal(err)
		}
		explained(t, f, filepath.Join(dir, name))
	}
}

// explained explains every entry that is answered.
func explained(t *testing.T, f *file, name string) {
	t.Helper()
	var ids []string
	for _, v := range f.Vectors {
		if !skipped[v.Op] {
			ids = append(ids, v.ID)
		}
	}
	for _, s := range f.Scenarios {
		ids = append(ids, s.ID)
	}
	for _, id := range ids {
		s, err := f.story(id)
		if err != nil {
			t.Errorf("%s of %s: %v", id, name, err)
			continue
		}
		var b bytes.Buffer
		if len(s.clocks) > 0 {
			if err := picture(&b, s); err != nil {
				t.Errorf("%s of %s: %v", id, name, err)
			}
			wellFormed(t, b.Bytes())
		}
	}
}

func wellFormed(t *testing.T, b []byte) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		_, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Errorf("the picture: %v", err)
			return
		}
	}
}

func TestRunAnswersEveryEntry(t *testing.T) {
	out, errs, err := told(t, "run", "testdata/vectors.json")
	if err != nil || errs != "" {
		t.Fatal(err, errs)
	}
	want := `{"id":"v1","got":"2026-04-07T10:00:00Z"}
{"id":"v2","got":"2026-04-07T08:59:59.5Z"}
{"id":"v3","got":27000}
{"id":"v4","got":-28800}
{"id":"v5","got":true}
{"id":"v6","got":"2026-04-13T07:00:00Z"}
{"id":"v7","got":"2026-04-13T10:00:00Z"}
{"id":"v8","got":"2026-04-07T10:00:00Z"}
{"id":"v9","got":{"breach":"2026-04-09T21:00:00Z","original_breach":"2026-04-08T16:00:00Z","p50":"2026-04-08T13:00:00Z","p75":"2026-04-08T15:00:00Z"}}
{"id":"v10","got":{"breach":null}}
{"id":"v11","got":null}
{"id":"v12","got":null}
{"id":"v13","skipped":"next_day_start is arithmetic on dates of another project, which no clock asks for"}
{"id":"v14","got":false}
`
	if out != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
	if out, _, err := told(t, "run", "testdata/vectors.json", "-check"); err != nil || out != "12/12\n" {
		t.Errorf("checked: %q, %v", out, err)
	}
}

// Covers: S13
func TestRunPlaysScenarios(t *testing.T) {
	out, errs, err := told(t, "run", "-check", "testdata/scenarios.json")
	if err != nil || out != "1/1\n" || errs != "" {
		t.Errorf("%q, %q, %v", out, errs, err)
	}
	out, errs, err = told(t, "run", "testdata/scenarios.json")
	if err != nil || !strings.HasPrefix(out, `{"id":"rejected","got":{"state":"Closed","slas":[{"def":"first_response_p3_p4","start":"2026-04-07T07:00:00Z"`) {
		t.Errorf("%s, %v", out, err)
	}
	if want := "rejected: agent_comment at 2026-04-30T12:00:00Z: nothing is done in state Closed\n"; errs != want {
		t.Errorf("notes %q, want %q", errs, want)
	}
	// What is expected to be empty or null is written so.
	for _, part := range []string{`"pauses":[]`, `"stop":"2026-04-07T08:00:00Z"`, `"auto_close":[{"kind":"reminder_1","at":"2026-04-18T12:00:00Z"}`} {
		if !strings.Contains(out, part) {
			t.Errorf("%s is not in %s", part, out)
		}
	}
}

func TestWhatCannotBeAnsweredIsSaid(t *testing.T) {
	out, _, err := told(t, "run", "testdata/wrong.json")
	if err == nil || err.Error() != "17 entries could not be answered" {
		t.Errorf("%v", err)
	}
	for id, why := range map[string]string{"unknown": "nowhere", "op": "guess", "start": "monday", "nothing": "start", "end": "end", "outside": "outside",
		"circle": "part of itself", "mars": "Mars/Olympus", "someday": "week.someday", "late": "25:00", "date": "2026-02-30", "annual": "christmas",
		"special": "2026-13-01", "breaks": "2026-12-01", "backwards": "events[1].at", "unknown event": "shout", "no now": "now"} {
		i := slices.IndexFunc(strings.Split(out, "\n"), func(l string) bool { return strings.HasPrefix(l, fmt.Sprintf(`{"id":%q,"error":`, id)) })
		if i < 0 || !strings.Contains(strings.Split(out, "\n")[i], why) {
			t.Errorf("%s does not say %s", id, why)
		}
	}
	out, _, err = told(t, "run", "-check", "testdata/wrong.json")
	if err == nil || lastLine(out) != "1/19" || !strings.Contains(out, "missed: got is false, want true\n") {
		t.Errorf("checked: %v\n%s", err, out)
	}
}

func TestCompareNamesTheField(t *testing.T) {
	for _, c := range []struct{ want, got, miss string }{
		{`{"a":1,"b":[1,2]}`, `{"a":1.0,"b":[1,2]}`, ""},
		{`"2024-01-01T00:00:00Z"`, `"2024-01-01T00:00:00.000Z"`, ""},
		{`{"a":1}`, `{"a":2}`, "a is 2, want 1"},
		{`{"a":{"b":null}}`, `{"a":{"b":0}}`, "a.b is 0, want null"},
		{`[{"x":1},{"x":1}]`, `[{"x":1},{"x":"1"}]`, `[1].x is "1", want 1`},
		{`[1,2]`, `[1]`, "got is [1], want [1,2]"},
		{`{"a":1}`, `{"a":1,"b":2}`, "b is 2, and is not expected"},
		{`{"a":1,"b":2}`, `{"a":1}`, "b is missing, want 2"},
		{`{"a":1}`, `[]`, `got is [], want {"a":1}`},
	} {
		got, err := compare(json.RawMessage(c.want), json.RawMessage(c.got))
		if err != nil || strings.Join(got, "; ") != c.miss {
			t.Errorf("%s, %s: %q, %v; want %q", c.want, c.got, got, err, c.miss)
		}
	}
	if _, err := compare(nil, json.RawMessage(`1`)); err == nil {
		t.Error("nothing is expected, and that is fine")
	}
}

func TestDue(t *testing.T) {
	out, _, err := told(t, "due", "-calendar", "testdata/office.json", "-start", "2024-10-02T13:00:00Z", "-target", "8h")
	want := `start     2024-10-02T13:00:00Z   Wed 2024-10-02 15:00:00 CEST
50%       2024-10-04T09:00:00Z   Fri 2024-10-04 11:00:00 CEST
75%       2024-10-04T11:00:00Z   Fri 2024-10-04 13:00:00 CEST
100%      2024-10-04T13:00:00Z   Fri 2024-10-04 15:00:00 CEST
deadline  2024-10-04T13:00:00Z   Fri 2024-10-04 15:00:00 CEST
target    8h
`
	if err != nil || out != want {
		t.Errorf("%v\n%s", err, out)
	}
	for _, c := range []struct{ args, deadline string }{
		{"-calendar testdata/office.json -start 2024-10-02T13:00:00Z -target 2bd", "2024-10-07T13:00:00Z"},
		{"-calendar testdata/library.json -name both -start 2024-10-05T12:00:00Z -target 1bd", "2024-10-07T09:00:00Z"},
		{"-calendar testdata/vectors.json -name office -start 2026-04-08T07:00:00Z -target 90m", "2026-04-08T08:30:00Z"},
		{"-calendar testdata/office.json -start 2024-10-04T13:00:00Z -target 8h -pause 2024-10-04T14:00:00Z/2024-10-07T08:00:00Z", "2024-10-07T15:00:00Z"},
	} {
		out, _, err := told(t, append([]string{"due", "-json"}, strings.Fields(c.args)...)...)
		var got struct{ Deadline, Start time.Time }
		if err != nil || json.Unmarshal([]byte(out), &got) != nil || got.Deadline.Format(time.RFC3339) != c.deadline {
			t.Errorf("%s: %s, %v; want %s", c.args, out, err, c.deadline)
		}
	}
	out, _, err = told(t, "due", "-json", "-calendar", "testdata/office.json", "-start", "2024-10-02T09:00:00Z", "-target", "8h", "-pause", "2024-10-02T14:00:00Z/")
	if want := `{"start":"2024-10-02T09:00:00Z","target_s":28800,"milestones":{"100":null,"50":"2024-10-02T13:00:00Z","75":null},"deadline":null}`; err != nil || strings.TrimSpace(out) != want {
		t.Errorf("paused for good: %s, %v", out, err)
	}
	if out, _, err = told(t, "due", "-calendar", "testdata/office.json", "-start", "2024-10-02T09:00:00Z", "-target", "8h", "-pause", "2024-10-02T14:00:00Z/"); err != nil || !strings.Contains(out, "deadline  never") {
		t.Errorf("paused for good: %s, %v", out, err)
	}
}

func TestExplainTellsTheTimeline(t *testing.T) {
	for _, c := range []struct {
		golden string
		args   []string
	}{
		{"rejected.txt", []string{"explain", "testdata/scenarios.json", "rejected"}},
		{"rejected.svg", []string{"explain", "testdata/scenarios.json", "rejected", "-svg"}},
		{"v9.txt", []string{"explain", "testdata/vectors.json", "v9"}},
	} {
		out, _, err := told(t, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", c.golden)
		if *update {
			if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if out != string(want) {
			t.Errorf("%s is another (go test -update writes it):\n%s", file, out)
		}
	}
	out, _, err := told(t, "explain", "-json", "testdata/scenarios.json", "rejected")
	var all []struct {
		Clock int
		Spans []any
	}
	if err != nil || json.Unmarshal([]byte(out), &all) != nil || len(all) != 4 || len(all[1].Spans) == 0 {
		t.Errorf("%s, %v", out, err)
	}
	for _, id := range []string{"v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8"} {
		if out, _, err := told(t, "explain", "testdata/vectors.json", id); err != nil || !strings.Contains(out, "open") {
			t.Errorf("%s: %s, %v", id, out, err)
		}
	}
}

func TestLint(t *testing.T) {
	out, _, err := told(t, "lint", "-shipped")
	if want := "uncovered: priority 1 of a case has no clock of kind first_response\n"; err == nil || !strings.HasPrefix(out, want) {
		t.Errorf("%s, %v", out, err)
	}
	if out, _, err := told(t, "lint", "testdata/office.json", "-from", "2024-01-01", "-to", "2025-12-31"); err != nil || out != "" {
		t.Errorf("%s, %v", out, err)
	}
	out, _, err = told(t, "lint", "testdata/library.json", "-from", "2024-01-01", "-to", "2024-12-31")
	if err == nil || !strings.Contains(out, "night: loses-time: ") {
		t.Errorf("%s, %v", out, err)
	}
	if _, _, err := told(t, "lint", "testdata/wrong.json"); err == nil || !strings.Contains(err.Error(), "testdata/wrong.json: calendar") {
		t.Errorf("%v", err)
	}
	dir := t.TempDir()
	for name, c := range map[string]struct{ data, want string }{
		"calendar":    {`{"tz": "UTC", "week": {}}`, "never-opens"},
		"definitions": {`{"definitions":[{"id":"d","kind":"k","task":"case","target":{"days":1},"start":{"field":"state","in":["Lost"]},"stop":{"happened":["stop"]}}]}`, "unknown_value"},
		"wrong":       {`{"definitions":[{"id":""}]}`, ""},
		"list":        {`[]`, ""},
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(c.data), 0o644); err != nil {
			t.Fatal(err)
		}
		out, _, err := told(t, "lint", file)
		if err == nil || !strings.Contains(out, c.want) || c.want == "" && out != "" {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
}

func TestTheCommandLine(t *testing.T) {
	due := "due -calendar testdata/office.json -start 2024-10-02T09:00:00Z -target 8h"
	for _, c := range []struct{ args, text string }{
		{"", "which command?"}, {"guess", `"guess" is no command`}, {"run", "got 0 operands"}, {"run a b", "got 2 operands"},
		{"run -guess x", "flag provided but not defined"}, {"explain x", "got 1 operand"}, {"explain -svg -json a b", "exclude each other"},
		{"due", "-calendar is missing"}, {"due -calendar x", "-start is missing"}, {"due -calendar x -start y", "-target is missing"},
		{"due -calendar testdata/office.json -start monday -target 8h", "-start \"monday\""},
		{"due -calendar testdata/office.json -start 2024-10-02T09:00:00Z -target soon", "-target \"soon\""},
		{"due -calendar testdata/office.json -start 2024-10-02T09:00:00Z -target -8h", "below 0"},
		{"due -calendar testdata/office.json -start 2024-10-02T09:00:00Z -target 0bd", "-target \"0bd\""},
		{due + " -pause x", "FROM/TO"}, {due + " -pause x/y", "no instant"}, {due + " -pause 2024-10-02T09:00:00Z/y", "no instant"},
		{due + " -pause 2024-10-02T09:00:00Z/2024-10-02T08:00:00Z", "before it begins"},
		{due + " -name x", "-name is for a file"}, {"due -calendar testdata/library.json -start 2024-10-02T09:00:00Z -target 8h", "-name is missing"},
		{"lint -from x testdata/office.json", "invalid value"}, {"lint", "takes a FILE"}, {"lint -shipped testdata/office.json", "takes a FILE"}, {"lint a b", "got 2 operands"},
	} {
		_, _, err := told(t, strings.Fields(c.args)...)
		if !subcommand.IsUsage(err) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v; want %s", c.args, err, c.text)
		}
	}
	for _, c := range []struct{ args, text string }{
		{"run testdata/none.json", "no such file"}, {"run testdata/office.json", "neither vectors nor scenarios"}, {"run main.go", "is no file of vectors"},
		{"explain testdata/vectors.json v99", "no such entry"}, {"explain testdata/vectors.json v13", "next_day_start"}, {"explain -svg testdata/vectors.json v5", "no clock to draw"},
		{"due -calendar main.go -start 2024-10-02T09:00:00Z -target 8h", "no JSON object"},
		{"due -calendar testdata/library.json -name x -start 2024-10-02T09:00:00Z -target 8h", "x"},
		{"lint main.go", "no JSON object"}, {"lint -from 2025-01-01 -to 2024-01-01 testdata/office.json", "not before"},
	} {
		_, _, err := told(t, strings.Fields(c.args)...)
		if err == nil || subcommand.IsUsage(err) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v; want %s", c.args, err, c.text)
		}
	}
	for _, args := range []string{"help", "-h", "help due", "due -h", "run -help", "help explain", "lint -h"} {
		out, _, err := told(t, strings.Fields(args)...)
		if err != nil || !strings.Contains(out, "slaclock") {
			t.Errorf("%s: %s, %v", args, out, err)
		}
	}
}

func TestFilesAreVerified(t *testing.T) {
	for data, want := range map[string]string{
		`{"vectors":[{"op":"add"}]}`:                                    "vectors[0].id: is missing",
		`{"vectors":[{"id":"a"},{"id":"a"}]}`:                           `vectors[1].id: "a" stands there twice`,
		`{"vectors":[{"id":"a"}],"scenarios":[{"id":"a"}]}`:             `scenarios[0].id: "a" stands there twice`,
		`{"vectors":[{"id":"a"}]} x`:                                    "something follows",
		`{"vectors":[{"id":"a","pauses":[["2024-01-01T00:00:00Z"]]}]}`:  "is not [from, to]",
		`{"vectors":[{"id":"a","pauses":[[null,null]]}]}`:               "is not [from, to]",
		`{"vectors":[{"id":"a","amount_s":1e31}]}`:                      "an exponent of at most 30",
		`{"vectors":[{"id":"a","amount_s":0.0000000001}]}`:              "finer than nanoseconds",
		`{"vectors":[{"id":"a","amount_s":99999999999}]}`:               "longer than 292 years",
		`{"vectors":[{"id":"a","amount_s":"many"}]}`:                    "no number of seconds",
		`{"scenarios":[{"id":"a","now":"monday"}]}`:                     "monday",
		`{"vectors":[{"id":"a"}],"calendars":{"c":{"week":{"mon":7}}}}`: ".week",
	} {
		f, err := parse([]byte(data))
		if err == nil { // what is wrong with one part is kept with it
			var broken []error
			for _, v := range f.Vectors {
				broken = append(broken, v.broken)
			}
			for _, s := range f.Scenarios {
				broken = append(broken, s.broken)
			}
			for _, c := range f.Calendars {
				broken = append(broken, c.broken)
			}
			err = errors.Join(broken...)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", data, err, want)
		}
	}
	for _, s := range []struct {
		d    time.Duration
		text string
	}{{0, "0"}, {1500 * time.Millisecond, "1.5"}, {-1, "-0.000000001"}, {-time.Hour, "-3600"}} {
		b, err := json.Marshal(seconds(s.d))
		var again seconds
		if err != nil || string(b) != s.text || json.Unmarshal(b, &again) != nil || again != seconds(s.d) {
			t.Errorf("%v: %s, %v", s.d, b, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"vectors.json", "scenarios.json", "wrong.json"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := parse(data)
		if err != nil {
			return
		}
		err = file.entries(func(e entry) error {
			if e.err != nil {
				return nil
			}
			b, err := json.Marshal(e.got)
			if err != nil {
				t.Fatal(err)
			}
			if misses, err := compare(b, b); err != nil || len(misses) > 0 {
				t.Fatalf("%s is not itself: %v, %v", b, misses, err)
			}
			if s, err := file.story(e.id); err == nil && len(s.clocks) > 0 {
				if err := picture(io.Discard, s); err != nil {
					t.Fatal(err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
