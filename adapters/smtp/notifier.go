// Package smtp sends notifications as mails.
//
// A mail is plain text, says of itself that a machine wrote it (so that no
// absence assistant answers), and has a Message-ID made of the notification's
// id: one that is sent twice is one mail to whoever reads it.
package smtp

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"

	"github.com/forewarn-go/forewarn"
)

// Notifier is a forewarn.Notifier over SMTP. Make it with [New]. It is safe for
// concurrent use: every mail has a connection of its own.
type Notifier struct {
	config        Config
	from, replyTo *netmail.Address
}

var _ forewarn.Notifier = (*Notifier)(nil)

// New returns a notifier. It does not connect. It returns a *ConfigError that
// names the field when the configuration cannot work.
func New(c Config) (*Notifier, error) {
	c, from, replyTo, err := c.whole()
	if err != nil {
		return nil, err
	}
	n := &Notifier{config: c, from: from, replyTo: replyTo}
	if _, err := n.client(context.Background(), &line{}, c.Timeout); err != nil {
		return nil, refuse("Config", "%v", err)
	}
	return n, nil
}

// Notify sends one mail and returns nil once the server has taken it. It always
// returns a *forewarn.NotifyError otherwise. Another try does not help when the
// recipient has no address, or none that is one, and when the server has refused
// the recipient or the mail for good; it may help after everything else, a sender
// or a password that the server does not accept among it, since that can be
// mended without the mail.
func (n *Notifier) Notify(ctx context.Context, m forewarn.Notification) error {
	if err := ctx.Err(); err != nil {
		return &forewarn.NotifyError{Err: err, Retry: true}
	}
	msg, err := n.message(m)
	if err != nil {
		return &forewarn.NotifyError{Err: err}
	}
	timeout := n.config.Timeout
	if end, has := ctx.Deadline(); has {
		timeout = min(timeout, time.Until(end))
	}
	var l line
	defer l.close()
	client, err := n.client(ctx, &l, timeout)
	if err != nil {
		return &forewarn.NotifyError{Err: err, Retry: true}
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil && !msg.IsDelivered() {
		if ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err)
		}
		return &forewarn.NotifyError{Err: fmt.Errorf("smtp: %s:%d: %w", n.config.Host, n.config.Port, err), Retry: !final(err)}
	}
	return nil // what goes wrong behind the server's yes is no failure of the mail
}

// mechanisms are how the notifier proves who it is, the strongest first. The connection is encrypted whenever it does.
var mechanisms = []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin}

// client returns a client for one mail, over a line.
func (n *Notifier) client(ctx context.Context, l *line, timeout time.Duration) (*mail.Client, error) {
	c := n.config
	opts := []mail.Option{
		mail.WithPort(c.Port), mail.WithTimeout(max(timeout, time.Millisecond)), mail.WithTLSConfig(c.TLS), mail.WithoutNoop(),
		mail.WithDialContextFunc(l.guard(ctx)),
	}
	switch c.Security {
	case StartTLS:
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	case ImplicitTLS:
		l.tls = c.TLS
		opts = append(opts, mail.WithSSL()) // so that no STARTTLS is asked for
	case Plain:
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	}
	if c.Username != "" {
		opts = append(opts, mail.WithOpportunisticSMTPAuth(mechanisms...), mail.WithUsername(c.Username), mail.WithPassword(c.Password))
	}
	if c.Hello != "" {
		opts = append(opts, mail.WithHELO(c.Hello))
	}
	return mail.NewClient(c.Host, opts...)
}

// message makes the mail of a notification.
func (n *Notifier) message(m forewarn.Notification) (*mail.Msg, error) {
	if m.To.Email == "" {
		return nil, fmt.Errorf("smtp: recipient %s has no e-mail address", m.To.ID)
	}
	to, err := netmail.ParseAddress(m.To.Email)
	if err != nil || to.Address != m.To.Email {
		return nil, fmt.Errorf("smtp: recipient %s: %q is no e-mail address", m.To.ID, m.To.Email)
	}
	to.Name = oneLine(m.To.Name)
	msg := mail.NewMsg()
	msg.FromMailAddress(n.from)
	if n.replyTo != nil {
		msg.ReplyToMailAddress(n.replyTo)
	}
	msg.ToMailAddress(to)
	msg.Subject(oneLine(m.Subject))
	msg.SetMessageIDWithValue(m.ID.String() + "@" + n.config.Domain)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	return msg, nil
}

// oneLine returns a text for a header: control characters, line ends among them, are blanks.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n")))
}

// final reports whether the server has refused the recipient or the mail for good.
func final(err error) bool {
	var e *mail.SendError
	if !errors.As(err, &e) || e.ErrorCode() < 500 {
		return false
	}
	switch e.Reason {
	case mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrSMTPDataClose:
		return true
	}
	return false
}
