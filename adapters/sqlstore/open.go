package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jmoiron/sqlx"

	"github.com/forewarn-go/forewarn/store"
)

// What a DB takes in one batch.
const (
	maxEntries = 10_000
	maxBytes   = 32 << 20
)

// Config says where a DB is.
type Config struct {
	// URL is postgres://… or postgresql://… as libpq and pgx read it, or sqlite:FILE, where the file is made
	// when it is missing. Required.
	URL string
	// Prefix begins the names of all tables: a lower-case letter, then lower-case letters, digits and
	// underscores, at most 20 bytes. "" is "forewarn_".
	Prefix string
	// MaxConns is the most connections to the server, and again as many for what the host does by SQL and Begin;
	// on SQLite it is the most readers. 0 is 20, on SQLite 4. Connections are made when they are needed.
	MaxConns int
}

// DB is a store.Store, a store.Log and a store.Limits in tables of PostgreSQL
// or SQLite. Make one with Open or OpenConfig. All methods are safe for
// concurrent use.
type DB struct {
	dialect dialect
	prefix  string
	main    *sqlx.DB      // of SQLite the writer, which is one connection
	readers *sqlx.DB      // main, except on SQLite
	host    *sqlx.DB      // for the statements of the host; main on SQLite
	writer  chan struct{} // SQLite: whoever has put into it may write
	again   chan struct{} // PostgreSQL: whoever has put into it may run a batch again

	keeping sync.Mutex
	catalog atomic.Pointer[catalog] // replaced as a whole by Keep
	current atomic.Bool             // the machine's own tables were seen to fit
	bulk    int                     // from how many rows on creations and events are copied
}

// catalog is what is kept. It is never changed.
type catalog struct {
	kinds  store.Kinds
	tables map[string]*table
}

// Open opens postgres://… or sqlite:FILE with the defaults of [Config].
func Open(ctx context.Context, url string) (*DB, error) {
	return OpenConfig(ctx, Config{URL: url})
}

// OpenConfig opens a DB and sees that it answers. It returns a
// *store.InvalidError for a Config that cannot be, and makes no table: see
// [DB.Migrate].
func OpenConfig(ctx context.Context, c Config) (*DB, error) {
	if c.Prefix == "" {
		c.Prefix = "forewarn_"
	}
	if err := checkPrefix(c.Prefix); err != nil {
		return nil, err
	}
	if c.MaxConns < 0 {
		return nil, &store.InvalidError{Field: "MaxConns", Rule: "is below 0"}
	}
	db := &DB{prefix: c.Prefix, bulk: 500, again: make(chan struct{}, 1)}
	db.catalog.Store(&catalog{})
	var err error
	switch {
	case strings.HasPrefix(c.URL, "postgres://"), strings.HasPrefix(c.URL, "postgresql://"):
		err = db.openPostgres(ctx, c)
	case strings.HasPrefix(c.URL, "sqlite:"):
		err = db.openLite(ctx, c)
	default:
		err = &store.InvalidError{Field: "URL", Rule: "begins with neither postgres:// nor sqlite:"}
	}
	if err != nil {
		if db.main != nil {
			_ = db.Close()
		}
		return nil, failed("open", err)
	}
	return db, nil
}

// Close closes all connections. Transactions that are open fail.
func (db *DB) Close() error {
	err := db.main.Close()
	for _, more := range []*sqlx.DB{db.readers, db.host} {
		if more == nil || more == db.main {
			continue
		}
		if e := more.Close(); err == nil {
			err = e
		}
	}
	if err != nil {
		return fmt.Errorf("sqlstore: close: %w", err)
	}
	return nil
}

// SQL returns the database for tables of the host's own. On PostgreSQL its
// connections give up after 1 s of waiting for a lock and after 2 s of idling
// inside a transaction, unless the URL says otherwise. On SQLite it is the
// writer, which is one connection: whoever holds a transaction on it must not
// call anything of this DB but what [DB.Join] returns.
func (db *DB) SQL() *sqlx.DB { return db.host }

// Keep tells the store of kinds before their first use. A different kind of a
// name that is kept is a *store.InvalidError, and then none of kinds is added.
func (db *DB) Keep(kinds ...store.Kind) error {
	db.keeping.Lock()
	defer db.keeping.Unlock()
	old := db.catalog.Load()
	next := &catalog{kinds: old.kinds, tables: map[string]*table{}} // Add copies before it writes
	if err := next.kinds.Add(kinds...); err != nil {
		return err
	}
	for _, k := range next.kinds.All() {
		t, kept := old.tables[k.Name]
		if !kept {
			t = newTable(db.dialect, db.prefix, k)
		}
		next.tables[k.Name] = t
	}
	db.catalog.Store(next)
	return nil
}

// Limits returns 10,000 entries and 32 MiB.
func (db *DB) Limits() (entries, bytes int) { return maxEntries, maxBytes }

// own returns the quoted name of a table of the machine's own.
func (db *DB) own(name string) string { return quote(db.prefix + "_" + name) }
