package sqlstore

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"

	"github.com/forewarn-go/forewarn/store"
)

// oldest is the oldest server that has transaction ids of 64 bits as a type.
const oldest = 130000

func (db *DB) openPostgres(ctx context.Context, c Config) error {
	config, err := pgx.ParseConfig(c.URL)
	if err != nil {
		return &store.InvalidError{Field: "URL", Rule: err.Error()} // pgx takes the password out of it
	}
	// A process that is frozen inside a commit holds its locks, a lease's too, until the server ends it.
	for name, value := range map[string]string{
		"idle_in_transaction_session_timeout": "2000",
		"lock_timeout":                        "1000",
		"application_name":                    "forewarn",
	} {
		if config.RuntimeParams[name] == "" {
			config.RuntimeParams[name] = value
		}
	}
	db.dialect = postgres
	db.main = sqlx.NewDb(stdlib.OpenDB(*config), "pgx")
	db.readers = db.main
	if c.MaxConns == 0 {
		c.MaxConns = 20
	}
	db.main.SetMaxOpenConns(c.MaxConns)
	db.main.SetMaxIdleConns(c.MaxConns)
	var version string
	if err := db.main.QueryRowContext(ctx, "SELECT current_setting('server_version_num')").Scan(&version); err != nil {
		return err
	}
	if n, err := strconv.Atoi(version); err != nil || n < oldest {
		return &store.InvalidError{Field: "URL", Rule: "the server is of version " + version + "; 13 is the oldest that serves"}
	}
	return nil
}
