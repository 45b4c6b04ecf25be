package worker_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/worker"
)

func newEngine(t testing.TB, s store.Store) *forewarn.Engine {
	t.Helper()
	e, err := forewarn.New(forewarn.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// noLog is a store without a log.
type noLog struct{ store.Store }

func TestNewRefusesByNameWhatIsMissing(t *testing.T) {
	encode := func(store.Event) (bus.Message, error) { return bus.Message{}, nil }
	publisher := bus.Func(func(context.Context, ...bus.Message) error { return nil })
	sound := func() worker.Config {
		return worker.Config{Engine: newEngine(t, memory.New()), Publisher: publisher, Encode: encode, Notifier: worker.NoMail}
	}
	for _, c := range []struct {
		field string
		spoil func(*worker.Config)
	}{
		{"config.engine", func(c *worker.Config) { c.Engine = nil }},
		{"config.engine", func(c *worker.Config) { c.Engine = newEngine(t, noLog{memory.New()}) }},
		{"config.publisher", func(c *worker.Config) { c.Publisher = nil }},
		{"config.encode", func(c *worker.Config) { c.Encode = nil }},
		{"config.notifier", func(c *worker.Config) { c.Notifier = nil }},
		{"config.poll", func(c *worker.Config) { c.Poll = -1 }},
		{"config.page", func(c *worker.Config) { c.Page = -1 }},
		{"config.units", func(c *worker.Config) { c.Units = -1 }},
		{"config.publishTimeout", func(c *worker.Config) { c.PublishTimeout = -1 }},
		{"config.grace", func(c *worker.Config) { c.Grace = -1 }},
		{"config.keepMails", func(c *worker.Config) { c.KeepMails = -time.Hour }},
		{"config.keepFanouts", func(c *worker.Config) { c.KeepFanouts = -time.Hour }},
		{"config.keepRequests", func(c *worker.Config) { c.KeepRequests = -time.Hour }},
	} {
		config := sound()
		c.spoil(&config)
		w, err := worker.New(config)
		var e *forewarn.Error
		if w != nil || !errors.As(err, &e) || !errors.Is(err, forewarn.ErrInvalid) || e.Field != c.field || e.Rule == "" {
			t.Errorf("New returned %v, %v; want an ErrInvalid that names %s", w, err, c.field)
		}
	}
	config := sound()
	if _, err := worker.New(config); err != nil {
		t.Errorf("New of a sound config returned %v", err)
	}
	if _, err := worker.New(config); !errors.Is(err, forewarn.ErrInvalid) || !strings.Contains(err.Error(), "mail") {
		t.Errorf("a second worker of an engine returned %v, want ErrInvalid", err)
	}
}

func TestNothingIsWantedSaysSo(t *testing.T) {
	e := newEngine(t, memory.New())
	w, err := worker.New(worker.Config{Engine: e, Publisher: bus.Discard, Notifier: worker.NoMail})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}
