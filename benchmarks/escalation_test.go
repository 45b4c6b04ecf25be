package benchmarks

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/forewarn-go/forewarn/psew"
)

// BenchmarkEscalation is one escalation through psew.Service under a request id, beside the same unit written by hand
// with sqlx, statement by statement, in the same tables: 8 callers on 5,000 tickets, and on 16 that they contend for.
// Both sides escalate the same incidents in turns, so each reads what the other has written.
func BenchmarkEscalation(b *testing.B) {
	url := database(b)
	d := newDesk(b, url, ring())
	db := byHand(b, url)
	n := 5000
	if testing.Short() {
		n = 500
	}
	tickets := openIncidents(b, d, n)
	h := newHand(b, db, d.rules)
	equalUnits(b, d, h, tickets)
	run(b, db, "VACUUM ANALYZE")
	for _, few := range []int{n, 16} {
		b.Run(fmt.Sprint("tickets=", few), func(b *testing.B) {
			run(b, db, "CHECKPOINT")
			compare(b, 9, calling(func(ctx context.Context, r *rand.Rand) error {
				return escalate(ctx, d, tickets[r.IntN(few)])
			}), calling(func(ctx context.Context, r *rand.Rand) error {
				return h.escalate(ctx, tickets[r.IntN(few)], uuid.NewString(), note)
			}))
		})
	}
}

const note = "The link is still down after a first restart; interface counters and optical levels are attached."

func escalate(ctx context.Context, d desk, id uuid.UUID) error {
	_, err := d.incidents.Escalate(ctx, agent.Once(uuid.NewString()), psew.Escalate{Incident: id, Note: note})
	return err
}

// ring is the policy of the base system with a way from L3 back to L1, so that an incident can be escalated for ever.
func ring() psew.Table {
	t := psew.DefaultTable()
	for _, r := range t.Rules {
		if r.Subcategory == string(psew.LinkFailure) && r.Group == psew.L1NetworkEngineering {
			r.Stage, r.Origin = string(psew.StageL3), "of the benchmark"
			t.Rules = append(t.Rules, r)
			break
		}
	}
	return t
}

// openIncidents opens incidents and escalates each to L1.
func openIncidents(b *testing.B, d desk, n int) []uuid.UUID {
	b.Helper()
	ids, errs := make([]uuid.UUID, n), make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := w; i < n && errs[w] == nil; i += workers {
				var incident psew.Incident
				incident, errs[w] = d.incidents.Open(context.Background(), agent, psew.Open{
					ShortDescription: fmt.Sprintf("Link %d of Vmanage_10001 is down", i), Description: strings.Repeat("It is down. ", 40),
					Channel: psew.Monitoring, Category: string(psew.SDWAN), Subcategory: string(psew.LinkFailure), Impact: 2, Urgency: 2})
				if errs[w] == nil {
					ids[i] = incident.ID
					errs[w] = escalate(context.Background(), d, incident.ID)
				}
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		check(b, err)
	}
	return ids
}

// tables are what an escalation writes.
var tables = []string{"forewarn_incident", "forewarn_incident_task", "forewarn_activity", "forewarn__event", "forewarn_request"}

// equalUnits lets each side do three escalations of each of ten tickets, and sees that both have written as many rows, of
// nearly as many bytes.
func equalUnits(b *testing.B, d desk, h *hand, tickets []uuid.UUID) {
	b.Helper()
	ctx := context.Background()
	written := func(do func(uuid.UUID) error) (rows, bytes []int) {
		count := func() (rows, bytes []int) {
			for _, table := range tables {
				body, cast := "body", "::text"
				if table == "forewarn__event" {
					cast = ""
				}
				var r struct{ Rows, Bytes int }
				check(b, h.db.Get(&r, "SELECT count(*) AS rows, coalesce(sum(octet_length("+body+cast+")), 0) AS bytes FROM "+table))
				rows, bytes = append(rows, r.Rows), append(bytes, r.Bytes)
			}
			return rows, bytes
		}
		r0, b0 := count()
		for _, id := range tickets[:10] {
			for range 3 {
				check(b, do(id))
			}
		}
		rows, bytes = count()
		for i := range rows {
			rows[i] -= r0[i]
			bytes[i] -= b0[i]
		}
		return rows, bytes
	}
	ourRows, ourBytes := written(func(id uuid.UUID) error { return escalate(ctx, d, id) })
	rows, bytes := written(func(id uuid.UUID) error { return h.escalate(ctx, id, uuid.NewString(), note) })
	for i, table := range tables {
		if rows[i] != ourRows[i] || table != "forewarn_incident" && (rows[i] == 0 || float64(bytes[i]) < 0.97*float64(ourBytes[i])) {
			b.Fatalf("%s: we write %d rows of %d bytes, the hand %d of %d", table, ourRows[i], ourBytes[i], rows[i], bytes[i])
		}
	}
}

// newHand opens the side by hand. Rows are of the tables' present generation.
func newHand(b *testing.B, db *sqlx.DB, rules rules) *hand {
	b.Helper()
	h := &hand{db: db, rules: rules, flows: psew.DefaultFlows(), policy: one(b, db, "escalation_policy")}
	check(b, db.Get(&h.generation, "SELECT max(generation) FROM forewarn_incident_task"))
	check(b, db.Get(&h.requests, "SELECT max(generation) FROM forewarn_request"))
	check(b, db.Get(&h.activities, "SELECT max(generation) FROM forewarn_activity"))
	h.messages = map[string]uuid.UUID{}
	var messages []struct {
		ID   uuid.UUID
		Name string
	}
	check(b, db.Select(&messages, "SELECT id, name FROM forewarn_message"))
	for _, m := range messages {
		h.messages[m.Name] = m.ID
	}
	return h
}

func one(b *testing.B, db *sqlx.DB, kind string) (id uuid.UUID) {
	b.Helper()
	check(b, db.Get(&id, "SELECT id FROM forewarn_"+kind))
	return id
}
