package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/internal/subcommand"
)

// written writes a file for a test and returns its name.
func written(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestClocksOfOneInstantAreInOrder(t *testing.T) {
	out, _, err := told(t, "run", written(t, `{"calendars":{"all":{"tz":"UTC","always":true}},"scenarios":[{"id":"s","calendar":"all","business_day_s":86400,
		"now":"2026-04-07T09:00:00Z","events":[{"at":"2026-04-07T07:00:00Z","type":"submit","priority":2},{"at":"2026-04-07T07:00:00Z","type":"agent_comment"}]}]}`))
	var got struct {
		Got struct{ SLAs []struct{ Def string } }
	}
	if err != nil || json.Unmarshal([]byte(out), &got) != nil {
		t.Fatal(out, err)
	}
	var names []string
	for _, c := range got.Got.SLAs {
		names = append(names, c.Def)
	}
	if want := "first_response_p2 ongoing_response_p2 case_resolution_p2"; strings.Join(names, " ") != want {
		t.Errorf("%v, want %s", names, want)
	}
}

func TestAMalformedEntryLeavesTheOthers(t *testing.T) {
	name := written(t, `{"calendars":{"all":{"tz":"UTC","always":true},"odd":{"tz":"UTC","always":true,"holydays":[]}},"vectors":[
		{"id":"good","calendar":"all","op":"add","start":"2026-04-07T07:00:00Z","amount_s":1e2,"expect":"2026-04-07T07:01:40Z"},
		{"id":"bad","calendar":"all","op":"add","start":"2026-04-07T07:00:00Z","amount_s":"soon"},
		{"id":"huge","calendar":"all","op":"add","start":"2026-04-07T07:00:00Z","amount_s":1e999999999},
		{"id":"odd","calendar":"odd","op":"is_open","start":"2026-04-07T07:00:00Z","expect":true},
		{"id":7},
		{"id":"free","calendar":"all","op":"is_open","start":"2026-04-07T07:00:00Z"}],
		"scenarios":[{"id":"when","now":"soon"}]}`)
	out, _, err := told(t, "run", name)
	if err == nil || err.Error() != "5 entries could not be answered" {
		t.Error(err)
	}
	for _, part := range []string{`{"id":"good","got":"2026-04-07T07:01:40Z"}`, `{"id":"bad","error":"\"soon\"`, `{"id":"huge","error":"1e999999999: is no`,
		`{"id":"free","got":true}`, `unknown field \"holydays\"`, `{"id":"vectors[4]","error":`, `{"id":"when","error":`} {
		if !strings.Contains(out, part) {
			t.Errorf("%s is not in\n%s", part, out)
		}
	}
	out, _, err = told(t, "run", "-check", name)
	if err == nil || lastLine(out) != "1/7" || !strings.Contains(out, "free: expect: is missing\n") {
		t.Errorf("checked: %v\n%s", err, out)
	}
}

func TestDueSaysWhyThereIsNoDeadline(t *testing.T) {
	never := written(t, `{"tz":"UTC","week":{}}`)
	odd := written(t, `{"tz":"UTC","always":true,"holydays":["2026-04-07"]}`)
	for _, c := range []struct{ file, start, why string }{
		{never, "2026-04-07T07:00:00Z", "no open time in that direction"},
		{"testdata/office.json", "1969-12-31T23:00:00Z", "outside of the years 1970 to 2200"},
		{"testdata/office.json", "2201-01-02T00:00:00Z", "outside of the years 1970 to 2200"},
		{odd, "2026-04-07T07:00:00Z", `unknown field "holydays"`},
	} {
		for _, target := range []string{"8h", "0s"} {
			if target == "0s" && c.file == never {
				continue // what uses no time is due at once
			}
			out, _, err := told(t, "due", "-calendar", c.file, "-start", c.start, "-target", target)
			if err == nil || subcommand.IsUsage(err) || !strings.Contains(err.Error(), c.why) || out != "" {
				t.Errorf("%s: %v, want %s\n%s", c.start, err, c.why, out)
			}
		}
	}
}

func TestANullAnswerIsExplained(t *testing.T) {
	name := written(t, `{"calendars":{"never":{"tz":"UTC","week":{}}},"vectors":[
		{"id":"add","calendar":"never","op":"add","start":"2026-04-07T07:00:00Z","amount_s":60},
		{"id":"sub","calendar":"never","op":"sub","start":"2026-04-07T07:00:00Z","amount_s":60}]}`)
	for _, id := range []string{"add", "sub"} {
		if out, _, err := told(t, "explain", name, id); err != nil || !strings.Contains(out, ": null\n") || !strings.Contains(out, "never comes") {
			t.Errorf("%s: %v\n%s", id, err, out)
		}
	}
}
