package logtest_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/adapters/internal/recorder"
	"github.com/forewarn-go/forewarn/adapters/logtest"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
)

// Models fail on purpose here: they need not shrink what they found, nor keep it.
func TestMain(m *testing.M) {
	flag.Parse()
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.shrinktime": "0s"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// fewChecks makes models short for a test that runs them very often.
func fewChecks(t *testing.T) {
	t.Helper()
	old := flag.Lookup("rapid.checks").Value.String()
	set := func(n string) {
		if err := flag.Set("rapid.checks", n); err != nil {
			t.Fatal(err)
		}
	}
	set("25")
	t.Cleanup(func() { set(old) })
}

// broken is a log that breaks the contract in one way.
type broken struct {
	name   string
	f      faults
	caught []string // the clauses that must fail
	beside []string // clauses that may fail too, because they lean on what is broken
}

const model = "the-log-does-what-a-naive-model-does"

var (
	lates = []string{"late", "late-commits-of-several-transactions", "late-commits-of-many-events"}
	reads = []string{"events-come-in-order-per-ticket", "each-event-once-per-reader", "a-new-reader-starts-at-the-beginning", "readers-do-not-take-from-each-other",
		"id-type-time-and-body-come-back", "the-shard-follows-from-the-ticket", "a-reader-reads-its-shards-only", "n-counts-per-shard",
		"numbers-are-unique-in-a-shard-and-rise-per-ticket", "events-of-a-failed-commit-never-appear", "a-long-log-is-read-whole", "memory-is-not-shared-with-the-caller",
		"lanes-are-read-apart", "numbers-rise-per-ticket-over-all-lanes", "an-event-moves-to-another-lane-in-one-commit", "events-as-staged-are-in-the-lane-without-a-name",
		"forget-takes-what-it-was-told-and-no-more", "forget-looks-at-lane-shard-and-number", "forget-again-is-no-error", "a-commit-that-fails-forgets-nothing",
		"what-is-forgotten-leaves-readers-where-they-are", "times-keep-their-microseconds", "joined-events-go-with-a-rollback",
		"joined-events-become-visible-with-the-transaction", "beside-writers-nothing-is-lost-twice-or-out-of-order", model}
)

func brokenLogs() []broken {
	return []broken{
		{name: "a reader skips a late commit", f: faults{skipsLate: true}, caught: lates, beside: []string{"joined-events-become-visible-with-the-transaction"}},
		{name: "a reader finds a late commit with a sweep, and reorders", f: faults{sweepsLate: true}, caught: []string{"late"}, beside: lates},
		{name: "a reader waits for transactions that are open", f: faults{waitsForOpen: true}, caught: []string{"late"}, beside: lates},
		{name: "a reader takes a thousand late events at most", f: faults{fewLate: true}, caught: []string{"late-commits-of-many-events"}},
		{name: "joined events are visible at once", f: faults{visibleAtOnce: true}, caught: []string{"joined-events-become-visible-with-the-transaction", "joined-events-go-with-a-rollback"}, beside: lates},
		{name: "a rollback stages", f: faults{rollbackCommits: true}, caught: []string{"joined-events-go-with-a-rollback"}},

		{name: "numbers are drawn per lane", f: faults{seqPerLane: true}, caught: []string{"numbers-rise-per-ticket-over-all-lanes"}},
		{name: "a number is given twice", f: faults{seqTwice: true}, caught: []string{"numbers-are-unique-in-a-shard-and-rise-per-ticket"}, beside: slices.Concat(reads, lates)},
		{name: "numbers are drawn before the lock, and a reader skips what comes late", f: faults{seqBeforeLock: true, skipsLate: true},
			caught: append([]string{"beside-writers-nothing-is-lost-twice-or-out-of-order"}, lates...), beside: []string{"joined-events-become-visible-with-the-transaction"}},
		{name: "the shard is the one that was given", f: faults{shardAsGiven: true}, caught: []string{"the-shard-follows-from-the-ticket"}},
		{name: "a commit that fails stages", f: faults{failedStage: true}, caught: []string{"events-of-a-failed-commit-never-appear"},
			beside: []string{model, "beside-writers-nothing-is-lost-twice-or-out-of-order"}},
		{name: "times are cut to milliseconds", f: faults{cutTime: true}, caught: []string{"times-keep-their-microseconds", "id-type-time-and-body-come-back"}, beside: slices.Concat(reads, lates)},
		{name: "a type is cut", f: faults{cutType: true}, caught: []string{"id-type-time-and-body-come-back"}},
		{name: "a body is kept as quoted text", f: faults{latin1: true}, caught: []string{"id-type-time-and-body-come-back"}, beside: slices.Concat(reads, lates)},
		{name: "a long body is dropped", f: faults{dropsLong: true}, caught: []string{"id-type-time-and-body-come-back"}},
		{name: "memory is shared", f: faults{sharesMemory: true}, caught: []string{"memory-is-not-shared-with-the-caller"}},

		{name: "a reader reads all lanes", f: faults{allLanes: true}, caught: []string{"lanes-are-read-apart", "an-event-moves-to-another-lane-in-one-commit",
			"events-as-staged-are-in-the-lane-without-a-name"}, beside: slices.Concat(reads, lates)},
		{name: "a reader reads all shards", f: faults{allShards: true}, caught: []string{"a-reader-reads-its-shards-only", "the-shard-follows-from-the-ticket"}, beside: reads},
		{name: "n counts over all shards", f: faults{totalN: true}, caught: []string{"n-counts-per-shard"}, beside: slices.Concat(reads, lates)},
		{name: "a new reader starts at the end", f: faults{newAtEnd: true}, caught: []string{"a-new-reader-starts-at-the-beginning"}, beside: slices.Concat(reads, lates)},
		{name: "readers share a cursor", f: faults{sharedCursor: true}, caught: []string{"readers-do-not-take-from-each-other", "a-new-reader-starts-at-the-beginning"},
			beside: slices.Concat(reads, lates, []string{"a-closed-reader-gives-an-error"})},
		{name: "a reader repeats events", f: faults{repeats: true}, caught: []string{"each-event-once-per-reader"}, beside: slices.Concat(reads, lates)},
		{name: "a reader gives the latest first", f: faults{turnsRound: true}, caught: []string{"events-come-in-order-per-ticket"}, beside: slices.Concat(reads, lates)},
		{name: "a reader gives a ticket's latest only", f: faults{latestOnly: true}, caught: []string{"events-come-in-order-per-ticket", model}, beside: slices.Concat(reads, lates)},
		{name: "events are sorted by shard", f: faults{unsorted: true}, caught: []string{"events-come-in-order-per-ticket"}, beside: slices.Concat(reads, lates)},
		{name: "a log ends after a thousand events", f: faults{cutsAtThousand: true}, caught: []string{"a-long-log-is-read-whole"}, beside: lates},
		{name: "a reader's last event must be there", f: faults{placeByRow: true}, caught: []string{"what-is-forgotten-leaves-readers-where-they-are"}, beside: slices.Concat(reads, lates)},
		{name: "an error loses its cause", f: faults{losesCause: true}, caught: []string{"an-error-keeps-its-cause"}},
		{name: "a closed reader reads on", f: faults{afterClose: true}, caught: []string{"a-closed-reader-gives-an-error"}},
		{name: "a shard that is none is empty", f: faults{anyShard: true}, caught: []string{"a-shard-that-is-none-is-refused"}},
		{name: "nothing may be asked for", f: faults{zeroN: true}, caught: []string{"a-shard-that-is-none-is-refused"}},

		{name: "forget takes all up to a position", f: faults{forgetBelow: true}, caught: []string{"forget-takes-what-it-was-told-and-no-more"}, beside: reads},
		{name: "forget ignores the lane", f: faults{forgetAnyLane: true}, caught: []string{"forget-looks-at-lane-shard-and-number"}, beside: []string{model}},
		{name: "forget ignores the shard", f: faults{forgetAnyShard: true}, caught: []string{"forget-looks-at-lane-shard-and-number"}, beside: []string{model}},
		{name: "forget comes before the checks", f: faults{forgetEarly: true}, caught: []string{"a-commit-that-fails-forgets-nothing"}, beside: []string{model}},
		{name: "forget of what is not there fails", f: faults{forgetStrict: true}, caught: []string{"forget-looks-at-lane-shard-and-number"}},
		{name: "forget again fails", f: faults{twiceFails: true}, caught: []string{"forget-again-is-no-error"}, beside: []string{model, "forget-looks-at-lane-shard-and-number"}},
		{name: "forget takes the first position only", f: faults{forgetLast: true}, caught: []string{"forget-again-is-no-error"},
			beside: []string{"what-is-forgotten-leaves-readers-where-they-are", model}},
		{name: "an event that moves is lost", f: faults{moveLoses: true}, caught: []string{"an-event-moves-to-another-lane-in-one-commit"}},
	}
}

func run(t testing.TB, c storagetest.Clause, f faults) *recorder.TB {
	return recorder.Run(t, c.Name, func(t testing.TB) {
		l := newTestLog(f)
		c.Run(t, storagetest.Under{Store: l, Hold: l.hold})
	})
}

func TestALogWithLateCommitsPasses(t *testing.T) {
	for _, c := range logtest.Clauses() {
		if r := run(t, c, faults{}); r.Failed() || r.Skipped() {
			t.Errorf("%s: skipped %v: %s", c.Name, r.Skipped(), r.Lines())
		}
	}
}

// Each broken log is caught by the clause that it breaks, and by no clause that
// has nothing to do with it.
//
// Covers: LIB-003
func TestBrokenLogsAreCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("a short run draws too few stories for the models to catch every broken log: run without -short")
	}
	fewChecks(t)
	for _, b := range brokenLogs() {
		t.Run(b.name, func(t *testing.T) {
			for _, c := range logtest.Clauses() {
				must := slices.Contains(b.caught, c.Name)
				r := run(t, c, b.f)
				for more := 0; must && !r.Failed() && more < 8; more++ { // a model draws its stories, and may draw none that shows it
					r = run(t, c, b.f)
				}
				switch {
				case must && !r.Failed():
					t.Errorf("clause %s does not catch it", c.Name)
				case must:
					t.Logf("caught by %s: %.200s", c.Name, r.Lines())
				case r.Failed() && !slices.Contains(b.beside, c.Name):
					t.Errorf("clause %s fails, which has nothing to do with it: %.300s", c.Name, r.Lines())
				}
			}
		})
	}
}

