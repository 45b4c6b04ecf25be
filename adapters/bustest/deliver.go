package bustest

import (
	"bytes"
	"fmt"
	"maps"
	"sync"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn/bus"
)

// arrives: id, tenant, topic, key, headers and body, whatever bytes they hold.
func arrives(f *fixture) {
	topic := f.topic()
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	var sent []bus.Message
	for i, c := range []struct {
		key     string
		headers map[string]string
		body    []byte
	}{
		{"plain", map[string]string{"event-type": "TroubleTicketCreateEvent"}, []byte(`{"a":1}`)},
		{"every byte", nil, every},
		{"no header", map[string]string{}, []byte(`x`)},
		{"empty header", map[string]string{"x-empty": ""}, []byte(`x`)},
		{"Grüße 世界", map[string]string{"x-name": "Grüße, 世界", "x-line": "a=b; c\td"}, []byte("Grüße\n世界\n")},
		{"white space", nil, []byte(" \n{ \"a\" : 1 }\n ")},
		{"long", nil, bytes.Repeat([]byte("0123456789abcdef"), 4<<10)}, // 64 KiB
	} {
		m := message(topic, c.key, i)
		m.Body = c.body
		maps.Copy(m.Headers, c.headers)
		sent = append(sent, m)
	}
	f.publish(sent...)
	got := map[uuid.UUID]bus.Message{}
	for _, m := range f.read(topic) {
		got[m.ID] = m
	}
	for _, want := range sent {
		m, there := got[want.ID]
		if !there {
			f.Errorf("key %q: no message has its id", want.Key)
			continue
		}
		if diff := same(m, want); diff != "" {
			f.Errorf("key %q: %s", want.Key, diff)
		}
	}
	if len(got) != len(sent) {
		f.Errorf("%d messages arrived, want %d", len(got), len(sent))
	}
}

// accepted: when Publish returns nil, nothing is on its way still.
func accepted(f *fixture) {
	topic := f.topic()
	var sent []bus.Message
	for i := range 20 {
		m := message(topic, fmt.Sprint("key", i%3), i)
		f.publish(m)
		sent = append(sent, m)
		f.holds(topic, sent...)
	}
}

func topics(f *fixture) {
	one, two := f.topic(), f.topic()
	var toOne, toTwo, all []bus.Message
	for i := range 6 {
		a, b := message(one, "a", i), message(two, "a", 100+i)
		toOne, toTwo, all = append(toOne, a), append(toTwo, b), append(all, a, b)
	}
	f.publish(all...)
	f.holds(one, toOne...)
	f.holds(two, toTwo...)
}

func orderInCall(f *fixture) {
	topic := f.topic()
	var sent []bus.Message
	for i := range 500 {
		sent = append(sent, message(topic, fmt.Sprint("key", i%7), i))
	}
	f.publish(sent...)
	f.holds(topic, sent...)
}

func orderOverCalls(f *fixture) {
	topic := f.topic()
	var sent []bus.Message
	for i := range 60 {
		call := []bus.Message{message(topic, fmt.Sprint("key", i%4), 2*i), message(topic, fmt.Sprint("key", i%4), 2*i+1)}
		f.publish(call...)
		sent = append(sent, call...)
	}
	f.holds(topic, sent...)
}

// concurrent: every caller has keys of its own, whose order is that of its calls.
func concurrent(f *fixture) {
	const callers, calls = 8, 20
	topic := f.topic()
	sent := make([][]bus.Message, callers)
	errs := make([]error, callers)
	var start, end sync.WaitGroup
	start.Add(callers)
	for c := range callers {
		end.Go(func() {
			start.Done()
			start.Wait()
			for i := range calls {
				call := []bus.Message{message(topic, fmt.Sprint("caller", c), 2*i), message(topic, fmt.Sprint("caller", c), 2*i+1)}
				if errs[c] = f.Publisher.Publish(f.ctx, call...); errs[c] != nil {
					return
				}
				sent[c] = append(sent[c], call...)
			}
		})
	}
	end.Wait()
	var all []bus.Message
	for c := range callers {
		if errs[c] != nil {
			f.Fatalf("caller %d: %v", c, errs[c])
		}
		all = append(all, sent[c]...)
	}
	f.holds(topic, all...)
}

func empty(f *fixture) {
	topic := f.topic()
	f.publish()
	f.holds(topic)
}

// repeat: a worker that is not sure publishes again; whether both arrive is the bus's business.
func repeat(f *fixture) {
	topic := f.topic()
	m := message(topic, "a", 1)
	f.publish(m)
	f.publish(m)
	f.publish(m, message(topic, "a", 2))
	got := f.read(topic)
	if len(got) < 2 || got[0].ID != m.ID || got[len(got)-1].ID == m.ID {
		f.Fatalf("%d messages arrived; want the repeated one first and the other last", len(got))
	}
}

func keepsNothing(f *fixture) {
	topic := f.topic()
	m := message(topic, "a", 1)
	before := m
	before.Headers, before.Body = maps.Clone(m.Headers), bytes.Clone(m.Body)
	call := []bus.Message{m}
	f.publish(call...)
	if diff := same(call[0], before); diff != "" || len(call[0].Headers) != len(before.Headers) {
		f.Fatalf("Publish has changed its argument: %s, %d headers of %d", diff, len(call[0].Headers), len(before.Headers))
	}
	for i := range m.Body {
		m.Body[i] = 'x'
	}
	clear(m.Headers)
	got := f.read(topic)
	if len(got) != 1 {
		f.Fatalf("%d messages arrived, want 1", len(got))
	}
	if diff := same(got[0], before); diff != "" {
		f.Fatalf("after the caller has used its memory again: %s", diff)
	}
}
