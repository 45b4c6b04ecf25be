package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/notifytest"
)

func notifier(t testing.TB, s *server, change func(*Config)) *Notifier {
	t.Helper()
	c := Config{Host: "127.0.0.1", Port: s.port(), From: "Network Operations <noc@example.com>", Hello: "localhost",
		TLS: &tls.Config{ServerName: "127.0.0.1", RootCAs: s.roots, MinVersion: tls.VersionTLS12}}
	if change != nil {
		change(&c)
	}
	n, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func opened() forewarn.Notification {
	return forewarn.Notification{ID: uuid.MustParse("0191e2a0-0000-7000-8000-000000000001"), Tenant: "acme", Template: "Case opened",
		To:      forewarn.Recipient{ID: "C1", Name: "Jürgen Groß", Email: "c1@example.org"},
		Subject: "Case CS0000001: Störung", Text: "Dear customer,\n\nGrüße\n"}
}

func TestNotifier(t *testing.T) {
	for name, set := range map[string]struct {
		server func(*server)
		client func(*Config)
	}{
		"STARTTLS":     {nil, nil},
		"implicit TLS": {func(s *server) { s.implicit = true }, func(c *Config) { c.Security = ImplicitTLS }},
		"plain":        {nil, func(c *Config) { c.Security = Plain }},
	} {
		t.Run(name, func(t *testing.T) {
			notifytest.Run(t, func(t testing.TB) notifytest.Under {
				s := startServer(t, set.server)
				return notifytest.Under{
					Notifier: notifier(t, s, set.client),
					Sent: func(context.Context) (out []notifytest.Sent, err error) {
						s.set(func() {
							for _, m := range s.mails {
								out = append(out, notifytest.Sent{Identity: m.header.Get("Message-ID"), To: m.to, Subject: m.subject, Text: m.text})
							}
						})
						return out, nil
					},
					Refused: func() forewarn.Notification {
						n := opened()
						n.To.Email = ""
						return n
					},
					Break: func() func() {
						s.set(func() { s.down = true })
						return func() { s.set(func() { s.down = false }) }
					},
				}
			})
		})
	}
}

func TestTheMail(t *testing.T) {
	s := startServer(t, nil)
	n := notifier(t, s, func(c *Config) { c.ReplyTo, c.Domain = "answers@example.com", "ids.example.com" })
	if err := n.Notify(t.Context(), opened()); err != nil {
		t.Fatal(err)
	}
	m := s.taken()[0]
	for header, want := range map[string]string{
		"From":           `"Network Operations" <noc@example.com>`,
		"Reply-To":       `<answers@example.com>`,
		"To":             `=?utf-8?q?J=C3=BCrgen_Gro=C3=9F?= <c1@example.org>`,
		"Message-ID":     "<0191e2a0-0000-7000-8000-000000000001@ids.example.com>",
		"Auto-Submitted": "auto-generated",
		"Content-Type":   "text/plain; charset=UTF-8",
	} {
		if got := m.header.Get(header); got != want {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
	if m.from != "noc@example.com" || !slices.Equal(m.to, []string{"c1@example.org"}) || m.subject != "Case CS0000001: Störung" || m.text != "Dear customer,\n\nGrüße\n" {
		t.Errorf("got %+v", m)
	}
	if _, err := m.header.Date(); err != nil {
		t.Errorf("date: %v", err)
	}
	for _, line := range s.said() {
		if verb, _, _ := strings.Cut(line, " "); verb != "EHLO" && verb != "STARTTLS" {
			t.Errorf("%q was said before TLS", line)
		}
	}
	plain := notifier(t, s, nil)
	if err := plain.Notify(t.Context(), opened()); err != nil {
		t.Fatal(err)
	}
	if got := s.taken()[1].header.Get("Message-ID"); got != "<0191e2a0-0000-7000-8000-000000000001@example.com>" {
		t.Errorf("without a Domain the Message-ID is %s", got)
	}
}

func TestOneLineHeadersAndOneAddress(t *testing.T) {
	s := startServer(t, nil)
	n := notifier(t, s, nil)
	m := opened()
	m.Subject, m.To.Name = "Case\r\nBcc: x@example.com\tand\x00more", "A\nB"
	if err := n.Notify(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := s.taken()[0]
	if got.subject != "Case Bcc: x@example.com and more" || got.header.Get("To") != `"A B" <c1@example.org>` {
		t.Errorf("subject %q, to %q", got.subject, got.header.Get("To"))
	}
	for _, address := range []string{"", "c1", "c1@", "<c1@example.org>", "C One <c1@example.org>", "c1@example.org, c2@example.org"} {
		m.To.Email = address
		if err := n.Notify(t.Context(), m); err == nil || retry(t, err) {
			t.Errorf("address %q: %v; want a final error", address, err)
		}
	}
	if len(s.taken()) != 1 {
		t.Errorf("%d mails were taken", len(s.taken()))
	}
}

func TestAuthentication(t *testing.T) {
	for _, implicit := range []bool{false, true} {
		s := startServer(t, func(s *server) { s.user, s.password, s.implicit = "noc", "secret", implicit })
		security := StartTLS
		if implicit {
			security = ImplicitTLS
		}
		login := func(password string) error {
			n := notifier(t, s, func(c *Config) { c.Security, c.Username, c.Password = security, "noc", password })
			return n.Notify(t.Context(), opened())
		}
		if err := login("secret"); err != nil {
			t.Errorf("implicit %v: %v", implicit, err)
		}
		if err := login("wrong"); err == nil || !retry(t, err) || strings.Contains(err.Error(), "wrong") {
			t.Errorf("implicit %v, a wrong password: %v; want one more try, without the password", implicit, err)
		}
	}
}

// retry returns whether another try may help, by the *forewarn.NotifyError that every error must be.
func retry(t *testing.T, err error) bool {
	t.Helper()
	var e *forewarn.NotifyError
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *forewarn.NotifyError", err)
	}
	return e.Retry
}

func TestWhatTheServerSays(t *testing.T) {
	for _, c := range []struct {
		verb, reply string
		retry       bool
	}{
		{"greeting", "421 too busy", true},
		{"greeting", "554 go away", true}, // it says nothing of this mail
		{"EHLO", "421 closing", true},
		{"MAIL", "451 try later", true},
		{"MAIL", "550 sender unknown", true}, // a sender can be mended
		{"RCPT", "450 mailbox busy", true},
		{"RCPT", "550 no such user", false},
		{"RCPT", "553 no such name", false},
		{"DATA", "451 try later", true},
		{"DATA", "554 no", false},
		{".", "452 no space", true},
		{".", "552 too large", false},
		{".", "554 spam", false},
	} {
		s := startServer(t, func(s *server) { s.replies[c.verb] = c.reply })
		err := notifier(t, s, nil).Notify(t.Context(), opened())
		if err == nil {
			t.Errorf("%s answered with %q: the mail is sent", c.verb, c.reply)
			continue
		}
		if retry(t, err) != c.retry {
			t.Errorf("%s answered with %q: %v; want retry %v", c.verb, c.reply, err, c.retry)
		}
		if len(s.taken()) != 0 {
			t.Errorf("%s answered with %q: and a mail was taken", c.verb, c.reply)
		}
	}
}

// What fails behind the server's yes must not send the mail again.
func TestFailuresAfterTheMailIsTaken(t *testing.T) {
	for _, verb := range []string{"RSET", "QUIT"} {
		s := startServer(t, func(s *server) { s.replies[verb] = "421 closing" })
		if err := notifier(t, s, nil).Notify(t.Context(), opened()); err != nil {
			t.Errorf("%s fails behind the mail: %v", verb, err)
		}
		if len(s.taken()) != 1 {
			t.Errorf("%s: %d mails", verb, len(s.taken()))
		}
	}
}

func TestNoTLS(t *testing.T) {
	s := startServer(t, func(s *server) { s.replies["no STARTTLS"] = "true" })
	if err := notifier(t, s, nil).Notify(t.Context(), opened()); err == nil || !retry(t, err) || len(s.taken()) != 0 {
		t.Errorf("a server without STARTTLS: %v", err)
	}
	other := startServer(t, nil)
	n := notifier(t, other, func(c *Config) { c.TLS = nil }) // the system's roots do not know the certificate
	if err := n.Notify(t.Context(), opened()); err == nil || !retry(t, err) || len(other.taken()) != 0 {
		t.Errorf("a certificate that nobody trusts: %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	n, err := New(Config{Host: "127.0.0.1", Port: port, From: "noc@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Notify(t.Context(), opened()); err == nil || !retry(t, err) {
		t.Errorf("got %v", err)
	}
}

func TestAServerThatSaysNothing(t *testing.T) {
	s := startServer(t, func(s *server) { s.replies["greeting"] = "" })
	patient := notifier(t, s, func(c *Config) { c.Timeout = 24 * time.Hour })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := patient.Notify(ctx, opened()); err == nil || !retry(t, err) {
		t.Errorf("the context's deadline: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	s.set(func() { s.connected = cancel })
	if err := patient.Notify(ctx, opened()); err == nil || !retry(t, err) || !errors.Is(err, context.Canceled) {
		t.Errorf("a context cancelled while the server says nothing: %v", err)
	}
	s.set(func() { s.connected = nil })
	n := notifier(t, s, func(c *Config) { c.Timeout = 100 * time.Millisecond })
	if err := n.Notify(t.Context(), opened()); err == nil || !retry(t, err) {
		t.Errorf("the configured timeout: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	good := Config{Host: "mail.example.com", From: "noc@example.com"}
	if n, err := New(good); err != nil || n.config.Port != 587 || n.config.Timeout != DefaultTimeout || n.config.Domain != "example.com" {
		t.Errorf("the defaults: %+v, %v", n, err)
	}
	for _, c := range []struct {
		name, field string
		change      func(*Config)
	}{
		{"no host", "Host", func(c *Config) { c.Host = "" }},
		{"no from", "From", func(c *Config) { c.From = "" }},
		{"bad from", "From", func(c *Config) { c.From = "noc" }},
		{"bad reply-to", "ReplyTo", func(c *Config) { c.ReplyTo = "a@b, c@d" }},
		{"security", "Security", func(c *Config) { c.Security = 7 }},
		{"password in the clear", "Username", func(c *Config) { c.Security, c.Username = Plain, "noc" }},
		{"password alone", "Username", func(c *Config) { c.Password = "secret" }},
		{"port", "Port", func(c *Config) { c.Port = 70000 }},
		{"timeout", "Timeout", func(c *Config) { c.Timeout = -1 }},
		{"domain", "Domain", func(c *Config) { c.Domain = "a b" }},
		{"domain with line", "Domain", func(c *Config) { c.Domain = "a\r\nBcc: x" }},
	} {
		bad := good
		c.change(&bad)
		n, err := New(bad)
		var e *ConfigError
		if !errors.As(err, &e) || e.Field != c.field || n != nil {
			t.Errorf("%s: %v, want field %s", c.name, err, c.field)
		}
	}
}
