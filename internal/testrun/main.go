// Command testrun is what make test and make quick run: the checks of the code, then all tests, on a real PostgreSQL
// and a real Kafka that it brings up in throw-away directories on loopback and takes down again, also when it is
// interrupted. It shows go test's own lines, and ends with a line for each server: used with its version, or skipped
// and why.
//
// Environment:
//
//	FOREWARN_POSTGRES_URL    use this PostgreSQL and start none
//	FOREWARN_KAFKA_BROKERS   use this Kafka (host:port, separated by commas) and start none
//	FOREWARN_POSTGRES_BIN    the directory of initdb and postgres
//	FOREWARN_INSTALL=1       as root on Debian: install what is missing with apt-get
//	FOREWARN_REQUIRE         postgres, kafka or both, separated by a comma: fail where such a server is skipped
//
// Tests get the first three set. With -quick there are no servers, no race detector and no foreign systems.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	quick := flag.Bool("quick", false, "no servers, no race detector, vet for this system alone, tests with -short")
	run := flag.String("run", "", "only the tests that match, as of go test; the checks of the code are left out")
	bench := flag.String("bench", "", "instead of tests: the benchmarks that match, of the module benchmarks")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: testrun [-quick] [-run PATTERN | -bench PATTERN] [PACKAGE...]   (default: every package)")
		flag.PrintDefaults()
	}
	flag.Parse()
	required, err := requirements(os.Getenv("FOREWARN_REQUIRE"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "testrun:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	r := &runner{ctx: ctx, quick: *quick, run: *run, bench: *bench, packages: flag.Args(), required: required, out: os.Stdout}
	r.all()
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted:
		os.Exit(130)
	case len(r.failures) > 0:
		os.Exit(1)
	}
}

// requirements reads FOREWARN_REQUIRE.
func requirements(list string) (map[string]bool, error) {
	required := map[string]bool{}
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if name != "postgres" && name != "kafka" {
			return nil, fmt.Errorf("FOREWARN_REQUIRE names %q: only postgres and kafka can be required", name)
		}
		required[name] = true
	}
	return required, nil
}
