package crash_test

import (
	"bufio"
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

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/sqlstore"
	"github.com/forewarn-go/forewarn/internal/pgserver"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/worker"
)

var (
	kills    = flag.Int("kills", 5, "how many processes are killed")
	restarts = flag.Int("restarts", 1, "how often the server is restarted as by a crash")
	seed     = flag.Uint64("seed", 1, "of whom is killed and when")
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleEnv); role != "" {
		if err := child(role); err != nil {
			fmt.Fprintln(os.Stderr, role, os.Getenv(nameEnv), err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	os.Exit(m.Run())
}

const (
	writers  = 3
	patience = 2 * time.Minute
)

// world is the test at work.
type world struct {
	*testing.T
	ctx     context.Context
	url     string
	bus     string
	dice    *rand.Rand
	named   int
	acks    chan string // moves that are known to be committed
	known   map[string]bool
	writers []*process
	worker  *process
}

// process is a child.
type process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.Closer
	read  chan struct{} // closed when all that it printed is read
}

// Covers: LIB-008
func TestNothingIsLostOrDoneTwiceWhenProcessesAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a PostgreSQL of its own: not with -short")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute+time.Duration(*kills+*restarts)*patience)
	defer cancel()
	server, err := pgserver.Start(ctx, pgserver.Config{})
	if errors.Is(err, pgserver.ErrNotInstalled) {
		t.Skipf("NOT SHOWN that anything outlives a crash: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	w := &world{T: t, ctx: ctx, url: server.URL(), bus: filepath.Join(t.TempDir(), "bus"), dice: rand.New(rand.NewPCG(*seed, 1)),
		acks: make(chan string, 1000), known: map[string]bool{}}
	db, engine, err := open(ctx, w.url)
	w.ok(err)
	defer func() { w.ok(db.Close()) }()
	w.ok(db.Migrate(ctx))
	w.ok(engine.Update(ctx, clerk, func(_ context.Context, u *forewarn.Unit) error {
		return sheets.Start(u, "all", sheetCount, sheetCount)
	}))

	for range writers {
		w.writers = append(w.writers, w.start("writer"))
	}
	w.worker = w.start("worker")
	w.strike(server)
	w.progress(50)
	for _, p := range w.writers {
		w.end(p)
	}
	w.settled(db, engine)
	w.end(w.worker)
	w.count(engine)
}

// strike kills processes and restarts the server, in an order of the dice, with some moves between. A process that was
// killed starts again.
func (w *world) strike(server *pgserver.Server) {
	w.Helper()
	blows := make([]bool, *kills+*restarts) // true: the server
	for i := range *restarts {
		blows[i] = true
	}
	w.dice.Shuffle(len(blows), func(i, j int) { blows[i], blows[j] = blows[j], blows[i] })
	killed := 0
	for _, restart := range blows {
		w.progress(10 + w.dice.IntN(50))
		if restart {
			w.Log("restart the server")
			w.ok(server.Restart(w.ctx))
			continue
		}
		if killed++; killed%2 == 1 {
			w.kill(w.worker)
			w.worker = w.start("worker")
			continue
		}
		i := w.dice.IntN(len(w.writers))
		w.kill(w.writers[i])
		w.writers[i] = w.start("writer")
	}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// start starts a child under a name that was not given before.
func (w *world) start(role string) *process {
	w.Helper()
	exe, err := os.Executable()
	w.ok(err)
	w.named++
	p := &process{name: fmt.Sprintf("%s%d", role, w.named), cmd: exec.Command(exe), read: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), roleEnv+"="+role, nameEnv+"="+p.name, urlEnv+"="+w.url, busEnv+"="+w.bus)
	p.cmd.Stderr = os.Stderr
	p.stdin, err = p.cmd.StdinPipe()
	w.ok(err)
	out, err := p.cmd.StdoutPipe()
	w.ok(err)
	w.ok(p.cmd.Start())
	w.Cleanup(func() { _ = p.cmd.Process.Kill() })
	go func() {
		defer close(p.read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if role == "writer" {
				w.acks <- lines.Text()
			}
		}
	}()
	return p
}

// kill ends a process as a power cut would, and waits until it is gone.
func (w *world) kill(p *process) {
	w.Helper()
	w.Logf("kill %s after %d moves", p.name, len(w.known))
	w.ok(p.cmd.Process.Kill())
	w.wait(p)
	_ = p.cmd.Wait() // says that it was killed
}

// end asks a process to end, which it must do without an error.
func (w *world) end(p *process) {
	w.Helper()
	w.ok(p.stdin.Close())
	w.wait(p)
	if err := p.cmd.Wait(); err != nil {
		w.Errorf("%s ended with %v", p.name, err)
	}
}

// wait reads what a process prints until it is gone.
func (w *world) wait(p *process) {
	w.Helper()
	late := time.After(patience)
	for {
		select {
		case name := <-w.acks:
			w.known[name] = true
		case <-p.read:
			for len(w.acks) > 0 {
				w.known[<-w.acks] = true
			}
			return
		case <-late:
			w.Fatalf("%s does not end", p.name)
		}
	}
}

// progress waits for a number of moves.
func (w *world) progress(moves int) {
	w.Helper()
	late := time.After(patience)
	for range moves {
		select {
		case name := <-w.acks:
			w.known[name] = true
		case <-late:
			w.Fatalf("the writers are stuck after %d moves", len(w.known))
		}
	}
}

// settled waits until the worker has left nothing: no event in the log, nothing due.
func (w *world) settled(db *sqlstore.DB, e *forewarn.Engine) {
	w.Helper()
	look, err := worker.New(worker.Config{Engine: e, Publisher: &lines{}, Encode: encode, Notifier: worker.NoMail})
	w.ok(err)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for {
		s, err := look.Status(w.ctx, forewarn.SystemActor(store.System))
		w.ok(err)
		page, err := e.Waiting(w.ctx, store.AllShards(), e.Now().Add(24*time.Hour), "")
		w.ok(err)
		if len(s.Failed) > 0 {
			w.Fatalf("due work was given up: %+v", s.Failed)
		}
		if s.Undelivered == 0 && len(page.Items) == 0 && len(s.Fanouts) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			w.Fatalf("stuck: %d events, %d items, %d fan-outs; troubles %+v", s.Undelivered, len(page.Items), len(s.Fanouts), s.Troubles)
		}
	}
}

