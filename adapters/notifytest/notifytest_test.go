package notifytest

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
)

// fake is a mail system in memory that keeps the contract.
type fake struct {
	mu   sync.Mutex
	sent []Sent
	down bool
}

var errCutOff = errors.New("cut off")

func (f *fake) Notify(ctx context.Context, n forewarn.Notification) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return &forewarn.NotifyError{Err: ctx.Err(), Retry: true}
	}
	if f.down {
		return errCutOff
	}
	a, err := mail.ParseAddress(n.To.Email)
	if err != nil || a.Address != n.To.Email || strings.HasPrefix(n.To.Email, "nobody@") {
		return &forewarn.NotifyError{Err: fmt.Errorf("no address: %q", n.To.Email)}
	}
	f.sent = append(f.sent, Sent{Identity: n.ID.String(), To: []string{n.To.Email}, Subject: n.Subject, Text: n.Text})
	return nil
}

// notifier makes a Notifier of a function.
type notifier func(ctx context.Context, n forewarn.Notification) error

func (f notifier) Notify(ctx context.Context, n forewarn.Notification) error { return f(ctx, n) }

func under(fault func(*fake) forewarn.Notifier) Under {
	f := &fake{}
	var n forewarn.Notifier = f
	if fault != nil {
		n = fault(f)
	}
	return Under{
		Notifier: n,
		Sent: func(context.Context) ([]Sent, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			return slices.Clone(f.sent), nil
		},
		Refused: func() forewarn.Notification { return notification("nobody") },
		Break: func() func() {
			set := func(down bool) { f.mu.Lock(); f.down = down; f.mu.Unlock() }
			set(true)
			return func() { set(false) }
		},
	}
}

func TestANotifierThatKeepsTheContract(t *testing.T) {
	Run(t, func(testing.TB) Under { return under(nil) })
}

// edit wraps a fake whose notifications are changed on their way.
func edit(change func(*forewarn.Notification)) func(*fake) forewarn.Notifier {
	return func(f *fake) forewarn.Notifier {
		return notifier(func(ctx context.Context, n forewarn.Notification) error {
			change(&n)
			return f.Notify(ctx, n)
		})
	}
}

// told wraps a fake whose error is told in other words.
func told(change func(error) error) func(*fake) forewarn.Notifier {
	return func(f *fake) forewarn.Notifier {
		return notifier(func(ctx context.Context, n forewarn.Notification) error {
			if err := f.Notify(ctx, n); err != nil {
				return change(err)
			}
			return nil
		})
	}
}

func swallow(error) error     { return nil }
func makeFinal(e error) error { return &forewarn.NotifyError{Err: e} }

