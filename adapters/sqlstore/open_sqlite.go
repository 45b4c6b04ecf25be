package sqlstore

import (
	"context"
	"net/url"
	"strings"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // the driver

	"github.com/forewarn-go/forewarn/store"
)

func (db *DB) openLite(ctx context.Context, c Config) error {
	file := strings.TrimPrefix(c.URL, "sqlite:")
	switch file {
	case "":
		return &store.InvalidError{Field: "URL", Rule: "sqlite: names no file"}
	case ":memory:": // its connections cannot read beside one that writes
		return &store.InvalidError{Field: "URL", Rule: "sqlite::memory: is not served; package adapters/memory keeps a store in memory"}
	}
	db.dialect = lite
	db.writer = make(chan struct{}, 1)
	// A transaction that began reading and then writes fails at once when another wrote in between, whatever
	// the timeout: so the writer's take the lock when they begin. The timeout is for other processes.
	q := url.Values{"_pragma": {"busy_timeout(5000)", "journal_mode(wal)", "synchronous(full)"}}
	q.Set("_txlock", "immediate")
	var err error
	if db.main, err = openFile(ctx, file, q, 1); err != nil {
		return err
	}
	db.host = db.main
	if c.MaxConns == 0 {
		c.MaxConns = 4
	}
	q.Set("_txlock", "deferred")
	db.readers, err = openFile(ctx, file, q, c.MaxConns)
	return err
}

func openFile(ctx context.Context, file string, q url.Values, conns int) (*sqlx.DB, error) {
	name := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(file)
	pool, err := sqlx.Open("sqlite", name+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, err
	}
	return pool, nil
}

// write waits until this goroutine alone may write, or ctx ends.
func (db *DB) write(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case db.writer <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// written lets the next one write.
func (db *DB) written() { <-db.writer }
