package pgserver

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
)

// BinEnv is the environment variable that names the directory of PostgreSQL's programs.
const BinEnv = "FOREWARN_POSTGRES_BIN"

// ErrNotInstalled is returned when PostgreSQL's server programs are not found on this machine.
var ErrNotInstalled = errors.New("PostgreSQL is not installed (no initdb and postgres in $" + BinEnv +
	", in the directory of pg_config --bindir, in /usr/lib/postgresql/*/bin, or on the path)")

// Find returns the directory that holds initdb and postgres: that of FOREWARN_POSTGRES_BIN, where it is set, and
// nothing else then; else what pg_config names; else the highest version that Debian's packages have installed; else
// where the path finds initdb. It returns ErrNotInstalled when there is none.
func Find(ctx context.Context) (string, error) {
	if bin := os.Getenv(BinEnv); bin != "" {
		if !complete(bin) {
			return "", ErrNotInstalled
		}
		return bin, nil
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		if bin := strings.TrimSpace(string(out)); complete(bin) {
			return bin, nil
		}
	}
	packaged, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	sort.Slice(packaged, func(i, j int) bool { return major(packaged[i]) > major(packaged[j]) })
	for _, bin := range packaged {
		if complete(bin) {
			return bin, nil
		}
	}
	if path, err := exec.LookPath("initdb"); err == nil && complete(filepath.Dir(path)) {
		return filepath.Dir(path), nil
	}
	return "", ErrNotInstalled
}

// major reads the version out of /usr/lib/postgresql/15/bin; 0 for anything else.
func major(bin string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	if err != nil {
		return 0
	}
	return n
}

func complete(bin string) bool {
	for _, program := range []string{"initdb", "postgres"} {
		if runtime.GOOS == "windows" {
			program += ".exe"
		}
		if _, err := os.Stat(filepath.Join(bin, program)); err != nil {
			return false
		}
	}
	return true
}
