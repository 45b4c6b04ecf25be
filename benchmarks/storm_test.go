package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/worker"
)

// BenchmarkStorm is an incident that hits 100,000 accounts: a major case and a child for each account, each with its
// activity, event, mail and the due item that sends it, through psew.Generate and the jobs that follow it. Beside it stands
// an INSERT of many rows at once, 1,000 a transaction and table, of the very rows that we have written, in the order in
// which they lie, into copies of the tables with the same indexes. Ours runs in a process of its own whose peak of memory is
// reported. Neither side finds a row in its tables.
func BenchmarkStorm(b *testing.B) {
	n, rounds := 100_000, 5
	if testing.Short() {
		n = 2_000
	}
	url := database(b)
	d := newDesk(b, url, psew.DefaultTable())
	db := byHand(b, url)
	incident := affected(b, d, n)
	run(b, db, "VACUUM ANALYZE")

	peak := 0.0
	var rows int
	ours := func(b *testing.B) (int, time.Duration) {
		for _, t := range stormTables {
			run(b, db, "TRUNCATE "+t.name)
		}
		run(b, db, "CHECKPOINT")
		got := inChild(b, stormOrder{URL: url, Incident: incident})
		if got.Cases != n {
			b.Fatalf("%d cases were generated, want %d", got.Cases, n)
		}
		rows = 0
		for _, t := range stormTables {
			var found int
			check(b, db.Get(&found, "SELECT count(*) FROM "+t.name))
			if found < n || found > n+5 {
				b.Fatalf("%s has %d rows, want one for each of %d cases and a few", t.name, found, n+1)
			}
			rows += found
		}
		peak = max(peak, float64(got.Peak)/1024)
		return n, got.Took
	}
	bare := func(b *testing.B) (int, time.Duration) {
		if rows == 0 {
			ours(b) // of whose rows it makes copies
		}
		for _, t := range stormTables {
			run(b, db, "DROP TABLE IF EXISTS bare_"+t.name, "CREATE TABLE bare_"+t.name+" (LIKE "+t.name+" INCLUDING ALL)")
		}
		run(b, db, "CHECKPOINT")
		took, copied := insertBare(b, url, db)
		if copied != rows {
			b.Fatalf("%d rows were copied, want %d", copied, rows)
		}
		return n, took
	}
	compare(b, rounds, ours, bare)
	b.ReportMetric(peak, "peak-MiB")
}

// stormTable is a table that a generation fills, with the columns whose values are ours to give.
type stormTable struct {
	name, columns string
}

var stormTables = []stormTable{
	{"forewarn_case", "tenant, id, version, generation, _id, number, state, open, source, parent, account, consumer, assignee, major, created, body"},
	{"forewarn_activity", "tenant, id, version, generation, ticket, public, at, n, body"},
	{"forewarn_mail", "tenant, id, version, generation, about, template, ended, body"},
	{"forewarn_due", "tenant, id, version, generation, shard, at, body"},
	{"forewarn__event", "lane, shard, id, tenant, kind, ticket, type, at, body"}, // the others are the server's
}

// insertBare copies all rows, in transactions of 1,000 rows of each table, and returns how long the transactions took,
// without the reading, and how many rows there were.
func insertBare(b *testing.B, url string, db *sqlx.DB) (took time.Duration, copied int) {
	const atOnce = 1000
	source, err := sqlx.Open("pgx", url)
	check(b, err)
	defer source.Close()
	from := make([]*sqlx.Rows, len(stormTables))
	for i, t := range stormTables {
		conn, err := source.Connx(context.Background())
		check(b, err)
		defer conn.Close()
		_, err = conn.ExecContext(context.Background(), "SET synchronize_seqscans = off") // from its beginning
		check(b, err)
		from[i], err = conn.QueryxContext(context.Background(), "SELECT "+t.columns+" FROM "+t.name)
		check(b, err)
		defer from[i].Close()
	}
	for {
		texts, args := make([]string, 0, len(from)), make([][]any, 0, len(from))
		for i, t := range stormTables {
			var values []any
			n := 0
			for ; n < atOnce && from[i].Next(); n++ {
				row, err := from[i].SliceScan()
				check(b, err)
				for j := range row {
					if text, is := row[j].([]byte); is {
						row[j] = slices.Clone(text)
					}
				}
				values = append(values, row...)
			}
			check(b, from[i].Err())
			if n > 0 {
				texts, args = append(texts, insertText("bare_"+t.name, t.columns, n)), append(args, values)
				copied += n
			}
		}
		if len(texts) == 0 {
			return took, copied
		}
		begin := time.Now()
		tx, err := db.Begin()
		check(b, err)
		for i, text := range texts {
			_, err := tx.Exec(text, args[i]...)
			check(b, err)
		}
		check(b, tx.Commit())
		took += time.Since(begin)
	}
}

func insertText(table, columns string, rows int) string {
	var text strings.Builder
	fmt.Fprintf(&text, "INSERT INTO %s (%s) VALUES ", table, columns)
	width := strings.Count(columns, ",") + 1
	for r := range rows {
		if r > 0 {
			text.WriteString(", ")
		}
		for c := range width {
			if c == 0 {
				text.WriteByte('(')
			} else {
				text.WriteByte(',')
			}
			fmt.Fprintf(&text, "$%d", r*width+c+1)
		}
		text.WriteByte(')')
	}
	return text.String()
}

