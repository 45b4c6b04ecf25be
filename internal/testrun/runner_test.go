package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/internal/kafkaserver"
	"github.com/forewarn-go/forewarn/internal/pgserver"
)

func TestRequirements(t *testing.T) {
	for list, want := range map[string][]string{
		"": nil, "postgres": {"postgres"}, "postgres,kafka": {"postgres", "kafka"}, " kafka, postgres ": {"postgres", "kafka"},
	} {
		got, err := requirements(list)
		if err != nil {
			t.Errorf("%q: %v", list, err)
		}
		if len(got) != len(want) {
			t.Errorf("%q requires %v, want %v", list, got, want)
		}
		for _, name := range want {
			if !got[name] {
				t.Errorf("%q does not require %s", list, name)
			}
		}
	}
	if _, err := requirements("postgres,oracle"); err == nil || !strings.Contains(err.Error(), "oracle") {
		t.Errorf("a name that cannot be required: %v", err)
	}
}

func TestARequiredServerThatIsMissingFails(t *testing.T) {
	// A machine without PostgreSQL, Java or anything else, and nobody to install them.
	t.Setenv(pgserver.BinEnv, t.TempDir())
	t.Setenv("JAVA_HOME", "")
	t.Setenv("PATH", t.TempDir())
	t.Setenv("FOREWARN_INSTALL", "")
	t.Setenv(postgresEnv, "")
	t.Setenv(kafkaEnv, "")
	for _, required := range []string{"", "postgres", "kafka"} {
		var out strings.Builder
		names, err := requirements(required)
		if err != nil {
			t.Fatal(err)
		}
		r := &runner{ctx: t.Context(), required: names, out: &out}
		for _, s := range r.startServers() {
			if s.skipped == "" || !strings.Contains(s.String(), s.name+": skipped: ") || !strings.Contains(s.skipped, "apt-get install") {
				t.Errorf("%s does not say that it is skipped and what would help: %v", s.name, s)
			}
		}
		want := 0
		if required != "" {
			want = 1
		}
		if len(r.failures) != want {
			t.Errorf("FOREWARN_REQUIRE=%s: failures %v, want %d", required, r.failures, want)
		}
	}
}

func TestAServerThatIsNamedAndAnswersNotFails(t *testing.T) {
	t.Setenv(postgresEnv, "postgres://127.0.0.1:1/none?connect_timeout=1")
	r := &runner{ctx: t.Context(), out: &strings.Builder{}}
	if _, err := r.postgres(); err == nil || missing(err) {
		t.Errorf("got %v, want an error that is no reason to skip", err)
	}
}

func TestMissing(t *testing.T) {
	if !missing(fmt.Errorf("wrapped: %w", kafkaserver.ErrFetch)) || missing(errors.New("broken")) {
		t.Error("missing tells what is not there from what does not work")
	}
}

func TestModules(t *testing.T) {
	root := t.TempDir()
	for _, file := range []string{"go.mod", "b/go.mod", "a/c/go.mod", "a/testdata/go.mod", ".build/go.mod"} {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := modules(root)
	want := []string{root, filepath.Join(root, "a/c"), filepath.Join(root, "b")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if _, err := modules(filepath.Join(root, "a")); err == nil {
		t.Error("a directory that is no module's root is taken")
	}
}

func TestReach(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path != "/index/db.json" {
			http.NotFound(w, q)
		}
	}))
	defer up.Close()
	if err := reach(t.Context(), up.URL+"/"); err != nil {
		t.Errorf("a database that answers: %v", err)
	}
	if err := reach(t.Context(), up.URL+"/elsewhere"); err == nil {
		t.Error("a place that is no database is taken for one")
	}
}
