package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/forewarn-go/forewarn/internal/kafkaserver"
	"github.com/forewarn-go/forewarn/internal/pgserver"
)

// A server is what the tests run against, or the reason why there is none.
type server struct {
	name    string
	env     []string // how tests find it
	version string
	skipped string // why it is not used; empty when it is
	stop    func() error
}

func (s server) String() string {
	if s.skipped != "" {
		return s.name + ": skipped: " + s.skipped
	}
	return s.name + ": used " + s.version
}

// Names of the variables by which tests find the servers.
const (
	postgresEnv = "FOREWARN_POSTGRES_URL"
	kafkaEnv    = "FOREWARN_KAFKA_BROKERS"
)

// startServers brings up what the run needs. Its servers can be stopped, whatever became of them.
func (r *runner) startServers() []server {
	skipped := func(name, why string) server {
		return server{name: name, skipped: why, stop: func() error { return nil }}
	}
	if r.quick {
		return []server{skipped("postgres", "a quick run starts no servers"), skipped("kafka", "a quick run starts no servers")}
	}
	r.install()
	var servers []server
	for _, kind := range []struct {
		name  string
		start func() (server, error)
	}{{"postgres", r.postgres}, {"kafka", r.kafka}} {
		if r.ctx.Err() != nil {
			servers = append(servers, skipped(kind.name, "interrupted"))
			continue
		}
		fmt.Fprintf(r.out, "# %s\n", kind.name)
		s, err := kind.start()
		switch {
		case err == nil:
		case r.ctx.Err() != nil:
			s = skipped(kind.name, "interrupted")
		default:
			s = skipped(kind.name, err.Error())
			if !missing(err) { // it is there and does not work: that is no reason to leave tests out in silence
				r.fail(kind.name, err)
			} else if r.required[kind.name] {
				r.fail(kind.name+" is required", err)
			}
		}
		fmt.Fprintln(r.out, s)
		servers = append(servers, s)
	}
	return servers
}

// missing reports whether an error says that the machine does not have what a server needs.
func missing(err error) bool {
	for _, known := range []error{pgserver.ErrNotInstalled, kafkaserver.ErrNoJava, kafkaserver.ErrNoMaven, kafkaserver.ErrFetch} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

func (r *runner) postgres() (server, error) {
	s := server{name: "postgres", stop: func() error { return nil }}
	bin, findErr := pgserver.Find(r.ctx)
	if findErr == nil {
		s.env = append(s.env, pgserver.BinEnv+"="+bin)
	}
	if url := os.Getenv(postgresEnv); url != "" {
		ctx, cancel := context.WithTimeout(r.ctx, 30*time.Second)
		defer cancel()
		var err error
		s.version, err = pgserver.Version(ctx, url)
		if err != nil {
			return s, fmt.Errorf("%s: %w", postgresEnv, err)
		}
		return s, nil
	}
	if findErr != nil {
		return s, fmt.Errorf("%w; on Debian: %s", findErr, aptLine([]string{"postgresql"}))
	}
	started, err := pgserver.Start(r.ctx, pgserver.Config{Bin: bin})
	if err != nil {
		return s, err
	}
	if s.version, err = started.Version(r.ctx); err != nil {
		return s, errors.Join(err, started.Stop())
	}
	s.env = append(s.env, postgresEnv+"="+started.URL())
	s.stop = started.Stop
	return s, nil
}

func (r *runner) kafka() (server, error) {
	s := server{name: "kafka", stop: func() error { return nil }}
	if brokers := os.Getenv(kafkaEnv); brokers != "" {
		ctx, cancel := context.WithTimeout(r.ctx, 30*time.Second)
		defer cancel()
		var err error
		s.version, err = kafkaserver.Probe(ctx, brokers)
		if err != nil {
			return s, fmt.Errorf("%s: %w", kafkaEnv, err)
		}
		return s, nil
	}
	started, err := kafkaserver.Start(r.ctx)
	switch {
	case errors.Is(err, kafkaserver.ErrNoJava):
		return s, fmt.Errorf("%w; on Debian: %s", err, aptLine([]string{"default-jre-headless", "maven"}))
	case errors.Is(err, kafkaserver.ErrNoMaven):
		return s, fmt.Errorf("%w; on Debian: %s", err, aptLine([]string{"maven"}))
	case err != nil:
		return s, err
	}
	s.version = kafkaserver.Version
	s.env = append(s.env, kafkaEnv+"="+started.Brokers())
	s.stop = started.Stop
	return s, nil
}

// haveCompiler reports whether the race detector has the C compiler that it needs.
func haveCompiler() bool {
	for _, name := range []string{os.Getenv("CC"), "gcc", "clang", "cc"} {
		if name == "" {
			continue
		}
		if _, err := exec.LookPath(name); err == nil {
			return true
		}
	}
	return false
}
