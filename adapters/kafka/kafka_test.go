package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/forewarn-go/forewarn/bus"
)

func msg(topic, key string, n int) bus.Message {
	return bus.Message{ID: uuid.New(), Tenant: "t", Topic: topic, Key: key, Body: fmt.Append(nil, n)}
}

// failed publishes and returns the *bus.Error that must come of it.
func failed(t *testing.T, p *Publisher, m ...bus.Message) *bus.Error {
	t.Helper()
	err := p.Publish(t.Context(), m...)
	var e *bus.Error
	if !errors.As(err, &e) {
		t.Fatalf("Publish returned %v, want a *bus.Error", err)
	}
	return e
}

func bodies(t *testing.T, c *kfake.Cluster, topic, key string) string {
	t.Helper()
	got, err := readAll(t.Context(), c.ListenAddrs(), topic)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range got {
		if m.Key == key {
			out = append(out, string(m.Body))
		}
	}
	return strings.Join(out, " ")
}

func setUp(t *testing.T, c Config) (*kfake.Cluster, *Publisher) {
	t.Helper()
	cluster := fakeCluster(t)
	c.Brokers = cluster.ListenAddrs()
	p := publisher(t, c)
	if err := p.EnsureTopic(t.Context(), "tickets", 1); err != nil {
		t.Fatal(err)
	}
	return cluster, p
}

// A broker that has lost the lead of a partition says so; the client asks for the new leader and nothing is lost.
func TestLeaderMoves(t *testing.T) {
	cluster, p := setUp(t, Config{})
	for n := range 3 {
		if err := cluster.MoveTopicPartition("tickets", 0, int32(n)); err != nil {
			t.Fatal(err)
		}
		if err := p.Publish(t.Context(), msg("tickets", "a", n)); err != nil {
			t.Fatalf("leader %d: %v", n, err)
		}
	}
	fault := cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotLeaderForPartition, Count: 2})
	if err := p.Publish(t.Context(), msg("tickets", "a", 3)); err != nil {
		t.Fatal(err)
	}
	if fault.Hits() != 2 {
		t.Errorf("the broker has said NOT_LEADER %d times, want 2", fault.Hits())
	}
	if got := bodies(t, cluster, "tickets", "a"); got != "0 1 2 3" {
		t.Errorf("the topic holds %s", got)
	}
}

func TestNoLeaderInTime(t *testing.T) {
	cluster, p := setUp(t, Config{Timeout: time.Second})
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotLeaderForPartition, Count: -1})
	if e := failed(t, p, msg("tickets", "a", 1)); e.Down == nil {
		t.Errorf("a partition without a leader for longer than the timeout: %v", e)
	}
}

func TestBrokerAnswers(t *testing.T) {
	for _, c := range []struct {
		answer *kerr.Error
		retry  bool
	}{
		{kerr.MessageTooLarge, false},
		{kerr.RecordListTooLarge, false},
		{kerr.InvalidTopicException, false},
		{kerr.InvalidRecord, false},
		{kerr.InvalidTimestamp, false},
		{kerr.PolicyViolation, false},
		{kerr.TopicAuthorizationFailed, true},
		{kerr.ClusterAuthorizationFailed, true},
		{kerr.UnknownServerError, true},
	} {
		t.Run(c.answer.Message, func(t *testing.T) {
			cluster, p := setUp(t, Config{})
			cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: c.answer, Count: -1})
			e := failed(t, p, msg("tickets", "a", 1))
			if e.Down != nil || len(e.Failed) != 1 || e.Failed[0].Index != 0 || e.Failed[0].Retry != c.retry || !errors.Is(e, c.answer) {
				t.Errorf("got %v, %+v; want retry %v", e, e.Failed, c.retry)
			}
		})
	}
}

