// Command outage plays one outage from the alarm to the last closed case, and
// tells it line by line: a controller fails, an outside system reports it, the
// customers behind it are found and told before they call, the incident goes up
// to L2, it is resolved, and the cases close. Every step leaves as an event.
//
//	go run ./examples/outage
//	go run ./examples/outage -json
//	go run ./examples/outage -store sqlite:outage.db -seed 2
//	go run ./examples/outage -store postgres://… -bus kafka:127.0.0.1:9092
//
// The clock is a fake one that starts at 2026-01-05T09:00:00Z. The same seed
// tells the same story on every store.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// options are the flags.
type options struct {
	store     string
	bus       string
	topic     string
	ticket    string
	threshold int
	accounts  int
	seed      uint64
	resume    bool
	json      bool
}

// usageError is what ends the program with exit code 2.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, &usage):
		fmt.Fprintln(os.Stderr, "outage:", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "outage:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	var o options
	flags := flag.NewFlagSet("outage", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.StringVar(&o.store, "store", "memory", "memory, sqlite:FILE or postgres://…")
	flags.StringVar(&o.bus, "bus", "inproc", "inproc or kafka:HOST:PORT")
	flags.StringVar(&o.topic, "topic", "", "topic on Kafka, made when missing (default forewarn-outage-SEED)")
	flags.StringVar(&o.ticket, "ticket", "", "file with the alarm as TMF621 v4 trouble ticket (default: one that is built in)")
	flags.IntVar(&o.threshold, "threshold", 3, "number of customers from which a major case is opened")
	flags.IntVar(&o.accounts, "accounts", 5, "number of customers behind the failing controller")
	flags.Uint64Var(&o.seed, "seed", 1, "names the run: its tenant, its topic and its ids")
	flags.BoolVar(&o.resume, "resume", false, "play a run that was interrupted to its end")
	flags.BoolVar(&o.json, "json", false, "end with one line of JSON that counts what is in the store and on the bus")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usageError{err.Error()}
	}
	switch {
	case flags.NArg() > 0:
		return usageError{"takes no arguments, only flags"}
	case o.threshold < 1:
		return usageError{"-threshold is a number from 1"}
	case o.accounts < 1:
		return usageError{"-accounts is a number from 1"}
	case o.resume && o.store == "memory":
		return usageError{"-resume needs a store that outlives the process: memory does not"}
	}
	if o.topic == "" {
		o.topic = fmt.Sprintf("forewarn-outage-%d", o.seed)
	}
	h, err := open(ctx, o, progress)
	if err != nil {
		return err
	}
	defer h.close()
	p := newPlay(h, o, out, progress)
	if err := p.prepare(ctx); err != nil {
		return err
	}
	if err := p.play(ctx); err != nil {
		return err
	}
	if !o.json {
		return nil
	}
	return p.report(ctx)
}
