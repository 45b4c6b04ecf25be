// Package kafka publishes to Apache Kafka: an idempotent producer that waits
// for all in-sync replicas, with a ticket's messages in one partition in their
// order.
package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/forewarn-go/forewarn/bus"
)

// The headers in which a message's id and tenant travel, unless it has such headers of its own.
const (
	HeaderID     = "event-id"
	HeaderTenant = "tenant"
)

// Publisher is a bus.Publisher to Kafka. Make it with [New] and end it with
// Close. Its methods are safe for concurrent use.
type Publisher struct {
	client   *kgo.Client
	maxBytes int
}

var _ bus.Publisher = (*Publisher)(nil)

// New returns a publisher. It does not connect yet. It returns a *ConfigError
// that names the field when the configuration cannot work.
func New(c Config) (*Publisher, error) {
	c, err := c.whole()
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(c.options()...)
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	return &Publisher{client: client, maxBytes: c.MaxMessageBytes}, nil
}

// Close ends the connections. What is being published is told as down.
func (p *Publisher) Close() { p.client.Close() }

// Publish sends messages and returns when every one is accepted by all in-sync
// replicas, or has failed. A message's key decides its partition; id and tenant
// travel as headers. It returns a *bus.Error:
//   - Down, when no broker answers in time or the context ends;
//   - Failed without Retry, when Kafka will never take the message: it is too
//     large, its topic's name is none, a policy or the format forbids it;
//   - Failed with Retry for every other answer of a broker, a topic that does not
//     exist among them, and for messages that stand behind a failed one of their
//     topic and key, which are not sent.
func (p *Publisher) Publish(ctx context.Context, m ...bus.Message) error {
	if len(m) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return &bus.Error{Down: err}
	}
	c := &call{publisher: p, messages: m, errs: make([]error, len(m)), records: make([]*kgo.Record, len(m))}
	c.check()
	c.send(ctx, c.unsent())
	c.sortOut(ctx)
	return c.result()
}

// call is one call of Publish.
type call struct {
	publisher *Publisher
	messages  []bus.Message
	records   []*kgo.Record
	errs      []error // by message; nil: accepted, or not sent yet
}

// errBehind is told of a message whose key has one before it that failed.
var errBehind = errors.New("kafka: a message of the same key before it has failed")

// check makes records of the messages, but not of those that Kafka can never take nor of those behind one.
func (c *call) check() {
	held := map[key]bool{}
	for i, m := range c.messages {
		of := key{m.Topic, m.Key}
		if held[of] {
			c.errs[i] = errBehind
			continue
		}
		r := record(m)
		if c.errs[i] = c.publisher.refuses(r); c.errs[i] != nil {
			held[of] = true
			continue
		}
		c.records[i] = r
	}
}

type key struct{ topic, key string }

func (p *Publisher) refuses(r *kgo.Record) error {
	if !validTopic(r.Topic) {
		return fmt.Errorf("kafka: topic %q: %w", r.Topic, kerr.InvalidTopicException)
	}
	if n := size(r); n > p.maxBytes {
		return fmt.Errorf("kafka: %d bytes, at most %d are sent: %w", n, p.maxBytes, kerr.MessageTooLarge)
	}
	return nil
}

// unsent returns the messages that may be sent.
func (c *call) unsent() []int {
	var out []int
	for i, r := range c.records {
		if r != nil {
			out = append(out, i)
		}
	}
	return out
}

// send sends messages and notes what becomes of each.
func (c *call) send(ctx context.Context, indexes []int) {
	if len(indexes) == 0 {
		return
	}
	at := make(map[*kgo.Record]int, len(indexes))
	records := make([]*kgo.Record, len(indexes))
	for n, i := range indexes {
		records[n], at[c.records[i]] = c.records[i], i
	}
	for _, r := range c.publisher.client.ProduceSync(ctx, records...) {
		c.errs[at[r.Record]] = r.Err
	}
}

// sortOut finds out which messages a broker really refused: it refuses a batch as a whole, so those that were with the
// refused one are sent again, one by one, but none behind a failed one of its key.
func (c *call) sortOut(ctx context.Context) {
	var again []int
	for _, i := range c.unsent() {
		if c.errs[i] != nil && final(c.errs[i]) {
			again = append(again, i)
		}
	}
	if len(again) < 2 {
		return
	}
	held := map[key]bool{}
	for _, i := range again {
		of := key{c.messages[i].Topic, c.messages[i].Key}
		if held[of] {
			c.errs[i] = errBehind
			continue
		}
		c.records[i] = record(c.messages[i])
		c.send(ctx, []int{i})
		held[of] = c.errs[i] != nil
	}
}

// result tells what failed.
func (c *call) result() error {
	var e bus.Error
	for i, err := range c.errs {
		switch {
		case err == nil:
		case charged(err):
			e.Failed = append(e.Failed, bus.Failure{Index: i, Err: err, Retry: !final(err)})
		case e.Down == nil:
			e.Down = fmt.Errorf("kafka: %w", err)
		}
	}
	if e.Down == nil && len(e.Failed) == 0 {
		return nil
	}
	return &e
}

// record returns a message as Kafka keeps it; headers are sorted, so that the same message is the same record. It
// shares no memory with the message.
func record(m bus.Message) *kgo.Record {
	r := &kgo.Record{Topic: m.Topic, Key: []byte(m.Key), Value: slices.Clone(m.Body)}
	add := func(name, value string) {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
	}
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		add(name, m.Headers[name])
	}
	if _, has := m.Headers[HeaderID]; !has {
		add(HeaderID, m.ID.String())
	}
	if _, has := m.Headers[HeaderTenant]; !has && m.Tenant != "" {
		add(HeaderTenant, m.Tenant)
	}
	return r
}
