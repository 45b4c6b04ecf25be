package crash_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/sqlstore"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// The toy domain: parcels are moved. A move counts its parcel up and keeps a step of that number, is announced, sends a
// mail, schedules its receipt and schedules and cancels another one: all in one commit.

type parcel struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Moves   int              `json:"moves"`
}

var parcels = forewarn.NewRecords("parcel", forewarn.Shape[parcel]{
	ID:      func(p *parcel) *uuid.UUID { return &p.ID },
	Version: func(p *parcel) *forewarn.Version { return &p.Version },
	Fields:  []forewarn.Field[parcel]{{Name: "moves", Type: store.Int, Of: func(p *parcel) store.Value { return forewarn.Int(p.Moves) }}},
	Indexes: []store.Index{{Name: "moves", Fields: []string{"moves"}}},
})

// step is one move of a parcel. Its id is made of the move's name.
type step struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Parcel  uuid.UUID        `json:"parcel"`
	Number  int              `json:"number"`
	Name    string           `json:"name"`
}

var steps = forewarn.NewRecords("step", forewarn.Shape[step]{
	ID:      func(s *step) *uuid.UUID { return &s.ID },
	Version: func(s *step) *forewarn.Version { return &s.Version },
	Fields:  []forewarn.Field[step]{{Name: "name", Type: store.Text, Of: func(s *step) store.Value { return forewarn.Text(s.Name) }}},
	Indexes: []store.Index{{Name: "name", Fields: []string{"name"}}},
})

// receipt is one execution of due work or of a fan-out's page. Each has an id of its own, so that work done twice shows.
type receipt struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	For     string           `json:"for"`
}

var receipts = forewarn.NewRecords("receipt", forewarn.Shape[receipt]{
	ID:      func(r *receipt) *uuid.UUID { return &r.ID },
	Version: func(r *receipt) *forewarn.Version { return &r.Version },
	Fields:  []forewarn.Field[receipt]{{Name: "for", Type: store.Text, Of: func(r *receipt) store.Value { return forewarn.Text(r.For) }}},
	Indexes: []store.Index{{Name: "for", Fields: []string{"for"}}},
})

func putReceipt(u *forewarn.Unit, of string) error {
	return receipts.Put(u, &receipt{ID: forewarn.RandomIDs.NewID(), For: of})
}

var receiptDue = forewarn.NewDue[string]("receipt_due")

const (
	parcelCount = 12
	sheetCount  = 400 // of the fan-out
	sheetPage   = 15
	tenant      = "acme"
)

// sheets is a fan-out that goes on while processes are killed: a receipt for each sheet.
var sheets = forewarn.NewFanout[int]("sheets")

func nextSheets(u *forewarn.Unit, total int, after string) (next string, done int, err error) {
	from := 0
	if after != "" {
		if from, err = strconv.Atoi(after); err != nil {
			return "", 0, err
		}
	}
	to := min(from+sheetPage, total)
	for i := from; i < to; i++ {
		if err := putReceipt(u, fmt.Sprintf("sheet %03d", i)); err != nil {
			return "", 0, err
		}
	}
	if to == total {
		return "", to - from, nil
	}
	return strconv.Itoa(to), to - from, nil
}

// move is the command of the one use case.
type move struct {
	Name   string
	Parcel int
}

func moveParcel(u *forewarn.Unit, cmd move) (int, error) {
	id := store.NameID("parcel", strconv.Itoa(cmd.Parcel))
	p, err := parcels.Get(u, id)
	if err != nil && !errors.Is(err, forewarn.ErrNotFound) {
		return 0, err
	}
	p.ID = id
	p.Moves++
	if err := parcels.Put(u, &p); err != nil {
		return 0, err
	}
	if err := steps.Put(u, &step{ID: store.NameID("step", cmd.Name), Parcel: id, Number: p.Moves, Name: cmd.Name}); err != nil {
		return 0, err
	}
	if err := u.Announce(nil, ticket.Snapshot{Key: parcels.Key("", id), Number: strconv.Itoa(p.Moves)}); err != nil {
		return 0, err
	}
	if err := u.Notify(forewarn.Notification{To: forewarn.Recipient{ID: "ann"}, Subject: cmd.Name, About: parcels.Key("", id)}); err != nil {
		return 0, err
	}
	if err := receiptDue.At(u, cmd.Name, u.Now().Add(time.Duration(p.Moves%4)*50*time.Millisecond), cmd.Name); err != nil {
		return 0, err
	}
	// the receipt of the move before last is called back, if it was that slow, and is due again at once
	if err := receiptDue.At(u, "void "+cmd.Name, u.Now().Add(time.Hour), "void"); err != nil {
		return 0, err
	}
	return p.Moves, receiptDue.Cancel(u, "void "+cmd.Name)
}

type everyMove struct{}

func (everyMove) Events(ticket.Change) []ticket.Event { return []ticket.Event{{Type: "moved"}} }

// open opens the store and an engine on it, with the jobs of the domain.
func open(ctx context.Context, url string) (*sqlstore.DB, *forewarn.Engine, error) {
	db, err := sqlstore.Open(ctx, url)
	if err != nil {
		return nil, nil, err
	}
	e, err := forewarn.New(forewarn.Config{Store: db, Rules: everyMove{},
		Retry: func(int) time.Duration { return 50 * time.Millisecond }, Attempts: 1000})
	if err == nil {
		err = e.Keep(parcels.Kind(), steps.Kind(), receipts.Kind())
	}
	if err == nil {
		err = e.Handle(receiptDue.Job(putReceipt), sheets.Job(nextSheets))
	}
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, e, nil
}

var clerk = forewarn.Actor{Tenant: tenant, ID: "clerk"}
