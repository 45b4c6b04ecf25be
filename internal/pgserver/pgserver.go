// Package pgserver starts a throw-away PostgreSQL on loopback, for tests that need one of their own: those that
// restart or kill it. Other tests share the server that FOREWARN_POSTGRES_URL names.
//
// The server keeps its data in a new temporary directory, trusts every local connection, syncs what it commits, and
// runs as user postgres when this process is root, since PostgreSQL refuses root.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/forewarn-go/forewarn/internal/daemon"
)

// Config says which server to start.
type Config struct {
	Bin      string   // the directory of initdb and postgres; empty: that of Find
	Settings []string // further settings, each as name=value
}

// A Server is a running PostgreSQL. Its methods must not be called at the same time, URL apart.
type Server struct {
	bin, dir string
	user     *daemon.User
	settings []string
	port     int
	process  *daemon.Process
}

const (
	patience  = time.Minute      // for a start: a busy machine may take long over recovery
	grace     = 30 * time.Second // for an end
	portTries = 5
)

// Start makes a new cluster, starts its server and waits until it answers. The caller stops it.
func Start(ctx context.Context, c Config) (_ *Server, err error) {
	if c.Bin == "" {
		if c.Bin, err = Find(ctx); err != nil {
			return nil, err
		}
	}
	s := &Server{bin: c.Bin, settings: c.Settings}
	if s.user, err = daemon.Unprivileged("postgres", "nobody"); err != nil {
		return nil, err
	}
	if s.dir, err = daemon.TempDir("forewarn-postgres-", s.user); err != nil {
		return nil, fmt.Errorf("directory of the server: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	if err := s.initialise(ctx); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		ports, err := daemon.FreePorts(1)
		if err != nil {
			return nil, fmt.Errorf("free port: %w", err)
		}
		s.port = ports[0]
		err = s.run(ctx)
		if err == nil {
			return s, nil
		}
		if try == portTries || !strings.Contains(s.log(), "could not bind") {
			return nil, err
		}
	}
}

// URL names the server's database postgres, with its superuser.
func (s *Server) URL() string {
	return "postgres://postgres@127.0.0.1:" + strconv.Itoa(s.port) + "/postgres?sslmode=disable"
}

// Restart ends the server as a crash would (SIGQUIT, what pg_ctl calls immediate), starts it again on the same port
// and waits until it has recovered. It returns an error when the server does not come back.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.process.Stop(syscall.SIGQUIT, grace); err != nil {
		return err
	}
	return s.run(ctx)
}

// Stop ends the server and removes its data. A server that is stopped already is no error.
func (s *Server) Stop() error {
	var err error
	if s.process != nil {
		err = s.process.Stop(syscall.SIGINT, grace)
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// Version returns the version of the server, such as 15.14.
func (s *Server) Version(ctx context.Context) (string, error) { return Version(ctx, s.URL()) }

// Version returns the version of the server that the URL names, such as 15.14.
func Version(ctx context.Context, url string) (string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	var version string
	if err := conn.QueryRow(ctx, "SHOW server_version").Scan(&version); err != nil {
		return "", err
	}
	version, _, _ = strings.Cut(version, " ") // "15.14 (Debian …)"
	return version, nil
}

func (s *Server) initialise(ctx context.Context) error {
	p, err := s.start("initdb", "-D", s.data(), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C")
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.Stop(syscall.SIGINT, grace))
	}
	if err := p.Err(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, s.log())
	}
	return nil
}

// run starts the server and waits until it answers.
func (s *Server) run(ctx context.Context) error {
	args := []string{"-D", s.data(),
		"-c", "port=" + strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "max_connections=300", "-c", "fsync=on"}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	var err error
	if s.process, err = s.start("postgres", args...); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		_, err := s.Version(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-poll.C:
		case <-s.process.Done():
			return fmt.Errorf("postgres ended: %w\n%s", s.process.Err(), s.log())
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w: %w\n%s", ctx.Err(), err, s.log())
		}
	}
}

func (s *Server) start(program string, args ...string) (*daemon.Process, error) {
	return daemon.Start(daemon.Config{
		Path: filepath.Join(s.bin, program), Args: args, Dir: s.dir, Log: s.logFile(), User: s.user,
	})
}

func (s *Server) data() string    { return filepath.Join(s.dir, "data") }
func (s *Server) logFile() string { return filepath.Join(s.dir, "log") }

// log returns the end of the server's log.
func (s *Server) log() string {
	b, err := os.ReadFile(s.logFile())
	if err != nil {
		return ""
	}
	return string(b[max(0, len(b)-4000):])
}
