package crash_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/bus"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
	"github.com/forewarn-go/forewarn/worker"
)

// What a child process is told by its environment.
const (
	roleEnv = "FOREWARN_CRASH_ROLE" // writer or worker
	nameEnv = "FOREWARN_CRASH_NAME" // of this process, never given twice
	urlEnv  = "FOREWARN_CRASH_URL"
	busEnv  = "FOREWARN_CRASH_BUS" // the file that is the bus
)

// child is a process that the test may kill. It works until its standard input ends.
func child(role string) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	db, engine, err := open(ctx, os.Getenv(urlEnv))
	for err != nil && ctx.Err() == nil { // the server may be on its way up
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
		db, engine, err = open(ctx, os.Getenv(urlEnv))
	}
	if err != nil {
		return err
	}
	switch role {
	case "writer":
		err = write(ctx, engine, os.Getenv(nameEnv))
	case "worker":
		err = work(ctx, engine)
	default:
		err = fmt.Errorf("%q is no role", role)
	}
	return errors.Join(err, db.Close())
}

// write moves parcels, and tells of each move that it knows to be committed.
func write(ctx context.Context, e *forewarn.Engine, name string) error {
	for n := 0; ctx.Err() == nil; n++ {
		cmd := move{Name: name + "-" + strconv.Itoa(n), Parcel: n * 7 % parcelCount}
		for ctx.Err() == nil {
			_, err := forewarn.Do(ctx, e, clerk.Once(cmd.Name), "crash.Move", cmd, moveParcel)
			if err == nil {
				fmt.Println(cmd.Name)
				break
			}
			if !errors.Is(err, forewarn.ErrUnavailable) && !errors.Is(err, forewarn.ErrConflict) {
				return fmt.Errorf("move %s: %w", cmd.Name, err)
			}
			// whatever has become of it: the same request changes nothing twice
		}
	}
	return nil
}

// work runs the worker. Its bus and its post office are lines appended to files.
func work(ctx context.Context, e *forewarn.Engine) error {
	messages, err := appendTo(os.Getenv(busEnv))
	if err != nil {
		return err
	}
	mails, err := appendTo(os.Getenv(busEnv) + ".mails")
	if err != nil {
		return err
	}
	w, err := worker.New(worker.Config{Engine: e, Encode: encode, Notifier: mails, Publisher: messages, Poll: 20 * time.Millisecond,
		Page: 16, Retry: func(int) time.Duration { return 20 * time.Millisecond }})
	if err != nil {
		return err
	}
	fmt.Println("works")
	return errors.Join(w.Run(ctx), messages.file.Close(), mails.file.Close())
}

func encode(e store.Event) (bus.Message, error) {
	var s ticket.Staged
	if err := json.Unmarshal(e.Body, &s); err != nil {
		return bus.Message{}, err
	}
	return bus.Message{ID: e.ID, Key: e.Ticket.ID.String(), Body: []byte(s.Snapshot.Number)}, nil
}

// lines is a file that is appended to, a write for all that comes at once.
type lines struct {
	mu   sync.Mutex
	file *os.File
}

func appendTo(name string) (*lines, error) {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	return &lines{file: f}, err
}

func (l *lines) write(b []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.file.Write(b)
	return err
}

// Publish appends a line for each message.
func (l *lines) Publish(_ context.Context, messages ...bus.Message) error {
	var b []byte
	for _, m := range messages {
		b = fmt.Appendf(b, "%s %s %s\n", m.ID, m.Key, m.Body)
	}
	if err := l.write(b); err != nil {
		return &bus.Error{Down: err}
	}
	return nil
}

// Notify appends a line for a mail.
func (l *lines) Notify(_ context.Context, n forewarn.Notification) error {
	return l.write(fmt.Appendf(nil, "%s %s\n", n.ID, n.Subject))
}
