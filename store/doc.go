// Package store is what a storage adapter implements, and all that it has to
// know: records found by declared indexes, one atomic conditional commit, and a
// log of the events that commits have staged. Hosts need none of it: they open
// one of the adapters, as adapters/sqlstore.
//
// An adapter gives the five methods of [Store] and the one of [Log]. Units of
// work, typed records, ids, requests, due work, fan-out and mail are written
// once, on top of these, in package forewarn; an adapter never sees them as
// anything but records.
//
//	kind := store.Kind{
//		Name:    "incident",
//		Fields:  []store.Field{{Name: "state", Type: store.Text}, {Name: "opened", Type: store.Int}},
//		Indexes: []store.Index{{Name: "state", Fields: []string{"state", "opened"}}},
//	}
//	if err := s.Keep(kind); err != nil { … }
//	err := s.Commit(ctx, store.Batch{Puts: []store.Put{{
//		Key:     store.Key{Tenant: "acme", Kind: "incident", ID: id},
//		Expect:  store.Absent,
//		Version: 1 << 32,
//		Body:    body,
//		Values:  []store.Value{store.TextValue("new"), store.TimeValue(opened)},
//	}}})
//	page, err := s.Find(ctx, store.Query{Tenant: "acme", Kind: "incident", Index: "state",
//		Equal: []store.Value{store.TextValue("new")}, Descending: true})
//
// # The promises of a store
//
// A commit is all or nothing. It succeeds only if every record it puts, deletes
// or reads stands at the version it expects, and it fails with a
// [*ConflictError] otherwise. Whoever has put a record sees, in whatever he
// reads after that commit, all that was written by commits which held that
// record as a precondition. Versions are compared for equality only; the caller
// chooses them so that they never come back.
//
// Every store takes batches of [MinEntries] entries and [MinBytes] bytes; one
// that takes more says so by [Limits].
//
// Package adapters/storagetest proves a Store, package adapters/logtest a Log.
// [Kind.Plan] and [Batch.Check] hold the rules that are the same for every
// adapter, so that adapters need not write them again.
package store
