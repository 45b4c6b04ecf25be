package forewarn

import (
	"context"
	"errors"
	"slices"

	"github.com/forewarn-go/forewarn/store"
)

// The steps of a fan-out are a chain: each relies on what the one before has
// written. Deciding a step takes this process as long as writing it takes the
// store, so a step is decided while the one before is being committed, on what
// that commit will have written, and is committed once that one has succeeded.
// What it relied on are its preconditions as ever; if the one before comes to
// nothing, so does it, and the worker finds the item that stands.

// chainSteps is how many steps one call of Settle does at most, so that other due work has its turn.
const chainSteps = 8

// errAbandoned ends a unit that was decided on what was not committed.
var errAbandoned = errors.New("the step before was not committed")

// chain does the step of an item, and those that follow it.
func (e *Engine) chain(ctx context.Context, j Job, item Item) error {
	at := e.stride(ctx, j, item, nil)
	for n := 1; ; n++ {
		var next *stride
		if before, ok := <-at.store.sent; ok && n < chainSteps {
			if following, ok := before.follows(at.item); ok {
				next = e.stride(ctx, j, following, before)
			}
		}
		<-at.done
		if over := at.abandoned() || at.err != nil; over && next != nil {
			<-next.done
		}
		switch {
		case at.abandoned(): // the one before had to run again, and has succeeded: the worker goes on from there
			return nil
		case at.err != nil:
			return e.failed(ctx, j, at.item, at.err)
		case next == nil:
			return nil
		}
		at = next
	}
}

// stride is one step on its way: deciding, waiting for the one before, or being committed.
type stride struct {
	item  Item
	store *ahead
	done  chan struct{}
	err   error // once done
}

// stride begins the step of an item, on what the commit before it will have written.
func (e *Engine) stride(ctx context.Context, j Job, item Item, before *underway) *stride {
	s := &stride{item: item, done: make(chan struct{}), store: &ahead{Store: e.store, before: before, sent: make(chan *underway, 1)}}
	on := &Engine{shared: e.shared, store: s.store}
	go func() {
		defer close(s.done)
		defer close(s.store.sent)
		s.err = on.settleUnit(ctx, j, []Item{item})
	}()
	return s
}

// abandoned reports whether a step that is done was decided on what was not committed. Whatever it came to then says nothing.
func (s *stride) abandoned() bool { return s.store.before != nil && s.store.before.err != nil }

// underway is a batch that is being committed.
type underway struct {
	batch store.Batch
	puts  map[store.Key]*store.Put // nil where the record is deleted
	kinds map[string]bool          // of what is put or deleted
	over  chan struct{}
	err   error // once over
}

func newUnderway(b store.Batch) *underway {
	w := &underway{batch: b, puts: make(map[store.Key]*store.Put, len(b.Puts)+len(b.Deletes)), kinds: map[string]bool{}, over: make(chan struct{})}
	for i := range b.Puts {
		w.puts[b.Puts[i].Key] = &b.Puts[i]
		w.kinds[b.Puts[i].Key.Kind] = true
	}
	for _, d := range b.Deletes {
		w.puts[d.Key] = nil
		w.kinds[d.Key.Kind] = true
	}
	return w
}

func (w *underway) end(err error) {
	w.err = err
	close(w.over)
}

// follows returns the item of the same name as the batch leaves it.
func (w *underway) follows(i Item) (Item, bool) {
	p := w.puts[i.key()]
	if p == nil {
		return Item{}, false
	}
	d, err := dues.decode(store.Record{Key: p.Key, Version: p.Version, Body: p.Body})
	if err != nil {
		return Item{}, false
	}
	return newItem(d, p.Key.Tenant, p.Version), true
}

// wait returns when the commit is over: nil when it has succeeded.
func (w *underway) wait(ctx context.Context) error {
	select {
	case <-w.over:
	case <-ctx.Done():
		return ctx.Err()
	}
	if w.err != nil {
		return errAbandoned
	}
	return nil
}

// ahead is a store as it will be once a commit that is underway has succeeded.
type ahead struct {
	store.Store
	before *underway      // nil: the store as it is
	sent   chan *underway // the first batch that is committed here, if any is
	again  bool           // there was one
}

// Limits returns those of the store.
func (a *ahead) Limits() (entries, bytes int) { return store.LimitsOf(a.Store) }

// open returns the commit whose outcome is open; nil when it is over, or there is none.
func (a *ahead) open() *underway {
	if a.before == nil {
		return nil
	}
	select {
	case <-a.before.over:
		return nil
	default:
		return a.before
	}
}

// Get answers from the batch that is underway what that one writes, and from the store what it does not.
func (a *ahead) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	w := a.open()
	if w == nil {
		return a.Store.Get(ctx, keys...)
	}
	out := make([]store.Record, len(keys))
	var ask []store.Key
	var places []int
	for i, k := range keys {
		switch p, written := w.puts[k]; {
		case !written:
			ask, places = append(ask, k), append(places, i)
		case p == nil:
			out[i] = store.Record{Key: k}
		default:
			out[i] = store.Record{Key: k, Version: p.Version, Body: slices.Clone(p.Body)}
		}
	}
	if len(ask) == 0 {
		return out, nil
	}
	found, err := a.Store.Get(ctx, ask...)
	if err != nil {
		return nil, err
	}
	for i, rec := range found {
		out[places[i]] = rec
	}
	return out, nil
}

// Find waits for the commit where it touches the kind: a page of what is to come cannot be told.
func (a *ahead) Find(ctx context.Context, q store.Query) (store.Page, error) {
	if w := a.open(); w != nil && w.kinds[q.Kind] {
		if err := w.wait(ctx); err != nil {
			return store.Page{}, err
		}
	}
	return a.Store.Find(ctx, q)
}

// Commit hands on the first batch, for the next step to be decided on, and commits it when the one before is over.
func (a *ahead) Commit(ctx context.Context, b store.Batch) error {
	w := newUnderway(b)
	if !a.again {
		a.again = true
		a.sent <- w
	}
	err := a.commit(ctx, b)
	w.end(err)
	return err
}

func (a *ahead) commit(ctx context.Context, b store.Batch) error {
	if a.before != nil {
		if err := a.before.wait(ctx); err != nil {
			return err
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), commitTime) // its own time begins when it has its turn
		defer cancel()
	}
	return a.Store.Commit(ctx, b)
}

var _ interface {
	store.Store
	store.Limits
} = (*ahead)(nil)
