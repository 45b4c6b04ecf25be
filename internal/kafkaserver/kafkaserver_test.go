package kafkaserver

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The brokers that a test run uses answer, say what they are and list themselves.
func TestRunningBroker(t *testing.T) {
	brokers := os.Getenv("FOREWARN_KAFKA_BROKERS")
	if brokers == "" {
		t.Skip("FOREWARN_KAFKA_BROKERS is not set: no Kafka to test against")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	version, err := Probe(ctx, brokers)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(version, "v") && !strings.HasPrefix(version, "at least") {
		t.Errorf("the brokers seem to be of version %q", version)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	list, err := kadm.NewClient(client).ListBrokers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Error("no brokers listed")
	}
}

func TestProbeNeedsABroker(t *testing.T) {
	fake, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	brokers := fake.ListenAddrs()[0]
	if _, err := Probe(t.Context(), brokers); err != nil {
		t.Errorf("a fake broker: %v", err)
	}
	fake.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if v, err := Probe(ctx, brokers); err == nil {
		t.Errorf("a broker that has gone is of version %s", v)
	}
}

func TestRelease(t *testing.T) {
	for says, want := range map[string]int{
		`openjdk version "17.0.15" 2025-04-15`: 17,
		`java version "1.8.0_402"`:             1,
		`openjdk version "21" 2023-09-19`:      21,
		`no such thing`:                        0,
	} {
		if got := release(says); got != want {
			t.Errorf("release(%q) is %d, want %d", says, got, want)
		}
	}
}

func TestPropertiesNameBothPortsAndTheDirectory(t *testing.T) {
	p := properties(1111, 2222, "/tmp/x")
	for _, line := range []string{
		"listeners=PLAINTEXT://127.0.0.1:1111,CONTROLLER://127.0.0.1:2222",
		"controller.quorum.bootstrap.servers=127.0.0.1:2222", "log.dirs=/tmp/x", "auto.create.topics.enable=false",
	} {
		if !strings.Contains(p, line+"\n") {
			t.Errorf("no line %q in\n%s", line, p)
		}
	}
}
