package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/forewarn-go/forewarn/apinotif"
	"github.com/forewarn-go/forewarn/bus"
)

// readKafka reads a topic from its beginning to what is its end now, partition by partition.
func readKafka(ctx context.Context, brokers []string, topic string) ([]bus.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err != nil {
		return nil, err
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	var all []bus.Message
	for len(left) > 0 {
		fetched := client.PollFetches(ctx)
		if err := fetched.Err(); err != nil {
			return nil, fmt.Errorf("reading %s back: %w", topic, err)
		}
		fetched.EachRecord(func(r *kgo.Record) {
			m := bus.Message{Topic: r.Topic, Key: string(r.Key), Headers: map[string]string{}, Body: r.Value}
			for _, h := range r.Headers {
				m.Headers[h.Key] = string(h.Value)
			}
			m.ID, _ = uuid.Parse(m.Headers[apinotif.HeaderEventID])
			all = append(all, m)
			if r.Offset >= left[r.Partition]-1 {
				delete(left, r.Partition)
			}
		})
	}
	return all, nil
}
