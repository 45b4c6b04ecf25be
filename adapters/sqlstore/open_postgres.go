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

// waits bound what a connection waits for, unless the URL says otherwise. A
// process that is frozen inside a commit holds its locks, a lease's too, until
// the server ends it.
var waits = map[string]string{
	"idle_in_transaction_session_timeout": "2000",
	"lock_timeout":                        "1000",
	"application_name":                    "forewarn",
}

// setting is a setting of a session.
type setting struct{ name, value string }

// planner keeps the server on the indexes that our statements are made for. It
// plans a prepared statement once, and if the table is, or was counted when it
// was, empty, as those of due work and of the log nearly always are, it takes
// any other way for as good, and goes on taking it when a storm has filled the
// table, until it is counted again.
var planner = []setting{
	{"enable_seqscan", "off"}, {"enable_bitmapscan", "off"}, {"enable_hashjoin", "off"}, {"enable_mergejoin", "off"}, {"jit", "off"},
}

func pool(config *pgx.ConnConfig, conns int) *sqlx.DB {
	db := sqlx.NewDb(stdlib.OpenDB(*config), "pgx")
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db
}

func (db *DB) openPostgres(ctx context.Context, c Config) error {
	config, err := pgx.ParseConfig(c.URL)
	if err != nil {
		return &store.InvalidError{Field: "URL", Rule: err.Error()} // pgx takes the password out of it
	}
	for name, value := range waits {
		if config.RuntimeParams[name] == "" {
			config.RuntimeParams[name] = value
		}
	}
	db.dialect = postgres
	if c.MaxConns == 0 {
		c.MaxConns = 20
	}
	db.host = pool(config, c.MaxConns)
	own := config.Copy()
	for _, s := range planner {
		own.RuntimeParams[s.name] = s.value
	}
	db.main = pool(own, c.MaxConns)
	db.readers = db.main
	var version string
	if err := db.main.QueryRowContext(ctx, "SELECT current_setting('server_version_num')").Scan(&version); err != nil {
		return err
	}
	if n, err := strconv.Atoi(version); err != nil || n < oldest {
		return &store.InvalidError{Field: "URL", Rule: "the server is of version " + version + "; 13 is the oldest that serves"}
	}
	return nil
}
