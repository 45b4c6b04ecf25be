package workertest

import (
	"errors"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/worker"
)

const day = 24 * time.Hour

// count runs the suite's counting use case under a request id and returns what it answers.
func (x *fixture) count(request string) int {
	x.Helper()
	n, err := forewarn.Do(x.ctx, x.engine, x.by.Once(request), "suite.Count", "toy", func(u *forewarn.Unit, _ string) (int, error) {
		t, err := toys.Get(u, id(0))
		if err != nil && !isNotFound(err) {
			return 0, err
		}
		t.ID = id(0)
		t.N++
		return t.N, toys.Put(u, &t)
	})
	x.check("count", err)
	return n
}

func (x *fixture) fanoutIsKept() bool {
	x.Helper()
	_, err := forewarn.Read(x.ctx, x.engine, x.by, "suite.Progress", "all", spread.Progress)
	if err != nil && !errors.Is(err, forewarn.ErrNotFound) {
		x.Fatalf("progress: %v", err)
	}
	return err == nil
}

var purgeClauses = []part{
	{"purge: mails and fan-outs go 90 days after their end, requests after 30, and nothing before", func(x *fixture) {
		x.handle(spread.Job(spreadStep))
		w := x.worker()
		x.mail("a", "b")
		x.spread(10)
		x.drain(w)
		if first, again := x.count("r"), x.count("r"); first != 1 || again != 1 {
			x.Errorf("a repeated request is counted again")
		}
		x.clock.add(30*day - time.Hour)
		x.drain(w)
		if n := x.count("r"); n != 1 {
			x.Errorf("before 30 days a repeated request answers %d, want its first result", n)
		}
		x.clock.add(2 * time.Hour)
		x.drain(w)
		if n := x.count("r"); n != 2 {
			x.Errorf("after 30 days the request answers %d, want to be counted anew", n)
		}
		x.clock.add(60*day - 2*time.Hour)
		x.drain(w)
		if n := len(x.mails()); n != 2 || !x.fanoutIsKept() {
			x.Errorf("before 90 days %d mails are kept, and the fan-out: %v", n, x.fanoutIsKept())
		}
		x.clock.add(2 * time.Hour)
		x.drain(w)
		if n := len(x.mails()); n != 0 || x.fanoutIsKept() {
			x.Errorf("after 90 days %d mails are kept, and the fan-out: %v", n, x.fanoutIsKept())
		}
	}},
	{"purge: what has not ended stays, however old", func(x *fixture) {
		w := x.worker()
		x.post.fails = func(forewarn.Notification) error { return errors.New("down") }
		x.mail("a")
		x.spread(10) // nobody has its job
		x.drain(w)
		x.clock.add(400 * day)
		x.drain(w)
		if m := x.mails()["a"]; m.State != forewarn.MailQueued || !x.fanoutIsKept() {
			x.Errorf("the mail is %q, the fan-out kept: %v", m.State, x.fanoutIsKept())
		}
	}},
	{"purge: it takes several pages, and the times of the config", func(x *fixture) {
		w := x.worker(func(c *worker.Config) { c.KeepMails = 2 * time.Hour })
		for range 8 {
			x.mail("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t")
		}
		x.drain(w)
		x.clock.add(3 * time.Hour)
		x.drain(w)
		if n := len(x.mails()); n != 0 {
			x.Errorf("%d mails are kept, want none", n)
		}
	}},
}
