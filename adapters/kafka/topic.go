package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// EnsureTopic makes a topic when it is missing, with this number of partitions
// (0: as the brokers are configured) and the brokers' own replication, and waits
// until it takes messages. A topic that exists is left as it is. It returns a *ConfigError for a name that Kafka
// does not take or a negative number, and otherwise an error that wraps the
// broker's answer.
func (p *Publisher) EnsureTopic(ctx context.Context, name string, partitions int) error {
	if !validTopic(name) {
		return refuse("topic", "%q is no name: 1 to %d of letters, digits, '.', '_' and '-', and not . or ..", name, maxTopic)
	}
	if partitions < 0 || partitions > 10_000 {
		return refuse("partitions", "is %d, and must be from 0 to 10000", partitions)
	}
	n := int32(partitions)
	if n == 0 {
		n = -1 // the brokers' default
	}
	admin := kadm.NewClient(p.client)
	_, err := admin.CreateTopic(ctx, n, -1, nil, name)
	if err == nil || errors.Is(err, kerr.TopicAlreadyExists) {
		err = ready(ctx, admin, name)
	}
	if err != nil {
		return fmt.Errorf("kafka: topic %s: %w", name, err)
	}
	return nil
}

// ready waits until every partition of a topic has a leader.
func ready(ctx context.Context, admin *kadm.Client, name string) error {
	for {
		topics, err := admin.ListTopics(ctx, name)
		if err != nil {
			return err
		}
		if led(topics[name]) {
			return nil
		}
		again := time.NewTimer(backoffMin)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return ctx.Err()
		}
	}
}

func led(topic kadm.TopicDetail) bool {
	if topic.Err != nil || len(topic.Partitions) == 0 {
		return false
	}
	for _, p := range topic.Partitions {
		if p.Err != nil || p.Leader < 0 {
			return false
		}
	}
	return true
}
