package store

import "context"

// Store keeps records. All methods are safe for concurrent use, and neither
// keep nor change what they are given, nor hand out memory that they use.
//
// An error that is neither an *InvalidError nor a *ConflictError means that the
// store could not answer. After such an error of Commit the outcome is unknown,
// unless the store says by the error that nothing happened.
type Store interface {
	// Keep tells the store of kinds before their first use. The same kind twice is fine; a different one of
	// that name is an *InvalidError: name, fields, indexes and global are compared, Of is not.
	Keep(kinds ...Kind) error

	// Get returns one record per key, in the order of the keys; one that is not there has version 0. Each
	// record is as of its own read.
	Get(ctx context.Context, keys ...Key) ([]Record, error)

	// Find returns a page of what a query finds. A record that exists throughout and keeps its order fields
	// is returned exactly once over all pages, others zero or more times; each is as of its own read.
	Find(ctx context.Context, q Query) (Page, error)

	// Commit does all that the batch says, or nothing.
	Commit(ctx context.Context, b Batch) error

	// Numbers draws n consecutive numbers of a series of a tenant and returns the first. The first of a
	// series is 1. Numbers are unique and rise in one process; they stand outside of any commit, so gaps
	// are allowed. An n below 1, an empty tenant or series is an *InvalidError.
	Numbers(ctx context.Context, tenant, series string, n int) (first int64, err error)
}

// Limits is implemented by stores that take more than MinEntries entries and MinBytes bytes in a batch.
type Limits interface {
	// Limits returns the most entries and bytes of one batch, as Batch.Entries and Batch.Bytes count them.
	Limits() (entries, bytes int)
}

// LimitsOf returns the limits of a store, which are MinEntries and MinBytes when it does not say.
func LimitsOf(s Store) (entries, bytes int) {
	if l, ok := s.(Limits); ok {
		return l.Limits()
	}
	return MinEntries, MinBytes
}
