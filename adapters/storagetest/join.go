package storagetest

import (
	"github.com/forewarn-go/forewarn/store"
)

var joinClauses = []part{
	{"joined-commits-become-visible-with-the-transaction", func(x *fixture) {
		j := x.hold()
		k := x.key(item, "a")
		x.commitOf(j.Store, write(k, store.Absent, 4, doc{"state": "s"}))
		if r := x.getOf(j.Store, k); r.Version != 4 {
			x.Errorf("the transaction does not see its own commit: version %d", r.Version)
		}
		x.stands(k, 0)
		if err := j.Commit(); err != nil {
			x.Fatalf("the transaction's commit: %v", err)
		}
		x.stands(k, 4)
		x.finds(store.Query{Tenant: x.tenant, Kind: item, Index: "state"}, k)
	}},
	{"joined-commits-go-with-a-rollback", func(x *fixture) {
		a, b := x.key(item, "a"), x.key(item, "b")
		x.commit(write(a, store.Absent, 4, doc{"state": "s"}))
		j := x.hold()
		x.commitOf(j.Store, write(a, 4, 5, nil), write(b, store.Absent, 1, nil))
		if err := j.Rollback(); err != nil {
			x.Fatalf("the rollback: %v", err)
		}
		x.stands(a, 4)
		x.stands(b, 0)
	}},
	{"a-conflict-in-a-joined-transaction-undoes-its-part-only", func(x *fixture) {
		a, b, c := x.key(item, "a"), x.key(child, "b"), x.key(plain, "c")
		x.commit(write(a, store.Absent, 4, doc{"state": "s"}))
		j := x.hold()
		x.commitOf(j.Store, write(b, store.Absent, 1, nil))
		x.conflict(j.Store.Commit(x.ctx, store.Batch{Puts: []store.Put{write(a, 3, 5, nil), write(c, store.Absent, 1, nil)}}), store.Changed, a)
		x.conflict(j.Store.Commit(x.ctx, store.Batch{Puts: []store.Put{write(a, store.Absent, 5, nil), write(c, store.Absent, 1, nil)}}), store.Exists, a)
		x.commitOf(j.Store, write(a, 4, 6, nil)) // the transaction goes on
		if err := j.Commit(); err != nil {
			x.Fatalf("the transaction's commit: %v", err)
		}
		x.stands(a, 6)
		x.stands(b, 1)
		x.stands(c, 0)
	}},
}

// hold opens a transaction, or skips the clause and says why.
func (x *fixture) hold() Joined {
	x.Helper()
	if x.u.Hold == nil {
		x.Logf("NOT SHOWN: the factory gives no Hold, so nothing is known of commits in a host's transaction")
		x.Skipf("this store cannot be joined: the factory gives no Hold")
	}
	j, err := x.u.Hold(x.ctx)
	if err != nil {
		x.Fatalf("Hold: %v", err)
	}
	x.test.Cleanup(func() { _ = j.Rollback() }) // after a failure; else it has ended already
	return j
}

func (x *fixture) commitOf(s store.Store, puts ...store.Put) {
	x.Helper()
	if err := s.Commit(x.ctx, store.Batch{Puts: puts}); err != nil {
		x.Fatalf("a commit in the transaction: %v", err)
	}
}