// Every clause bites: some broken log is caught by it.
func TestEveryClauseBites(t *testing.T) {
	bites := map[string]bool{}
	for _, b := range brokenLogs() {
		for _, name := range b.caught {
			bites[name] = true
		}
	}
	for _, c := range logtest.Clauses() {
		if !bites[c.Name] {
			t.Errorf("no broken log is caught by %s", c.Name)
		}
		delete(bites, c.Name)
	}
	for name := range bites {
		t.Errorf("%s is no clause", name)
	}
}

// A store of which late commits cannot be shown says so; nothing is skipped in silence.
func TestWhatIsNotShownIsSaid(t *testing.T) {
	for _, oneWriter := range []bool{false, true} {
		for _, c := range logtest.Clauses() {
			r := recorder.Run(t, c.Name, func(t testing.TB) {
				l := newTestLog(faults{})
				u := storagetest.Under{Store: l, OneWriter: oneWriter}
				if oneWriter {
					u.Hold = l.hold
				}
				c.Run(t, u)
			})
			needs := slices.Contains(lates, c.Name) || !oneWriter && strings.HasPrefix(c.Name, "joined")
			if r.Failed() || r.Skipped() != needs || needs && !strings.Contains(r.Lines(), "NOT SHOWN") {
				t.Errorf("one writer %v: %s: skipped %v, want %v: %s", oneWriter, c.Name, r.Skipped(), needs, r.Lines())
			}
		}
	}
}
