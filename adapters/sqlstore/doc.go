// Package sqlstore keeps records, numbers and the log in PostgreSQL (13 and
// newer) or in SQLite, in tables of the host's own database.
//
//	db, err := sqlstore.Open(ctx, "postgres://ops@db.example.net/ops")   // or "sqlite:ops.db"
//	engine, err := forewarn.New(forewarn.Config{Store: db})
//	…                                                                    // services tell the engine their kinds
//	err = db.Migrate(ctx)                                                // makes the tables of what was kept so far
//
// There is a table per kind, named by the prefix and the kind: tenant, id,
// version, generation, a column per field that an index names, and the body as
// JSON. The machine's own tables have two underscores after the prefix's name.
// Nothing is migrated by itself: a kind whose table is missing or older than
// the code gives a [*MigrateError] at first use.
//
// # Commits
//
// On PostgreSQL a commit runs at READ COMMITTED in three phases: it locks and
// checks what exists, creates, and then updates, deletes and appends events; in
// each phase kinds go by name, then tenant and id. So batches do not deadlock
// each other, and a host's own transaction that does ends as a conflict. The
// phases are pipelined on the driver's own connection: three round trips
// whatever the size. On SQLite there is one writer at a time.
//
// # The host's own transaction
//
// [DB.Join] gives a store that works inside a transaction of the host; see
// there what it promises. On PostgreSQL that transaction must be one of the pgx
// driver, as those of [DB.Begin] and [DB.SQL] are.
package sqlstore
