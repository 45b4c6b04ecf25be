package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/forewarn-go/forewarn/adapters/bustest"
	"github.com/forewarn-go/forewarn/bus"
)

// fakeCluster starts three brokers in this process.
func fakeCluster(t testing.TB) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// wire is a network that can be cut.
type wire struct {
	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

// errCut is what a dialer says of a host where nobody listens.
var errCut error = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	cut := w.cut
	w.mu.Unlock()
	if cut {
		return nil, errCut
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		return nil, errors.Join(errCut, conn.Close())
	}
	w.conns[conn] = true
	return conn, nil
}

// breakIt cuts every connection and refuses new ones until heal is called.
func (w *wire) breakIt() (heal func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = true
	for c := range w.conns {
		_ = c.Close() // whatever it says, it is closed
		delete(w.conns, c)
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.cut = false
	}
}

func publisher(t testing.TB, c Config) *Publisher {
	t.Helper()
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// readAll returns what a topic holds, partition by partition.
func readAll(ctx context.Context, brokers []string, topic string) ([]bus.Message, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return nil, err
	}
	missing := int64(0)
	ends.Each(func(o kadm.ListedOffset) { missing += o.Offset })
	var out []bus.Message
	for missing > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		for r := range fetches.RecordsAll() {
			missing--
			m := bus.Message{Topic: r.Topic, Key: string(r.Key), Body: r.Value, Headers: map[string]string{}}
			for _, h := range r.Headers {
				m.Headers[h.Key] = string(h.Value)
			}
			if m.ID, err = uuid.Parse(m.Headers[HeaderID]); err != nil {
				return nil, err
			}
			m.Tenant = m.Headers[HeaderTenant]
			out = append(out, m)
		}
	}
	return out, nil
}

// under is a publisher under test over brokers.
func under(t testing.TB, brokers []string) bustest.Under {
	w := &wire{conns: map[net.Conn]bool{}}
	p := publisher(t, Config{Brokers: brokers, Dial: w.dial})
	return bustest.Under{
		Publisher: p,
		Topic: func(ctx context.Context) (string, error) {
			name := "forewarn-bustest-" + uuid.NewString()
			t.Cleanup(func() { drop(t, brokers, name) })
			return name, p.EnsureTopic(ctx, name, 4)
		},
		Read: func(ctx context.Context, topic string) ([]bus.Message, error) { return readAll(ctx, brokers, topic) },
		Refused: func(topic, key string) bus.Message {
			return bus.Message{ID: uuid.New(), Topic: topic, Key: key, Body: make([]byte, DefaultMaxMessageBytes)}
		},
		Break: w.breakIt,
	}
}

func drop(t testing.TB, brokers []string, topic string) {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Error(err)
		return
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := kadm.NewClient(client).DeleteTopic(ctx, topic); err != nil {
		t.Errorf("dropping topic %s: %v", topic, err)
	}
}

// Covers: APIN-007
func TestPublisherOnAFakeKafka(t *testing.T) {
	brokers := fakeCluster(t).ListenAddrs()
	bustest.Run(t, func(t testing.TB) bustest.Under { return under(t, brokers) })
}

// Covers: APIN-007
func TestPublisherOnARealKafka(t *testing.T) {
	list := os.Getenv("FOREWARN_KAFKA_BROKERS")
	if list == "" {
		t.Skip("FOREWARN_KAFKA_BROKERS is not set: the publisher is NOT proved on a real Kafka")
	}
	brokers := strings.Split(list, ",")
	bustest.Run(t, func(t testing.TB) bustest.Under { return under(t, brokers) })
}

func Example() {
	cluster, err := kfake.NewCluster() // a Kafka in this process; a host names its own brokers
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cluster.Close()
	ctx := context.Background()

	p, err := New(Config{Brokers: cluster.ListenAddrs()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	if err := p.EnsureTopic(ctx, "tickets", 16); err != nil {
		fmt.Println(err)
		return
	}
	err = p.Publish(ctx, bus.Message{ID: uuid.UUID{1}, Tenant: "acme", Topic: "tickets", Key: "INC1", Body: []byte(`{"n":1}`)})
	fmt.Println(err)
	got, err := readAll(ctx, cluster.ListenAddrs(), "tickets")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(got[0].Key, string(got[0].Body), got[0].Headers)
	// Output:
	// <nil>
	// INC1 {"n":1} map[event-id:01000000-0000-0000-0000-000000000000 tenant:acme]
}
