package worker_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/sqlstore"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/worker/workertest"
)

// Covers: LIB-003
func TestOverMemory(t *testing.T) {
	workertest.Run(t, func(testing.TB) workertest.Under { return workertest.Under{Store: memory.New()} })
}

// least takes no more in a commit than every store must.
type least struct{ *memory.Store }

func (least) Limits() (entries, bytes int) { return store.MinEntries, store.MinBytes }

func TestOverAStoreOfTheLeastLimits(t *testing.T) {
	workertest.Run(t, func(testing.TB) workertest.Under { return workertest.Under{Store: least{memory.New()}} })
}

func TestOverSQLite(t *testing.T) {
	workertest.Run(t, func(t testing.TB) workertest.Under {
		return open(t, "sqlite:"+filepath.Join(t.TempDir(), "store.db"))
	})
}

// Covers: LIB-003
func TestOverPostgreSQL(t *testing.T) {
	postgresURL(t) // skips before the clauses do
	workertest.Run(t, func(t testing.TB) workertest.Under { return open(t, postgresURL(t)) })
}

func open(t testing.TB, url string) workertest.Under {
	t.Helper()
	db, err := sqlstore.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return workertest.Under{Store: db, Migrate: db.Migrate, Stories: 8}
}

// postgresURL names a schema of the test's own on the server of FOREWARN_POSTGRES_URL.
func postgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("FOREWARN_POSTGRES_URL")
	if server == "" {
		t.Skip("NOT SHOWN on PostgreSQL: FOREWARN_POSTGRES_URL names no server")
	}
	ctx := context.Background()
	admin, err := sqlstore.Open(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	schema := "fw_worker_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if _, err := admin.SQL().ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.SQL().ExecContext(ctx, "SET lock_timeout = '60s'; DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Errorf("the schema stays behind: %v", err)
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}
