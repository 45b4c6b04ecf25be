package kafka

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
)

// Defaults of a Config.
const (
	DefaultClientID        = "forewarn"
	DefaultTimeout         = 30 * time.Second
	DefaultMaxMessageBytes = 1_000_012 // as a broker's max.message.bytes is meant
)

// Config says which Kafka is published to, and how.
type Config struct {
	// Brokers are the addresses, as host:port, of which one at least must be reachable at the start; the
	// others are learnt from it. Required.
	Brokers []string
	// ClientID is what the brokers' logs and quotas call this client. DefaultClientID when empty.
	ClientID string
	// TLS is how connections are encrypted. Nil: they are not.
	TLS *tls.Config
	// SASL is how the client proves who it is, of packages plain, scram and others of franz-go/pkg/sasl.
	// Nil: it does not.
	SASL sasl.Mechanism
	// Dial opens connections, through a proxy for instance; it must do TLS itself, and TLS must be nil then.
	// Nil: the net package's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Timeout is how long a message waits to be accepted before the bus counts as down, beside the deadline
	// of the call's context. DefaultTimeout when 0, at least a second.
	Timeout time.Duration
	// MaxMessageBytes is the size, before compression, of the largest message that is sent: key, headers and
	// body with what Kafka adds to them. A larger one is refused. It should not be over the topic's
	// max.message.bytes. DefaultMaxMessageBytes when 0, at least 1 KiB.
	MaxMessageBytes int
}

// ConfigError says which field of a Config, or of a topic, is wrong, and why.
type ConfigError struct {
	Field, Rule string
}

func (e *ConfigError) Error() string { return "kafka: " + e.Field + ": " + e.Rule }

func refuse(field, format string, args ...any) error {
	return &ConfigError{Field: field, Rule: fmt.Sprintf(format, args...)}
}

// whole returns the configuration with its defaults.
func (c Config) whole() (Config, error) {
	if len(c.Brokers) == 0 {
		return c, refuse("Brokers", "names none")
	}
	for _, b := range c.Brokers {
		host, port, err := net.SplitHostPort(b)
		if err != nil || host == "" || port == "" {
			return c, refuse("Brokers", "%q is no host:port", b)
		}
	}
	if c.Dial != nil && c.TLS != nil {
		return c, refuse("TLS", "is set beside Dial, which does its own")
	}
	if c.ClientID == "" {
		c.ClientID = DefaultClientID
	}
	switch {
	case c.Timeout == 0:
		c.Timeout = DefaultTimeout
	case c.Timeout < time.Second:
		return c, refuse("Timeout", "is %s, and must be at least 1s", c.Timeout)
	}
	switch {
	case c.MaxMessageBytes == 0:
		c.MaxMessageBytes = DefaultMaxMessageBytes
	case c.MaxMessageBytes < 1<<10 || c.MaxMessageBytes > 64<<20:
		return c, refuse("MaxMessageBytes", "is %d, and must be from 1 KiB to 64 MiB", c.MaxMessageBytes)
	}
	return c, nil
}

// Between two tries the client looks neither for a new leader nor at the end of a call's context, so it tries often.
const (
	metadataAge = 250 * time.Millisecond // of what it knows of leaders, at least
	backoffMin  = 50 * time.Millisecond
	backoffMax  = 400 * time.Millisecond
)

// backoff returns how long to wait before a try.
func backoff(try int) time.Duration {
	wait := backoffMin
	for ; try > 1 && wait < backoffMax; try-- {
		wait *= 2
	}
	return min(wait, backoffMax)
}

// options are the client's. Idempotent and all in-sync replicas are its defaults, written down because the contract
// rests on them.
func (c Config) options() []kgo.Opt {
	opts := []kgo.Opt{
		kgo.SeedBrokers(c.Brokers...),
		kgo.ClientID(c.ClientID),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), // as every Kafka client hashes keys
		kgo.RecordDeliveryTimeout(c.Timeout),
		kgo.ProducerBatchMaxBytes(int32(c.MaxMessageBytes)),
		kgo.MetadataMinAge(metadataAge),
		kgo.RetryBackoffFn(backoff),
		// A call ends when its context does, though a broker still holds a request; the worker then publishes
		// again, which delivery at least once allows. The client goes on with a new epoch, so what the broker
		// still holds cannot arrive behind it.
		kgo.AllowIdempotentProduceCancellation(),
	}
	if c.TLS != nil {
		opts = append(opts, kgo.DialTLSConfig(c.TLS))
	}
	if c.SASL != nil {
		opts = append(opts, kgo.SASL(c.SASL))
	}
	if c.Dial != nil {
		opts = append(opts, kgo.Dialer(c.Dial))
	}
	return opts
}
