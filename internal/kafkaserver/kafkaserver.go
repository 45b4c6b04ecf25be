// Package kafkaserver starts a throw-away Apache Kafka of one broker on loopback, for tests against the real thing.
// It needs Java 17 or later, and Maven the first time. Tests find the running one by FOREWARN_KAFKA_BROKERS.
//
// The broker makes no topic by itself, keeps its log in a new temporary directory, and is its own controller.
package kafkaserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/forewarn-go/forewarn/internal/daemon"
)

// A Server is a running broker.
type Server struct {
	java, classes, dir string
	port               int
	process            *daemon.Process
}

const (
	patience  = 90 * time.Second // for a start
	grace     = 20 * time.Second // for an end
	portTries = 5
)

// Start formats a new log directory, starts a broker and waits until it answers. The caller stops it. It returns
// ErrNoJava, ErrNoMaven or ErrFetch where the machine lacks what a broker needs.
func Start(ctx context.Context) (_ *Server, err error) {
	s := &Server{}
	if s.java, err = Java(ctx); err != nil {
		return nil, err
	}
	jars, err := Jars(ctx)
	if err != nil {
		return nil, err
	}
	s.classes = filepath.Join(jars, "*")
	if s.dir, err = daemon.TempDir("forewarn-kafka-", nil); err != nil {
		return nil, fmt.Errorf("directory of the broker: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	for try := 1; ; try++ {
		if err := s.format(ctx); err != nil {
			return nil, err
		}
		err := s.run(ctx)
		if err == nil {
			return s, nil
		}
		if try == portTries || !strings.Contains(s.log(), "Address already in use") {
			return nil, err
		}
		if err := os.RemoveAll(s.data()); err != nil { // the ports are written into it
			return nil, err
		}
	}
}

// Brokers is the address of the broker, in the form of FOREWARN_KAFKA_BROKERS.
func (s *Server) Brokers() string { return "127.0.0.1:" + strconv.Itoa(s.port) }

// Stop ends the broker and removes its data. One that is stopped already is no error.
func (s *Server) Stop() error {
	var err error
	if s.process != nil {
		err = s.process.Stop(syscall.SIGTERM, grace)
		if errors.Is(err, daemon.ErrKilled) {
			err = nil // nothing of it is wanted any more
		}
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// Probe asks the brokers, given as host:port separated by commas, who they are, and returns the version that they
// seem to be of, such as v4.1.
func Probe(ctx context.Context, brokers string) (string, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...), kgo.DialTimeout(5*time.Second))
	if err != nil {
		return "", err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	if _, err := admin.ListBrokers(ctx); err != nil {
		return "", err
	}
	versions, err := admin.ApiVersions(ctx)
	if err != nil {
		return "", err
	}
	for _, v := range versions {
		if v.Err == nil {
			return v.VersionGuess(), nil
		}
	}
	return "", errors.New("no broker says which requests it knows")
}

// format draws ports, writes the configuration and formats the log directory for it.
func (s *Server) format(ctx context.Context) error {
	ports, err := daemon.FreePorts(2)
	if err != nil {
		return fmt.Errorf("free ports: %w", err)
	}
	s.port = ports[0]
	if err := os.WriteFile(s.config(), []byte(properties(ports[0], ports[1], s.data())), 0o644); err != nil {
		return err
	}
	id, err := s.tool(ctx, "random-uuid")
	if err != nil {
		return err
	}
	_, err = s.tool(ctx, "format", "--standalone", "-t", strings.TrimSpace(id), "-c", s.config())
	return err
}

func (s *Server) tool(ctx context.Context, args ...string) (string, error) {
	var stderr strings.Builder
	cmd := exec.CommandContext(ctx, s.java, append([]string{"-cp", s.classes, "kafka.tools.StorageTool"}, args...)...)
	cmd.Dir, cmd.Stderr = s.dir, &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("kafka storage %s: %w: %s", args[0], err, stderr.String())
	}
	return string(out), nil
}

// run starts the broker and waits until it answers.
func (s *Server) run(ctx context.Context) error {
	var err error
	s.process, err = daemon.Start(daemon.Config{
		Path: s.java, Args: []string{"-Xmx512m", "-cp", s.classes, "kafka.Kafka", s.config()},
		Dir: s.dir, Log: s.logFile(),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	poll := time.NewTicker(200 * time.Millisecond)
	defer poll.Stop()
	for {
		attempt, done := context.WithTimeout(ctx, 2*time.Second)
		_, err := Probe(attempt, s.Brokers())
		done()
		if err == nil {
			return nil
		}
		select {
		case <-poll.C:
		case <-s.process.Done():
			return fmt.Errorf("kafka ended: %w\n%s", s.process.Err(), s.log())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("kafka does not answer: %w: %w\n%s", ctx.Err(), err, s.log()),
				s.process.Stop(syscall.SIGTERM, grace))
		}
	}
}

func properties(client, controller int, data string) string {
	return fmt.Sprintf(`process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:%[2]d
listeners=PLAINTEXT://127.0.0.1:%[1]d,CONTROLLER://127.0.0.1:%[2]d
advertised.listeners=PLAINTEXT://127.0.0.1:%[1]d
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=%[3]s
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`, client, controller, filepath.ToSlash(data))
}

func (s *Server) data() string    { return filepath.Join(s.dir, "data") }
func (s *Server) config() string  { return filepath.Join(s.dir, "server.properties") }
func (s *Server) logFile() string { return filepath.Join(s.dir, "log") }

// log returns the end of what the broker has said.
func (s *Server) log() string {
	b, err := os.ReadFile(s.logFile())
	if err != nil {
		return ""
	}
	return string(b[max(0, len(b)-4000):])
}
