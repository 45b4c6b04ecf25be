package smtp

import (
	"context"
	"crypto/tls"
	"net"
)

// line is the connection of one mail. The mail library leaves a connection open when something fails on it, and looks
// at the context no more once it is open; a line ends with its mail and with the context.
type line struct {
	tls  *tls.Config // nil: the library encrypts, or nobody
	conn net.Conn
	stop func() bool
}

// dial opens the connection.
func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var err error
	if l.tls != nil {
		l.conn, err = (&tls.Dialer{Config: l.tls}).DialContext(ctx, network, address)
	} else {
		l.conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return l.conn, err
}

// guard returns a dial function whose connection ends when ctx does.
func (l *line) guard(ctx context.Context) func(context.Context, string, string) (net.Conn, error) {
	return func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := l.dial(dialing, network, address)
		if err == nil {
			l.stop = context.AfterFunc(ctx, func() { _ = conn.Close() }) // the exchange on it tells what went wrong
		}
		return conn, err
	}
}

// close ends the connection, if it was opened.
func (l *line) close() {
	if l.stop != nil {
		l.stop()
		_ = l.conn.Close() // closed already, as a rule
	}
}