var faults = []struct {
	name, clause string
	fault        func(*fake) forewarn.Notifier
}{
	{"subject made ASCII", "what is accepted arrives whole", edit(func(n *forewarn.Notification) {
		n.Subject = strings.Map(func(r rune) rune { return min(r, '~') }, n.Subject)
	})},
	{"a line with a dot ends it", "what is accepted arrives whole", edit(func(n *forewarn.Notification) {
		n.Text, _, _ = strings.Cut(n.Text, "\n.\n")
	})},
	{"blank lines dropped", "what is accepted arrives whole", edit(func(n *forewarn.Notification) {
		n.Text = strings.ReplaceAll(n.Text, "\n\n", "\n")
	})},
	{"From quoted", "what is accepted arrives whole", edit(func(n *forewarn.Notification) {
		n.Text = strings.ReplaceAll(n.Text, "From here", ">From here")
	})},
	{"long line cut", "what is accepted arrives whole", edit(func(n *forewarn.Notification) { n.Text = n.Text[:min(len(n.Text), 998)] })},
	{"accepted before it is sent", "nil means that it was accepted", func(f *fake) forewarn.Notifier {
		var late *forewarn.Notification
		return notifier(func(ctx context.Context, n forewarn.Notification) (err error) {
			if late != nil {
				err = f.Notify(ctx, *late)
			}
			late = &n
			return err
		})
	}},
	{"a new identity each time", "a repeat has the identity of the first", edit(func(n *forewarn.Notification) { n.ID = uuid.New() })},
	{"one identity for all", "two notifications have two identities", edit(func(n *forewarn.Notification) { n.ID = uuid.UUID{1} })},
	{"headers injected", "it reaches its recipient alone", func(f *fake) forewarn.Notifier {
		return notifier(func(ctx context.Context, n forewarn.Notification) error {
			err := f.Notify(ctx, n)
			if err == nil && strings.Contains(n.Subject, "\r\nBcc: ") {
				f.sent[len(f.sent)-1].To = append(f.sent[len(f.sent)-1].To, "other@example.com")
			}
			return err
		})
	}},
	{"a bad address is tried for ever", "it reaches its recipient alone", told(func(e error) error { return errors.Unwrap(e) })},
	{"accepts what it does not send", "it reaches its recipient alone", told(swallow)},
	{"loses what runs beside another call", "calls may run at once", func(f *fake) forewarn.Notifier {
		var mu sync.Mutex
		running, met := 0, make(chan struct{})
		return notifier(func(ctx context.Context, n forewarn.Notification) error {
			mu.Lock()
			running++
			if running == 2 {
				close(met)
				mu.Unlock()
				return nil
			}
			mu.Unlock()
			<-met
			return f.Notify(ctx, n)
		})
	}},
	{"cancelled is sent all the same", "a cancelled context is not final", func(f *fake) forewarn.Notifier {
		return notifier(func(_ context.Context, n forewarn.Notification) error { return f.Notify(context.Background(), n) })
	}},
	{"cancelled is final", "a cancelled context is not final", told(makeFinal)},
	{"cancelled loses its cause", "a cancelled context is not final", told(func(error) error { return errors.New("ended") })},
	{"refused may be retried", "a refused notification is final", told(func(e error) error { return errors.Unwrap(e) })},
	{"refused is swallowed", "a refused notification is final", told(swallow)},
	{"cut off is final", "a system that is cut off is not final", told(makeFinal)},
	{"cut off is swallowed", "a system that is cut off is not final", told(swallow)},
	{"cut off for good", "a system that is back takes notifications again", func(f *fake) forewarn.Notifier {
		var dead error
		return notifier(func(ctx context.Context, n forewarn.Notification) error {
			if dead == nil {
				dead = f.Notify(ctx, n)
			}
			return dead
		})
	}},
}

// recorder is a TB that keeps what a clause says of a notifier.
type recorder struct {
	testing.TB
	mu      sync.Mutex
	failed  []string
	skipped bool
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...); runtime.Goexit() }
func (r *recorder) Fatal(args ...any)                 { r.Errorf("%s", fmt.Sprint(args...)); runtime.Goexit() }
func (r *recorder) Skip(...any)                       { r.skipped = true; runtime.Goexit() }

// record runs a clause as a test would and returns what it said.
func record(t testing.TB, c Clause, u Under) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Run(r, u)
	}()
	<-done
	return r
}

func TestEveryFaultIsCaughtByItsClause(t *testing.T) {
	caught := map[string]bool{}
	for _, b := range faults {
		t.Run(b.name, func(t *testing.T) {
			i := slices.IndexFunc(Clauses(), func(c Clause) bool { return c.Name == b.clause })
			if i < 0 {
				t.Fatalf("there is no clause %q", b.clause)
			}
			r := record(t, Clauses()[i], under(b.fault))
			if len(r.failed) == 0 {
				t.Fatalf("clause %q does not see it", b.clause)
			}
			t.Log(r.failed[0])
			caught[b.clause] = true
		})
	}
	for _, c := range Clauses() {
		if !caught[c.Name] {
			t.Errorf("no broken notifier shows that clause %q bites", c.Name)
		}
	}
}

func TestMissingPowersAreSaid(t *testing.T) {
	skipped := 0
	for _, c := range Clauses() {
		u := under(nil)
		u.Refused, u.Break = nil, nil
		r := record(t, c, u)
		if len(r.failed) > 0 {
			t.Errorf("%s: %s", c.Name, r.failed)
		}
		if r.skipped {
			skipped++
		}
	}
	if skipped != 3 {
		t.Errorf("%d clauses are skipped without Refused and Break, want 3", skipped)
	}
	for _, u := range []Under{{}, {Notifier: &fake{}}} {
		if r := record(t, Clauses()[0], u); len(r.failed) != 1 || !strings.HasPrefix(r.failed[0], "notifytest: Under.") {
			t.Errorf("an incomplete Under says %q", r.failed)
		}
	}
}