// count compares what stands in the store, on the bus and in the post with what the writers were told.
func (w *world) count(e *forewarn.Engine) {
	w.Helper()
	moves := map[uuid.UUID]int{}
	numbers := map[uuid.UUID]map[int]int{}
	done := map[string]int{}
	names := map[string]bool{}
	mails := map[string]int{}
	w.ok(e.Update(w.ctx, forewarn.SystemActor(tenant), func(_ context.Context, u *forewarn.Unit) error {
		for p, err := range parcels.Where("moves").All(u) {
			if err != nil {
				return err
			}
			moves[p.ID], numbers[p.ID] = p.Moves, map[int]int{}
		}
		for s, err := range steps.Where("name").All(u) {
			if err != nil {
				return err
			}
			names[s.Name] = true
			if numbers[s.Parcel] == nil {
				return fmt.Errorf("step %s has no parcel", s.Name)
			}
			numbers[s.Parcel][s.Number]++
		}
		for r, err := range receipts.Where("for").All(u) {
			if err != nil {
				return err
			}
			done[r.For]++
		}
		for m, err := range forewarn.Mails.Where("ended").All(u) {
			if err != nil {
				return err
			}
			if m.State == forewarn.MailSent {
				mails[m.Subject]++
			}
		}
		return nil
	}))
	w.Logf("%d moves, of which the writers knew %d", len(names), len(w.known))

	// no commit is lost or half there
	for name := range w.known {
		if !names[name] {
			w.Errorf("move %s was committed and is lost", name)
		}
	}
	if len(names) < len(w.known) || len(names) > len(w.known)+*kills+writers {
		w.Errorf("%d moves stand in the store, the writers know of %d; each kill may leave one unknown", len(names), len(w.known))
	}
	for p, n := range moves {
		for i := 1; i <= n; i++ {
			if numbers[p][i] != 1 {
				w.Errorf("parcel %s: move %d of %d has %d steps, want one", p, i, n, numbers[p][i])
			}
		}
		if len(numbers[p]) != n {
			w.Errorf("parcel %s: %d moves and %d steps", p, n, len(numbers[p]))
		}
	}
	// due work and the fan-out's pages exactly once, mails at least once
	for i := range sheetCount {
		names[fmt.Sprintf("sheet %03d", i)] = true
	}
	for name := range names {
		if done[name] != 1 {
			w.Errorf("due work %s was done %d times, want once", name, done[name])
		}
	}
	if len(done) != len(names) {
		w.Errorf("%d names have receipts, want %d", len(done), len(names))
	}
	posted := map[string]bool{}
	for _, line := range w.lines(w.bus + ".mails") {
		posted[line[1]] = true
	}
	for name := range names {
		if !strings.HasPrefix(name, "sheet") && (mails[name] != 1 || !posted[name]) {
			w.Errorf("mail %s: %d records say that it was sent, the post has it: %v", name, mails[name], posted[name])
		}
	}
	w.arrived(moves)
}

// arrived checks that every move was delivered, in the order of its parcel by first delivery.
func (w *world) arrived(moves map[uuid.UUID]int) {
	w.Helper()
	seen := map[string]bool{}
	last := map[string]int{}
	all := w.lines(w.bus)
	for _, line := range all {
		id, parcel := line[0], line[1]
		if seen[id] {
			continue
		}
		seen[id] = true
		var n int
		if _, err := fmt.Sscan(line[2], &n); err != nil {
			w.Fatalf("the bus has %q: %v", line, err)
		}
		if n != last[parcel]+1 {
			w.Errorf("parcel %s: move %d arrived after move %d", parcel, n, last[parcel])
		}
		last[parcel] = n
	}
	for p, n := range moves {
		if last[p.String()] != n {
			w.Errorf("parcel %s: the last move to arrive is %d, want %d", p, last[p.String()], n)
		}
	}
	w.Logf("%d messages arrived, %d of them again", len(all), len(all)-len(seen))
}

// lines returns the fields of each line of a file.
func (w *world) lines(name string) [][]string {
	w.Helper()
	b, err := os.ReadFile(name)
	w.ok(err)
	var all [][]string
	for line := range strings.Lines(string(b)) {
		all = append(all, strings.Fields(line))
	}
	return all
}