// A broker refuses a batch as a whole; only the message that is at fault may be charged, and none may overtake it.
func TestABatchIsRefusedForOneMessage(t *testing.T) {
	cluster, p := setUp(t, Config{})
	if err := p.Publish(t.Context(), msg("tickets", "a", 0)); err != nil { // the partition is known from here on
		t.Fatal(err)
	}
	big := strings.Repeat("x", 5000)
	cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		r := req.(*kmsg.ProduceRequest)
		records := r.Topics[0].Partitions[0].Records
		if len(records) < 5000 { // batches are sent uncompressed below
			return nil, nil, false
		}
		res := r.ResponseKind().(*kmsg.ProduceResponse)
		topic := kmsg.NewProduceResponseTopic()
		topic.Topic, topic.TopicID = r.Topics[0].Topic, r.Topics[0].TopicID
		partition := kmsg.NewProduceResponseTopicPartition()
		partition.ErrorCode = kerr.MessageTooLarge.Code
		topic.Partitions = append(topic.Partitions, partition)
		res.Topics = append(res.Topics, topic)
		return res, nil, true
	})
	plain, err := kgo.NewClient(append(mustWhole(t, Config{Brokers: cluster.ListenAddrs()}).options(), kgo.ProducerBatchCompression(kgo.NoCompression()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plain.Close)
	p = &Publisher{client: plain, maxBytes: DefaultMaxMessageBytes}

	refused := msg("tickets", "a", 2)
	refused.Body = []byte(big)
	e := failed(t, p, msg("tickets", "a", 1), refused, msg("tickets", "b", 3), msg("tickets", "a", 4), msg("tickets", "b", 5))
	if e.Down != nil || len(e.Failed) != 2 || e.Failed[0].Index != 1 || e.Failed[0].Retry || e.Failed[1].Index != 3 || !e.Failed[1].Retry {
		t.Errorf("got %+v, want the refused one at 1, and 3 to be retried", e.Failed)
	}
	if a, b := bodies(t, cluster, "tickets", "a"), bodies(t, cluster, "tickets", "b"); a != "0 1" || b != "3 5" {
		t.Errorf("key a has %q, want 0 1; key b has %q, want 3 5", a, b)
	}
}

func mustWhole(t *testing.T, c Config) Config {
	t.Helper()
	c, err := c.whole()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMissingTopic(t *testing.T) {
	cluster, p := setUp(t, Config{})
	e := failed(t, p, msg("nowhere", "a", 1))
	if e.Down != nil || len(e.Failed) != 1 || !e.Failed[0].Retry || !errors.Is(e, kerr.UnknownTopicOrPartition) {
		t.Errorf("got %v, %+v; a topic can be made, so another try may help", e, e.Failed)
	}
	if err := p.EnsureTopic(t.Context(), "nowhere", 0); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(t.Context(), msg("nowhere", "a", 2)); err != nil {
		t.Fatal(err)
	}
	if got := bodies(t, cluster, "nowhere", "a"); got != "2" {
		t.Errorf("the topic holds %q", got)
	}
}

func TestWhatIsNeverSent(t *testing.T) {
	cluster, p := setUp(t, Config{MaxMessageBytes: 2000})
	big := msg("tickets", "a", 1)
	big.Body = make([]byte, 2000)
	headers := msg("tickets", "b", 1)
	headers.Headers = map[string]string{"x": strings.Repeat("x", 2000)}
	for _, c := range []struct {
		name string
		m    bus.Message
		want error
	}{
		{"body", big, kerr.MessageTooLarge},
		{"headers", headers, kerr.MessageTooLarge},
		{"no topic", msg("", "a", 1), kerr.InvalidTopicException},
		{"topic", msg("a topic", "a", 1), kerr.InvalidTopicException},
		{"dots", msg("..", "a", 1), kerr.InvalidTopicException},
		{"long topic", msg(strings.Repeat("t", 250), "a", 1), kerr.InvalidTopicException},
	} {
		e := failed(t, p, c.m)
		if e.Down != nil || len(e.Failed) != 1 || e.Failed[0].Retry || !errors.Is(e, c.want) {
			t.Errorf("%s: %v, %+v", c.name, e, e.Failed)
		}
	}
	// The largest that may be sent is: the client's own limit does not refuse what ours lets through.
	fits := msg("tickets", "c", 1)
	fits.Body = nil
	fits.Body = []byte(strings.Repeat("y", 2000-size(record(fits))))
	if err := p.Publish(t.Context(), fits); err != nil {
		t.Errorf("a message of just the limit: %v", err)
	}
	if got := bodies(t, cluster, "tickets", "c"); len(got) != len(fits.Body) {
		t.Errorf("%d bytes arrived of %d", len(got), len(fits.Body))
	}
	// Another topic with the same key is not held up.
	if err := p.EnsureTopic(t.Context(), "other", 1); err != nil {
		t.Fatal(err)
	}
	if e := failed(t, p, big, msg("other", "a", 2)); len(e.Failed) != 1 {
		t.Errorf("got %+v", e.Failed)
	}
}

func TestNobodyAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil { // nobody listens there now
		t.Fatal(err)
	}
	p := publisher(t, Config{Brokers: []string{address}, Timeout: time.Second})
	if e := failed(t, p, msg("tickets", "a", 1)); e.Down == nil {
		t.Errorf("got %v", e)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := p.EnsureTopic(ctx, "tickets", 1); err == nil {
		t.Error("a topic was made by nobody")
	}
}

func TestBrokersGoAndClose(t *testing.T) {
	cluster, p := setUp(t, Config{Timeout: time.Second})
	if err := p.Publish(t.Context(), msg("tickets", "a", 1)); err != nil {
		t.Fatal(err)
	}
	cluster.Close()
	if e := failed(t, p, msg("tickets", "a", 2)); e.Down == nil {
		t.Errorf("all brokers are gone: %v", e)
	}
	p.Close()
	if e := failed(t, p, msg("tickets", "a", 3)); !errors.Is(e.Down, kgo.ErrClientClosed) {
		t.Errorf("after Close: %v", e)
	}
}

func TestADeadlineWhileABrokerHoldsARequest(t *testing.T) {
	cluster, p := setUp(t, Config{})
	if err := p.Publish(t.Context(), msg("tickets", "a", 1)); err != nil {
		t.Fatal(err)
	}
	held, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		once.Do(func() {
			close(held)
			cluster.SleepControl(func() { <-release })
		})
		return nil, nil, false
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Publish(ctx, msg("tickets", "a", 2)) }()
	<-held
	cancel()
	var e *bus.Error
	if err := <-done; !errors.As(err, &e) || !errors.Is(e.Down, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	if err := p.Publish(t.Context(), msg("tickets", "a", 3)); err != nil {
		t.Fatal(err)
	}
	if got := bodies(t, cluster, "tickets", "a"); got != "1 2 3" && got != "1 3" {
		t.Errorf("the topic holds %s; what was cancelled must not come behind what followed", got)
	}
}

func TestEnsureTopic(t *testing.T) {
	cluster, p := setUp(t, Config{})
	for range 2 {
		if err := p.EnsureTopic(t.Context(), "made", 3); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.EnsureTopic(t.Context(), "made", 5); err != nil { // left as it is
		t.Fatal(err)
	}
	if got := len(cluster.PartitionInfos("made")); got != 3 {
		t.Errorf("the topic has %d partitions, want 3", got)
	}
	for _, c := range []struct {
		name       string
		partitions int
		field      string
	}{{"", 1, "topic"}, {"a b", 1, "topic"}, {".", 1, "topic"}, {"x", -1, "partitions"}, {"x", 10_001, "partitions"}} {
		var bad *ConfigError
		if err := p.EnsureTopic(t.Context(), c.name, c.partitions); !errors.As(err, &bad) || bad.Field != c.field {
			t.Errorf("EnsureTopic(%q, %d): %v, want field %s", c.name, c.partitions, err, c.field)
		}
	}
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.CreateTopics}, Err: kerr.TopicAuthorizationFailed})
	if err := p.EnsureTopic(t.Context(), "denied", 1); !errors.Is(err, kerr.TopicAuthorizationFailed) {
		t.Errorf("got %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	good := []string{"127.0.0.1:9092"}
	for _, c := range []struct {
		name, field string
		config      Config
	}{
		{"no brokers", "Brokers", Config{}},
		{"no port", "Brokers", Config{Brokers: []string{"kafka"}}},
		{"no host", "Brokers", Config{Brokers: []string{":9092"}}},
		{"TLS beside Dial", "TLS", Config{Brokers: good, TLS: &tls.Config{}, Dial: (&net.Dialer{}).DialContext}},
		{"short timeout", "Timeout", Config{Brokers: good, Timeout: time.Millisecond}},
		{"negative timeout", "Timeout", Config{Brokers: good, Timeout: -time.Second}},
		{"small", "MaxMessageBytes", Config{Brokers: good, MaxMessageBytes: 1000}},
		{"huge", "MaxMessageBytes", Config{Brokers: good, MaxMessageBytes: 1 << 30}},
	} {
		p, err := New(c.config)
		var bad *ConfigError
		if !errors.As(err, &bad) || bad.Field != c.field || p != nil {
			t.Errorf("%s: %v, want field %s", c.name, err, c.field)
		}
	}
}
