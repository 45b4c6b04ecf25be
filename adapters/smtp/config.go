package smtp

import (
	"crypto/tls"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// Security is how a connection is encrypted.
type Security int

// The ways to encrypt.
const (
	// StartTLS asks the server to go over to TLS and sends nothing when it cannot. It is the default.
	StartTLS Security = iota
	// ImplicitTLS speaks TLS from the first byte.
	ImplicitTLS
	// Plain does not encrypt: for a relay on the same machine.
	Plain
)

// DefaultTimeout is how long one mail may take when a Config does not say.
const DefaultTimeout = 30 * time.Second

// ports are the customary ones.
var ports = [...]int{StartTLS: 587, ImplicitTLS: 465, Plain: 25}

// maxDomain is the length in bytes of a domain.
const maxDomain = 255

// Config says through which server mails go, and from whom.
type Config struct {
	// Host is the server's name or address. Required. Its certificate must be for this name.
	Host string
	// Port is the server's port: 587, 465 or 25, as Security says, when 0.
	Port int
	// Security is how the connection is encrypted. StartTLS by default.
	Security Security
	// TLS refines how certificates are proved. Nil: the system's roots, the name Host, TLS 1.2 at least.
	TLS *tls.Config
	// Username and Password prove to the server who sends. Empty: it does not ask. They never go over a
	// connection that is not encrypted, so they are refused with Plain.
	Username, Password string
	// From is the address that mails come from, as noc@example.com or Network Operations <noc@example.com>.
	// Required.
	From string
	// ReplyTo is the address that answers go to. Empty: to From.
	ReplyTo string
	// Domain is what Message-IDs end in; it must not change, or a repeat is taken for another mail. Empty:
	// that of From.
	Domain string
	// Hello is the name that this machine calls itself by. Empty: its host name.
	Hello string
	// Timeout is how long one mail may take, beside the deadline of the call's context. DefaultTimeout when
	// 0.
	Timeout time.Duration
}

// ConfigError says which field of a Config is wrong, and why.
type ConfigError struct {
	Field, Rule string
}

func (e *ConfigError) Error() string { return "smtp: " + e.Field + ": " + e.Rule }

func refuse(field, format string, args ...any) error {
	return &ConfigError{Field: field, Rule: fmt.Sprintf(format, args...)}
}

// whole returns the configuration with its defaults, and its addresses.
func (c Config) whole() (Config, *mail.Address, *mail.Address, error) {
	var replyTo *mail.Address
	from, err := mail.ParseAddress(c.From)
	if err == nil && c.ReplyTo != "" {
		if replyTo, err = mail.ParseAddress(c.ReplyTo); err != nil {
			return c, nil, nil, refuse("ReplyTo", "%q is no address: %v", c.ReplyTo, err)
		}
	}
	switch {
	case c.Host == "":
		return c, nil, nil, refuse("Host", "is missing")
	case err != nil:
		return c, nil, nil, refuse("From", "%q is no address: %v", c.From, err)
	case c.Security < StartTLS || c.Security > Plain:
		return c, nil, nil, refuse("Security", "%d is none", c.Security)
	case c.Security == Plain && c.Username != "":
		return c, nil, nil, refuse("Username", "is not sent over a connection that is not encrypted")
	case c.Username == "" && c.Password != "":
		return c, nil, nil, refuse("Username", "is missing beside a password")
	case c.Port < 0 || c.Port > 65535:
		return c, nil, nil, refuse("Port", "%d is none", c.Port)
	case c.Timeout < 0:
		return c, nil, nil, refuse("Timeout", "is negative")
	}
	if c.Port == 0 {
		c.Port = ports[c.Security]
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Domain == "" {
		c.Domain = from.Address[strings.LastIndex(from.Address, "@")+1:]
	}
	if !validDomain(c.Domain) {
		return c, nil, nil, refuse("Domain", "%q is none", c.Domain)
	}
	if c.TLS == nil {
		c.TLS = &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}
	}
	return c, from, replyTo, nil
}

// validDomain reports whether a Message-ID may end in a domain.
func validDomain(s string) bool {
	if s == "" || len(s) > maxDomain || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-':
		default:
			return false
		}
	}
	return true
}
