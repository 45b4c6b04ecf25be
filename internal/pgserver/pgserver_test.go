package pgserver_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/forewarn-go/forewarn/internal/pgserver"
)

// start starts a server for one test, or skips it where there is no PostgreSQL.
func start(t *testing.T) *pgserver.Server {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a PostgreSQL of its own: not with -short")
	}
	s, err := pgserver.Start(t.Context(), pgserver.Config{Settings: []string{"max_wal_senders=0"}})
	if errors.Is(err, pgserver.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func exec(t *testing.T, s *pgserver.Server, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestRestartKeepsWhatWasCommitted(t *testing.T) {
	s := start(t)
	exec(t, s, "CREATE TABLE kept (n int)")
	exec(t, s, "INSERT INTO kept VALUES (7)")

	held, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close(context.Background())
	if _, err := held.Exec(t.Context(), "BEGIN; INSERT INTO kept VALUES (8)"); err != nil {
		t.Fatal(err)
	}

	before := s.URL()
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.URL() != before {
		t.Errorf("after the restart the server is at %s, before it was at %s", s.URL(), before)
	}
	if err := held.Ping(t.Context()); err == nil {
		t.Error("a connection outlived an immediate restart")
	}

	conn, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var rows, sum int
	if err := conn.QueryRow(t.Context(), "SELECT count(*), sum(n) FROM kept").Scan(&rows, &sum); err != nil {
		t.Fatal(err)
	}
	if rows != 1 || sum != 7 {
		t.Errorf("got %d rows with sum %d, want the committed row alone", rows, sum)
	}
}

func TestSettings(t *testing.T) {
	s := start(t)
	conn, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for name, want := range map[string]string{
		"fsync": "on", "max_connections": "300", "listen_addresses": "127.0.0.1", "max_wal_senders": "0",
		"server_encoding": "UTF8", "lc_collate": "C",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), "SELECT current_setting($1, true)", name).Scan(&got); err != nil {
			if name == "lc_collate" {
				continue // a version that has moved it to the catalogue
			}
			t.Fatalf("%s: %v", name, err)
		}
		if got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestStopEndsTheServer(t *testing.T) {
	s := start(t)
	at, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", at.Host); err == nil {
		conn.Close()
		t.Errorf("%s still answers after Stop", at.Host)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("a second Stop: %v", err)
	}
}

func TestStartRefusesASettingThatDoesNotExist(t *testing.T) {
	start(t) // skips where there is no PostgreSQL
	s, err := pgserver.Start(t.Context(), pgserver.Config{Settings: []string{"no_such_setting=1"}})
	if err == nil {
		t.Fatal(s.Stop(), "started with a setting that does not exist")
	}
}

func TestFindLooksOnlyWhereItIsTold(t *testing.T) {
	t.Setenv(pgserver.BinEnv, t.TempDir())
	if bin, err := pgserver.Find(t.Context()); !errors.Is(err, pgserver.ErrNotInstalled) {
		t.Errorf("Find in an empty directory: %q, %v; want ErrNotInstalled", bin, err)
	}
}
