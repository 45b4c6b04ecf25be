package benchmarks

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver that the sides by hand use
	"github.com/jmoiron/sqlx"

	"github.com/forewarn-go/forewarn/internal/pgserver"
)

// postgresURL names the server, which make bench has started. Without it a benchmark starts one of its own.
const postgresURL = "FOREWARN_POSTGRES_URL"

// database makes a database of the benchmark's own, which goes with it, and says of which server the figures are.
func database(b *testing.B) string {
	b.Helper()
	ctx := context.Background()
	server := os.Getenv(postgresURL)
	if server == "" {
		s, err := pgserver.Start(ctx, pgserver.Config{})
		check(b, err)
		b.Cleanup(func() { check(b, s.Stop()) })
		server = s.URL()
	}
	conn, err := pgx.Connect(ctx, server)
	check(b, err)
	name := fmt.Sprint("forewarn_bench_", os.Getpid())
	for _, text := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		_, err = conn.Exec(ctx, text)
		check(b, err)
	}
	b.Cleanup(func() {
		_, err := conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		check(b, err)
		check(b, conn.Close(ctx))
	})
	for _, setting := range []string{"fsync", "synchronous_commit"} {
		var value string
		check(b, conn.QueryRow(ctx, "SELECT current_setting($1)", setting).Scan(&value))
		if value != "on" {
			b.Fatalf("%s is %s: figures of a server that may lose commits say nothing", setting, value)
		}
	}
	of, err := url.Parse(server)
	check(b, err)
	of.Path = "/" + name
	return of.String()
}

// byHand opens the database as a service does that has no library.
func byHand(b *testing.B, url string) *sqlx.DB {
	b.Helper()
	db, err := sqlx.Open("pgx", url)
	check(b, err)
	db.SetMaxOpenConns(20)
	db.SetMaxIdleConns(20)
	b.Cleanup(func() { check(b, db.Close()) })
	return db
}

// run runs statements that are not measured.
func run(b *testing.B, db *sqlx.DB, texts ...string) {
	b.Helper()
	for _, text := range texts {
		_, err := db.Exec(text)
		check(b, err)
	}
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