// affected makes an inventory of n accounts behind one CI, and an incident of it whose impact is found.
func affected(b *testing.B, d desk, n int) uuid.UUID {
	b.Helper()
	ctx := context.Background()
	r, w := io.Pipe()
	go func() {
		enc := json.NewEncoder(w)
		put := func(i inventory.Item) {
			if err := enc.Encode(i); err != nil {
				_ = w.CloseWithError(err)
			}
		}
		put(inventory.Item{Type: inventory.TypeCI, ID: "Vmanage_10001"})
		put(inventory.Item{Type: inventory.TypeService, ID: "sdwan", Relations: []inventory.Relation{{Type: "depends_on", To: "Vmanage_10001"}}})
		for i := range n {
			id := fmt.Sprintf("acc-%06d", i)
			put(inventory.Item{Type: inventory.TypeAccount, ID: id, Name: "Account " + id, Contact: "c-" + id})
			put(inventory.Item{Type: inventory.TypeContact, ID: "c-" + id, Name: "Contact " + id, Email: id + "@example.com", Account: id})
			put(inventory.Item{Type: inventory.TypeInstallBase, ID: id + "-1", Service: "sdwan", Account: id})
		}
		_ = w.Close()
	}()
	_, err := d.inventory.Import(ctx, admin, r)
	check(b, err)
	i, err := d.incidents.Open(ctx, agent, psew.Open{ShortDescription: "Vmanage_10001 failed to restart", Description: strings.Repeat("It is down. ", 40),
		CI: "Vmanage_10001", Category: string(psew.SDWAN), Subcategory: string(psew.LinkFailure), Impact: 1, Urgency: 1})
	check(b, err)
	work, err := worker.New(worker.Config{Engine: d.engine, Publisher: bus.Discard, Notifier: worker.NoMail})
	check(b, err)
	check(b, work.Drain(ctx))
	view, err := d.incidents.RefreshProgress(ctx, agent, psew.RefreshProgress{Incident: i.ID})
	check(b, err)
	if view.Finished.IsZero() {
		b.Fatal("the impact was not found")
	}
	return i.ID
}

// settleAll does the due work of a kind and name until there is none, as a worker does. It asks the one shard that the item
// is in, from where it was last found: what is behind it are mails, which nobody sends here.
func settleAll(ctx context.Context, e *forewarn.Engine, kind string, name uuid.UUID) error {
	after := ""
	shard := []int{store.ShardOf(store.Key{Tenant: tenant, Kind: "due", ID: store.NameID("due", tenant, kind, name.String())})}
	for {
		page, err := e.Waiting(ctx, shard, e.Now(), after)
		if err != nil {
			return err
		}
		found := false
		for _, item := range page.Items {
			if item.Kind == kind && item.Name == name.String() {
				found = true
				if err := e.Settle(ctx, []forewarn.Item{item}); err != nil {
					return err
				}
			}
		}
		if page.Next != "" {
			after = page.Next
		} else if !found {
			return nil
		}
	}
}

// stormOrder is what the child is to do, and stormDone what it has done.
type (
	stormOrder struct {
		URL      string
		Incident uuid.UUID
	}
	stormDone struct {
		Cases int
		Took  time.Duration
		Peak  int // of memory, in KiB; 0 where the system does not tell
	}
)

const stormChild = "FOREWARN_BENCH_STORM"

// TestMain makes the binary the child when it is told so.
func TestMain(m *testing.M) {
	order := os.Getenv(stormChild)
	if order == "" {
		os.Exit(m.Run())
	}
	done, err := storm(order)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(done)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func inChild(b *testing.B, o stormOrder) (done stormDone) {
	b.Helper()
	text, err := json.Marshal(o)
	check(b, err)
	self, err := os.Executable()
	check(b, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), stormChild+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	check(b, err)
	check(b, json.Unmarshal(out, &done))
	return done
}

// storm is the child: one generation, from the call to the last case.
func storm(order string) (done stormDone, err error) {
	ctx := context.Background()
	var o stormOrder
	if err := json.Unmarshal([]byte(order), &o); err != nil {
		return done, err
	}
	d, err := openDesk(ctx, o.URL)
	if err != nil {
		return done, err
	}
	defer d.db.Close()
	begin := time.Now()
	g, err := d.incidents.Generate(ctx, agent, psew.Generate{Incident: o.Incident, All: psew.ListAccounts, Communicate: true})
	if err != nil {
		return done, err
	}
	if err := settleAll(ctx, d.engine, "psew_generation", o.Incident); err != nil {
		return done, err
	}
	done.Took = time.Since(begin)
	p, err := d.incidents.GenerationProgress(ctx, agent, psew.GenerationProgress{Incident: o.Incident})
	if err != nil {
		return done, err
	}
	if p.Finished.IsZero() || !g.NewMajor {
		return done, fmt.Errorf("no whole storm: %+v, %+v", g, p)
	}
	done.Cases, done.Peak = p.Done, peak()
	return done, nil
}

// peak is the most memory that this process has held. The system's own account of a child's would count what its parent held
// when it was made.
func peak() (kib int) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	if _, err := fmt.Sscan(string(after), &kib); err != nil {
		return 0
	}
	return kib
}
