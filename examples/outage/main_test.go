package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn/bus"
)

const (
	wantLine = `{"affected_accounts":5,"major_cases":1,"child_cases":5,"open_cases_at_end":0,"stages":["Triage","L1","L2","Resolution"],` +
		`"events":{"TroubleTicketAttributeChangeEvent":18,"TroubleTicketCreateEvent":1,"TroubleTicketCreateEventForCase":6,"TroubleTicketStatusChangeEvent":20},` +
		`"notifications":16,"due_work_done":4}`
	wantIndividual = `{"affected_accounts":5,"major_cases":0,"child_cases":5,"open_cases_at_end":0,"stages":["Triage","L1","L2","Resolution"],` +
		`"events":{"TroubleTicketAttributeChangeEvent":17,"TroubleTicketCreateEvent":1,"TroubleTicketCreateEventForCase":5,"TroubleTicketStatusChangeEvent":17},` +
		`"notifications":15,"due_work_done":4}`
)

var update = flag.Bool("update", false, "write testdata anew")

// told runs the program and returns what it says.
func told(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(context.Background(), args, &out, io.Discard)
	return out.String(), err
}

func last(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// stores are where the story is played.
func stores(t *testing.T) map[string]string {
	all := map[string]string{"memory": "memory", "sqlite": "sqlite:" + filepath.Join(t.TempDir(), "outage.db")}
	if url := os.Getenv("FOREWARN_POSTGRES_URL"); url != "" {
		all["postgres"] = url
	} else {
		t.Log("SKIPPED on PostgreSQL: FOREWARN_POSTGRES_URL is not set")
	}
	return all
}

// seed is another for every run, so that runs share a database.
func seed() string { return fmt.Sprint(time.Now().UnixNano()) }

// Covers: PSEW-001, PSEW-123, PSEW-083, PSEW-008, PSEW-103, PSEW-107, APIN-001, APIN-003, APIN-028, APIN-032, APIN-035, LIB-004, LIB-008
func TestTheStoryIsTheSameOnEveryStore(t *testing.T) {
	var first string
	for name, url := range stores(t) {
		t.Run(name, func(t *testing.T) {
			out, err := told(t, "-store", url, "-seed", seed(), "-json")
			if err != nil {
				t.Fatal(err)
			}
			if got := last(out); got != wantLine {
				t.Errorf("got  %s\nwant %s", got, wantLine)
			}
			if first == "" {
				first = out
			}
			if out != first {
				t.Errorf("another story than on the first store:\n%s\n%s", out, first)
			}
		})
	}
	golden := filepath.Join("testdata", "story.golden.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(first), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != first {
		t.Errorf("%s is not what was told (%v):\n%s", golden, err, first)
	}
}

// Covers: PSEW-076, PSEW-104
func TestWithoutMajorCase(t *testing.T) {
	out, err := told(t, "-threshold", "6", "-json")
	if err != nil {
		t.Fatal(err)
	}
	if got := last(out); got != wantIndividual {
		t.Errorf("got  %s\nwant %s", got, wantIndividual)
	}
}

// Covers: APIN-026, LIB-003
func TestKafka(t *testing.T) {
	broker := os.Getenv("FOREWARN_KAFKA_BROKERS")
	if broker == "" {
		t.Skip("FOREWARN_KAFKA_BROKERS is not set: the events are not read back from a real Kafka")
	}
	store := "memory"
	if url := os.Getenv("FOREWARN_POSTGRES_URL"); url != "" {
		store = url
	}
	out, err := told(t, "-store", store, "-bus", "kafka:"+broker, "-seed", seed(), "-json")
	if err != nil {
		t.Fatal(err)
	}
	if got := last(out); got != wantLine {
		t.Errorf("got  %s\nwant %s", got, wantLine)
	}
}

func TestUsage(t *testing.T) {
	file := "sqlite:" + filepath.Join(t.TempDir(), "outage.db")
	if _, err := told(t, "-store", file); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"description":"x","severity":"1","ticketType":"Incident",
		"relatedEntity":[{"id":"nothing","role":"affected","@referredType":"cmdb_ci"}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args  []string
		usage bool
		says  string
	}{
		"a run that is there":      {[]string{"-store", file}, true, "-resume"},
		"resume on memory":         {[]string{"-resume"}, true, "memory"},
		"an argument":              {[]string{"x"}, true, "no arguments"},
		"threshold 0":              {[]string{"-threshold", "0"}, true, "-threshold"},
		"no accounts":              {[]string{"-accounts", "0"}, true, "-accounts"},
		"no such store":            {[]string{"-store", "oracle"}, true, "-store"},
		"no such bus":              {[]string{"-bus", "pigeon"}, true, "-bus"},
		"unknown flag":             {[]string{"-nothing"}, true, "nothing"},
		"other number of accounts": {[]string{"-store", file, "-resume", "-accounts", "7"}, true, "-accounts"},
		"an unknown CI":            {[]string{"-ticket", bad}, false, "nothing"},
		"no such ticket":           {[]string{"-ticket", bad + "x"}, false, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := told(t, c.args...)
			var usage usageError
			if err == nil || errors.As(err, &usage) != c.usage || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Covers: PSEW-049, TECH-102, APIN-004, LIB-008
func TestKilledAndResumed(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes of its own")
	}
	program := filepath.Join(t.TempDir(), "outage")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, url := range stores(t) {
		if name == "memory" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for range 3 {
				id := seed()
				args := []string{"-store", url, "-seed", id, "-json"}
				kills := 0
				for try := 0; ; try++ {
					if try > 200 {
						t.Fatal("it never ends")
					}
					ctx, cancel := context.WithTimeout(context.Background(), time.Duration(20+rand.IntN(60)+5*try)*time.Millisecond)
					out, err := exec.CommandContext(ctx, program, args...).Output()
					killed := ctx.Err() != nil
					cancel()
					if try == 0 || strings.Contains(fmt.Sprint(err), "exit status 2") {
						args = []string{"-store", url, "-seed", id, "-json", "-resume"}
					}
					if killed {
						kills++
						continue
					}
					if err != nil {
						var exit *exec.ExitError
						if errors.As(err, &exit) {
							t.Fatalf("%v: %s", err, exit.Stderr)
						}
						t.Fatal(err)
					}
					if got := last(string(out)); got != wantLine {
						t.Fatalf("after %d kills\ngot  %s\nwant %s", kills, got, wantLine)
					}
					break
				}
				t.Logf("seed %s: the same line after %d kills", id, kills)
			}
		})
	}
}

// Events of a ticket that do not come in their order are found.
func TestOrderIsChecked(t *testing.T) {
	message := func(n byte, eventType, at, status string) bus.Message {
		return bus.Message{ID: [16]byte{n}, Key: "k", Body: []byte(`{"eventType":"` + eventType + `","eventTime":"` + at + `","event":{"troubleTicket":{"status":"` + status + `"}}}`)}
	}
	created := message(1, "TroubleTicketCreateEvent", "2026-01-05T09:00:00Z", "acknowledged")
	begun := message(2, "TroubleTicketStatusChangeEvent", "2026-01-05T09:01:00Z", "inProgress")
	resolved := message(3, "TroubleTicketStatusChangeEvent", "2026-01-05T09:02:00Z", "resolved")
	for name, c := range map[string]struct {
		messages []bus.Message
		fails    bool
	}{
		"in order":                  {[]bus.Message{created, begun, resolved}, false},
		"one comes again":           {[]bus.Message{created, begun, resolved, begun}, false},
		"before its creation":       {[]bus.Message{begun, created}, true},
		"created twice":             {[]bus.Message{created, message(9, "TroubleTicketCreateEvent", "2026-01-05T09:03:00Z", "acknowledged")}, true},
		"statuses the wrong way":    {[]bus.Message{created, message(4, "TroubleTicketStatusChangeEvent", "2026-01-05T09:01:00Z", "resolved")}, true},
		"an instant that goes back": {[]bus.Message{created, resolved, begun}, true},
	} {
		if err := inOrder(c.messages); (err != nil) != c.fails {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The customers' service has a service definition of fibre broadband, which generation recommends.
// Covers: PSEW-086
func TestTheDemoHasAFibreBroadbandService(t *testing.T) {
	var b bytes.Buffer
	if err := writeInventory(&b, 2); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), `"definition":"Fibre broadband"`); n != 1 {
		t.Errorf("%d services of fibre broadband", n)
	}
}
