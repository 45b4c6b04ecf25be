// Command customstore keeps notes in a file, with the engine of package forewarn
// over a store that is not one of Forewarn's own: see package boltstore beside it.
//
//	go run ./examples/customstore -db notes.db -tenant acme "first note"
//	go run ./examples/customstore -db notes.db -tenant acme "second note"
//	go run ./examples/customstore -db notes.db -tenant acme
//
// Each call adds the note that it is given, if any, and lists all, in the order
// of their numbers. It exits with 2 when it cannot.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/uuid"
	"go.etcd.io/bbolt"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/examples/customstore/boltstore"
	"github.com/forewarn-go/forewarn/store"
)

// Note is a record of this program.
type Note struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Number  int64            `json:"number"`
	Text    string           `json:"text"`
}

var notes = forewarn.NewRecords("note", forewarn.Shape[Note]{
	ID:      func(n *Note) *uuid.UUID { return &n.ID },
	Version: func(n *Note) *forewarn.Version { return &n.Version },
	Fields:  []forewarn.Field[Note]{{Name: "number", Type: store.Int, Of: func(n *Note) store.Value { return forewarn.Int(n.Number) }}},
	Indexes: []store.Index{{Name: "number", Fields: []string{"number"}}},
})

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "customstore:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("customstore", flag.ContinueOnError)
	file := flags.String("db", "notes.db", "the file that keeps the notes")
	tenant := flags.String("tenant", "acme", "whose notes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	db, err := bbolt.Open(*file, 0o600, &bbolt.Options{Timeout: time.Second}) // one process at a time
	if err != nil {
		return fmt.Errorf("%s: %w", *file, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s, err := boltstore.New(db)
	if err != nil {
		return err
	}
	engine, err := forewarn.New(forewarn.Config{Store: s, NumberBlock: 1})
	if err != nil {
		return err
	}
	if err := engine.Keep(notes.Kind()); err != nil {
		return err
	}
	var all []Note
	err = engine.Update(ctx, forewarn.SystemActor(*tenant), func(_ context.Context, u *forewarn.Unit) error {
		for _, text := range flags.Args() {
			number, err := u.Number("note")
			if err != nil {
				return err
			}
			if err := notes.Put(u, &Note{ID: u.NewID(), Number: number, Text: text}); err != nil {
				return err
			}
		}
		all, err = list(u)
		return err
	})
	if err != nil {
		return err
	}
	for _, n := range all { // after the unit, which may run more than once
		fmt.Fprintf(out, "%d  %s\n", n.Number, n.Text)
	}
	return nil
}

// list returns all notes of the unit's tenant, those of this unit too.
func list(u *forewarn.Unit) (all []Note, err error) {
	for after := ""; ; {
		page, err := notes.Where("number").Page(u, after)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}
