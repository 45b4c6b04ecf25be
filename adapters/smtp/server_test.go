package smtp

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// server is a small SMTP server on loopback.
type server struct {
	listener net.Listener
	cert     *tls.Config // of the server
	roots    *x509.CertPool
	implicit bool
	user     string // AUTH is asked for when set
	password string

	mu      sync.Mutex
	down    bool
	replies map[string]string // a reply instead of the usual one, by verb; "." is what follows the mail's end
	mails   []received
	clear   []string // what was said before TLS
	wait    sync.WaitGroup

	connected func() // called when a client has connected
}

// received is a mail as the server has it.
type received struct {
	from    string
	to      []string
	header  netmail.Header
	subject string
	text    string
}

func startServer(t testing.TB, change func(*server)) *server {
	t.Helper()
	s := &server{replies: map[string]string{}}
	s.cert, s.roots = certificate(t)
	if change != nil {
		change(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listener = l
	s.wait.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.wait.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		s.wait.Wait()
	})
	return s
}

func (s *server) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

func (s *server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// taken returns the mails that the server has.
func (s *server) taken() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// said returns what was said before TLS.
func (s *server) said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.clear)
}

// reply returns the reply to a verb.
func (s *server) reply(verb, usual string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.replies[verb]; ok {
		return r
	}
	return usual
}

func (s *server) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }() // the client may have closed it
	s.mu.Lock()
	down, connected := s.down, s.connected
	s.mu.Unlock()
	if connected != nil {
		connected()
	}
	if down {
		return
	}
	encrypted := s.implicit
	if encrypted {
		conn = tls.Server(conn, s.cert)
	}
	text := textproto.NewConn(conn)
	say := func(line string) bool { return line != "" && text.PrintfLine("%s", line) == nil }
	if !say(s.reply("greeting", "220 mail.example.com ready")) {
		_, _ = io.Copy(io.Discard, conn) // says nothing until the client goes
		return
	}
	var m received
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		if !encrypted {
			s.set(func() { s.clear = append(s.clear, line) })
		}
		verb, rest, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		answer := "250 ok"
		switch verb {
		case "EHLO":
			answer = "250-mail.example.com"
			if !encrypted && s.reply("no STARTTLS", "") == "" {
				answer += "\r\n250-STARTTLS"
			}
			if s.user != "" {
				answer += "\r\n250-AUTH PLAIN"
			}
			answer += "\r\n250 8BITMIME"
		case "STARTTLS":
			if !say("220 go on") {
				return
			}
			conn = tls.Server(conn, s.cert)
			text, encrypted = textproto.NewConn(conn), true
			continue
		case "AUTH":
			answer = "535 no"
			if _, given, ok := strings.Cut(rest, " "); ok {
				if b, err := base64.StdEncoding.DecodeString(given); err == nil && string(b) == "\x00"+s.user+"\x00"+s.password {
					answer = "235 yes"
				}
			}
		case "MAIL":
			m = received{from: address(rest)}
		case "RCPT":
			if answer = s.reply(verb, answer); answer[0] == '2' {
				m.to = append(m.to, address(rest))
			}
		case "DATA":
			answer = s.reply(verb, "354 go on")
			if !say(answer) || answer[0] != '3' {
				continue
			}
			if err := m.read(text.DotReader()); err != nil {
				say("554 " + err.Error())
				return
			}
			if answer = s.reply(".", "250 taken"); strings.HasPrefix(answer, "250") {
				taken := m
				s.set(func() { s.mails = append(s.mails, taken) })
			}
			if !say(answer) {
				return
			}
			continue
		case "QUIT":
			say("221 bye")
			return
		}
		if verb != "RCPT" {
			answer = s.reply(verb, answer)
		}
		if !say(answer) {
			return
		}
	}
}

// address returns what stands between < and >.
func address(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

// read reads the mail as the recipient's program does.
func (m *received) read(r io.Reader) error {
	msg, err := netmail.ReadMessage(bufio.NewReader(r))
	if err != nil {
		return err
	}
	m.header = msg.Header
	if m.subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return err
	}
	body := msg.Body
	if msg.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	b, err := io.ReadAll(body)
	m.text = strings.ReplaceAll(string(b), "\r\n", "\n")
	return err
}

// certificate returns a certificate for 127.0.0.1 that signs itself, and the roots that trust it.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(root)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}
