package storagetest

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/forewarn-go/forewarn/store"
)

// Faults says what goes wrong in a store that Wrap returns. The zero value lets
// everything through. The functions are called by whoever commits, several at
// once if several do.
type Faults struct {
	// Before is called before the n-th commit, counted from 1. It may wait, for a barrier or a channel, and
	// it may commit to the store underneath, so that something happens between a unit's reads and its commit.
	Before func(ctx context.Context, n int, b store.Batch)
	// FailBefore returns the error with which the n-th commit fails before it has had any effect, or nil.
	// With a *store.ConflictError the unit above runs again: Odd(Conflict()) runs each one twice.
	FailBefore func(n int) error
	// FailAfter returns the error with which the n-th commit fails although it has taken effect, or nil: an
	// unknown outcome, as of a connection that was lost before the answer.
	FailAfter func(n int) error
	// FailRead returns the error with which the n-th call of Get or Find fails, or nil.
	FailRead func(n int) error
}

// Faulty is a store with faults. It is a store.Log when the store underneath is
// one, and takes what that takes.
type Faulty struct {
	store.Store
	faults         Faults
	commits, reads atomic.Int64
}

// Wrap returns a store that does what s does, with faults.
func Wrap(s store.Store, f Faults) *Faulty { return &Faulty{Store: s, faults: f} }

// Every returns a function that gives err at every n-th call, and nil otherwise. An n below 1 never fails.
func Every(n int, err error) func(int) error {
	return func(i int) error {
		if n >= 1 && i%n == 0 {
			return err
		}
		return nil
	}
}

// Odd returns a function that gives err at calls 1, 3, 5 and so on: what is tried again at once succeeds.
func Odd(err error) func(int) error {
	return func(i int) error {
		if i%2 == 1 {
			return err
		}
		return nil
	}
}

// ErrFault is an outage that Faults may give.
var ErrFault = errors.New("storagetest: the store could not answer")

// Conflict returns a conflict without a record, as a store gives it that could not decide in time.
func Conflict() error { return &store.ConflictError{Reason: store.Busy} }

// Commits returns the number of commits that were tried.
func (f *Faulty) Commits() int { return int(f.commits.Load()) }

// Commit commits, unless a fault comes before it.
func (f *Faulty) Commit(ctx context.Context, b store.Batch) error {
	n := int(f.commits.Add(1))
	if f.faults.Before != nil {
		f.faults.Before(ctx, n, b)
	}
	if f.faults.FailBefore != nil {
		if err := f.faults.FailBefore(n); err != nil {
			return err
		}
	}
	if err := f.Store.Commit(ctx, b); err != nil {
		return err
	}
	if f.faults.FailAfter != nil {
		return f.faults.FailAfter(n)
	}
	return nil
}

// Get reads, unless a fault comes before it.
func (f *Faulty) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if err := f.read(); err != nil {
		return nil, err
	}
	return f.Store.Get(ctx, keys...)
}

// Find reads, unless a fault comes before it.
func (f *Faulty) Find(ctx context.Context, q store.Query) (store.Page, error) {
	if err := f.read(); err != nil {
		return store.Page{}, err
	}
	return f.Store.Find(ctx, q)
}

func (f *Faulty) read() error {
	n := int(f.reads.Add(1))
	if f.faults.FailRead == nil {
		return nil
	}
	return f.faults.FailRead(n)
}

// Limits returns the limits of the store underneath.
func (f *Faulty) Limits() (entries, bytes int) { return store.LimitsOf(f.Store) }

// Reader returns a reader of the log underneath, or an error when there is none.
func (f *Faulty) Reader(lane string, shards ...int) (store.LogReader, error) {
	l, ok := f.Store.(store.Log)
	if !ok {
		return nil, errors.New("storagetest: the store underneath is no store.Log")
	}
	return l.Reader(lane, shards...)
}
