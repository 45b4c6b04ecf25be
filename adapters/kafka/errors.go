package kafka

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What Kafka adds to a message that is alone in its batch, at most.
const (
	batchBytes  = 61 // the batch's header
	recordBytes = 32 // lengths, attributes and offsets of the record
	headerBytes = 10 // lengths of a header
)

// size returns a bound of the bytes that a record takes in a batch of its own, before compression.
func size(r *kgo.Record) int {
	n := batchBytes + recordBytes + len(r.Key) + len(r.Value)
	for _, h := range r.Headers {
		n += headerBytes + len(h.Key) + len(h.Value)
	}
	return n
}

// maxTopic is the length in bytes of a topic's name.
const maxTopic = 249

// validTopic reports whether Kafka takes a topic of this name.
func validTopic(name string) bool {
	if name == "" || name == "." || name == ".." || len(name) > maxTopic {
		return false
	}
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// never are the answers of a broker to a message that it will not take at another try either.
var never = []error{
	kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidTopicException, kerr.InvalidRecord,
	kerr.InvalidTimestamp, kerr.UnsupportedForMessageFormat, kerr.PolicyViolation,
}

// final reports whether another try is no use.
func final(err error) bool {
	for _, n := range never {
		if errors.Is(err, n) {
			return true
		}
	}
	return false
}

// charged reports whether an error is about the message and not about the bus: a broker has answered it, or it was
// never sent.
func charged(err error) bool {
	var answer *kerr.Error
	return errors.Is(err, errBehind) || errors.As(err, &answer)
}
