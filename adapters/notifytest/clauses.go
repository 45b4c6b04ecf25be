package notifytest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
)

// patience is how long a clause may take before the suite gives the notifier up.
const patience = time.Minute

// brief is how long a caller waits for a system that is cut off.
const brief = 3 * time.Second

// fixture is a notifier under test and how the clauses speak to it.
type fixture struct {
	testing.TB
	Under
	ctx context.Context
}

func newFixture(t testing.TB, u Under) *fixture {
	t.Helper()
	switch {
	case u.Notifier == nil:
		t.Fatal("notifytest: Under.Notifier is missing")
	case u.Sent == nil:
		t.Fatal("notifytest: Under.Sent is missing")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return &fixture{TB: t, Under: u, ctx: ctx}
}

func notification(name string) forewarn.Notification {
	return forewarn.Notification{
		ID: uuid.New(), Tenant: "tenant-a", Template: "Case opened",
		To:      forewarn.Recipient{ID: name, Name: "Name of " + name, Email: name + "@example.com"},
		Subject: "Case CS0000001 of " + name, Text: "Dear customer,\n\nwe have opened a case.\n",
	}
}

func (f *fixture) notify(n forewarn.Notification) {
	f.Helper()
	if err := f.Notifier.Notify(f.ctx, n); err != nil {
		f.Fatalf("Notify to %s: %v", n.To.Email, err)
	}
}

func (f *fixture) sent() []Sent {
	f.Helper()
	s, err := f.Sent(f.ctx)
	if err != nil {
		f.Fatalf("reading what was sent: %v", err)
	}
	return s
}

// final reports whether an error says that no other try helps.
func final(err error) bool {
	var e *forewarn.NotifyError
	return errors.As(err, &e) && !e.Retry
}

// holds reports what differs when something else arrived than these, each once.
func (f *fixture) holds(want ...forewarn.Notification) {
	f.Helper()
	got := f.sent()
	if len(got) != len(want) {
		f.Fatalf("%d notifications arrived, want %d", len(got), len(want))
	}
	for _, n := range want {
		i := slices.IndexFunc(got, func(s Sent) bool { return slices.Equal(s.To, []string{n.To.Email}) && s.Subject == n.Subject })
		if i < 0 {
			f.Fatalf("nothing with the subject %q arrived at %s alone", n.Subject, n.To.Email)
		}
		if text := strings.TrimRight(got[i].Text, "\n"); text != strings.TrimRight(n.Text, "\n") {
			f.Fatalf("to %s arrived the text %q, want %q", n.To.Email, got[i].Text, n.Text)
		}
	}
}

// arrives: subject and text, whatever characters and lines they have.
func arrives(f *fixture) {
	var sent []forewarn.Notification
	for i, c := range []struct{ subject, text string }{
		{"Plain", "One line"},
		{"Störung: 世界", "Grüße\n世界 😀\n"},
		{"Lines", "first\n\nthird\n. a dot\n.\n..\nlast = end\n"},
		{"From", "From here\n>From there\n--\nsignature"},
		{strings.Repeat("A long subject. ", 20) + "End", strings.Repeat("A long line. ", 500)},
	} {
		n := notification(fmt.Sprint("user", i))
		n.Subject, n.Text = c.subject, c.text
		f.notify(n)
		sent = append(sent, n)
	}
	f.holds(sent...)
}

// accepted: when Notify returns nil, nothing is on its way still.
func accepted(f *fixture) {
	var sent []forewarn.Notification
	for i := range 5 {
		n := notification(fmt.Sprint("user", i))
		f.notify(n)
		sent = append(sent, n)
		f.holds(sent...)
	}
}

func repeat(f *fixture) {
	n := notification("a")
	f.notify(n)
	f.notify(n)
	got := f.sent()
	if len(got) == 0 {
		f.Fatalf("nothing arrived")
	}
	for _, s := range got {
		if s.Identity == "" || s.Identity != got[0].Identity {
			f.Fatalf("a repeat arrived as %q, the first as %q", s.Identity, got[0].Identity)
		}
	}
}

func identities(f *fixture) {
	a, b := notification("a"), notification("a")
	f.notify(a)
	f.notify(b)
	got := f.sent()
	if len(got) != 2 || got[0].Identity == got[1].Identity {
		f.Fatalf("of two notifications that differ in their ID arrived %d, and they cannot be told apart", len(got))
	}
}

// alone: nothing that a ticket's text says adds a recipient or a header.
func alone(f *fixture) {
	taken := 0
	for _, spoil := range []func(*forewarn.Notification){
		func(n *forewarn.Notification) { n.Subject = "a\r\nBcc: other@example.com\r\n\r\nSubject: b" },
		func(n *forewarn.Notification) { n.To.Name = "a\r\nBcc: other@example.com" },
		func(n *forewarn.Notification) { n.To.Name = `a" <other@example.com>, "b` },
		func(n *forewarn.Notification) { n.To.Email = "a@example.com, other@example.com" },
		func(n *forewarn.Notification) { n.To.Email = "a@example.com\r\nRCPT TO:<other@example.com>" },
		func(n *forewarn.Notification) {
			n.Text = "a\r\n.\r\nMAIL FROM:<x@example.com>\r\nRCPT TO:<other@example.com>\r\n"
		},
	} {
		n := notification("a")
		spoil(&n)
		switch err := f.Notifier.Notify(f.ctx, n); {
		case err == nil:
			taken++
		case !final(err):
			f.Errorf("a notification that can never be sent may be retried: %v", err)
		}
	}
	got := f.sent()
	if len(got) != taken {
		f.Errorf("%d notifications arrived, %d were accepted", len(got), taken)
	}
	for _, s := range got {
		if !slices.Equal(s.To, []string{"a@example.com"}) {
			f.Errorf("it arrived at %v", s.To)
		}
	}
}

func concurrent(f *fixture) {
	const callers = 8
	want := make([]forewarn.Notification, callers)
	errs := make([]error, callers)
	var start, end sync.WaitGroup
	start.Add(callers)
	for c := range callers {
		want[c] = notification(fmt.Sprint("user", c))
		end.Go(func() {
			start.Done()
			start.Wait()
			errs[c] = f.Notifier.Notify(f.ctx, want[c])
		})
	}
	end.Wait()
	if err := errors.Join(errs...); err != nil {
		f.Fatalf("at once: %v", err)
	}
	f.holds(want...)
}

func cancelled(f *fixture) {
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	err := f.Notifier.Notify(ctx, notification("a"))
	if err == nil {
		f.Fatalf("Notify with a cancelled context returned nil")
	}
	if final(err) {
		f.Fatalf("a cancelled context is final: %v", err)
	}
	if !errors.Is(err, context.Canceled) {
		f.Fatalf("%v does not wrap context.Canceled", err)
	}
	f.notify(notification("b"))
}

func refused(f *fixture) {
	if f.Refused == nil {
		f.Skip("NOT PROVED: Under.Refused is nil, so no notification is refused")
	}
	err := f.Notifier.Notify(f.ctx, f.Refused())
	if err == nil {
		f.Fatalf("a notification that can never be taken was accepted")
	}
	if !final(err) {
		f.Fatalf("a notification that can never be taken may be retried: %v", err)
	}
	after := notification("b")
	f.notify(after)
	f.holds(after)
}

func (f *fixture) needsBreak() {
	f.Helper()
	if f.Break == nil {
		f.Skip("NOT PROVED: Under.Break is nil, so the system is never cut off")
	}
}

func down(f *fixture) {
	f.needsBreak()
	defer f.Break()()
	ctx, cancel := context.WithTimeout(f.ctx, brief)
	defer cancel()
	err := f.Notifier.Notify(ctx, notification("a"))
	if err == nil {
		f.Fatalf("a notification was accepted by nobody")
	}
	if final(err) {
		f.Fatalf("a system that is cut off is final: %v", err)
	}
}

func back(f *fixture) {
	f.needsBreak()
	first := notification("a")
	f.notify(first)
	heal := f.Break()
	ctx, cancel := context.WithTimeout(f.ctx, brief)
	defer cancel()
	late := notification("b")
	if err := f.Notifier.Notify(ctx, late); err == nil {
		f.Fatalf("a notification was accepted by nobody")
	}
	heal()
	f.notify(late)
	f.holds(first, late)
}
