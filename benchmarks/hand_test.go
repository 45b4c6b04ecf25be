package benchmarks

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// rules make the events of a change.
type rules interface {
	Events(ticket.Change) []ticket.Event
}

// hand escalates as somebody does who writes the use case himself over the same tables: a transaction, a lock on the
// incident, one statement after the other.
type hand struct {
	db     *sqlx.DB
	rules  rules
	flows  psew.Flows
	policy uuid.UUID
	// messages by key, as a program knows the ids of its catalogue
	messages map[string]uuid.UUID

	generation, requests, activities int64

	mu         sync.Mutex
	next, last int64 // of the block of numbers in hand
}

// row is a record as it is stored.
type row struct {
	Version int64
	Body    []byte
}

// answer is what a request id was answered with.
type answer struct {
	ID      uuid.UUID       `json:"id"`
	Version int64           `json:"version"`
	Name    string          `json:"name"`
	Command string          `json:"command"`
	Result  json.RawMessage `json:"result"`
	At      time.Time       `json:"at"`
}

func (h *hand) escalate(ctx context.Context, id uuid.UUID, request, note string) (err error) {
	tx, err := h.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
				err = errors.Join(err, e)
			}
		}
	}()
	now := time.Now().UTC().Truncate(time.Microsecond)

	var r row
	if err := tx.GetContext(ctx, &r, "SELECT version, body FROM forewarn_incident WHERE tenant = $1 AND id = $2 FOR NO KEY UPDATE", tenant, id); err != nil {
		return err
	}
	var before psew.Incident
	if err := json.Unmarshal(r.Body, &before); err != nil {
		return err
	}
	before.Tenant, before.Version = tenant, forewarn.Version(r.Version)

	if err := tx.GetContext(ctx, &r, "SELECT version, body FROM forewarn_escalation_policy WHERE tenant = $1 AND id = $2", tenant, h.policy); err != nil {
		return err
	}
	var policy struct {
		Table psew.Table `json:"table"`
	}
	if err := json.Unmarshal(r.Body, &policy); err != nil {
		return err
	}
	found, rule := policy.Table.Match(string(before.Category), string(before.Subcategory), string(before.Stage))
	flow, known := h.flows.Subflow(rule.Flow)
	if found == 0 || !known {
		return fmt.Errorf("no way up from %s", before.Stage)
	}

	if err := tx.GetContext(ctx, &r, "SELECT version, body FROM forewarn_incident_task WHERE tenant = $1 AND id = $2 FOR NO KEY UPDATE", tenant, *before.OpenTask); err != nil {
		return err
	}
	var closed psew.Task
	if err := json.Unmarshal(r.Body, &closed); err != nil {
		return err
	}
	closed.Version = forewarn.Version(r.Version) + 1

	if err := tx.GetContext(ctx, &r, "SELECT version, body FROM forewarn_message WHERE tenant = $1 AND id = $2", tenant, h.messages[flow.Message]); err != nil {
		return err
	}
	var message psew.Message
	if err := json.Unmarshal(r.Body, &message); err != nil {
		return err
	}
	number, err := h.number(ctx)
	if err != nil {
		return err
	}

	after := before
	opened := psew.Task{ID: uuid.New(), Version: fresh(), Tenant: tenant, Number: fmt.Sprintf("TASK%07d", number), Incident: after.ID,
		Stage: flow.Stage, Flow: flow.Name, Group: rule.Group, Assignee: flow.Assignee, ShortDescription: after.ShortDescription,
		Priority: after.Priority, State: psew.TaskInProgress, Message: message.Text, Opened: now, Updated: now,
		Reached: &psew.Reached{Policy: policy.Table.Name, Row: found, Category: before.Category, Subcategory: before.Subcategory, From: before.Stage}}
	closed.State, closed.Updated, closed.Closed = psew.TaskClosedComplete, now, now
	after.Version++
	after.State, after.Stage, after.Group, after.Assignee = psew.StateInProgress, flow.Stage, rule.Group, flow.Assignee
	after.Triggered, after.NeedsAttention, after.OpenTask = true, true, &opened.ID
	after.Reassigned++
	after.Updated, after.UpdatedBy = now, agent.ID

	body, err := json.Marshal(after)
	if err != nil {
		return err
	}
	result := body
	if _, err := tx.ExecContext(ctx, "UPDATE forewarn_incident SET version = $3, body = $4, state = $5, assigned_group = $6, assignee = $7 WHERE tenant = $1 AND id = $2",
		tenant, after.ID, after.Version, body, after.State, after.Group, after.Assignee); err != nil {
		return err
	}
	if body, err = json.Marshal(closed); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE forewarn_incident_task SET version = $3, body = $4, state = $5 WHERE tenant = $1 AND id = $2",
		tenant, closed.ID, closed.Version, body, closed.State); err != nil {
		return err
	}
	if body, err = json.Marshal(opened); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO forewarn_incident_task (tenant, id, version, generation, incident, opened, level, state, assigned_group, body)"+
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", tenant, opened.ID, opened.Version, h.generation, opened.Incident.String(), now.UnixMicro(),
		slices.Index(psew.Stages(), opened.Stage), opened.State, opened.Group, body); err != nil {
		return err
	}
	for n, a := range []ticket.Activity{{Text: note, Source: "escalate"}, {Text: message.Text, Event: "escalated", Source: flow.Name}} {
		a.ID, a.Tenant, a.Kind, a.Ticket, a.Entry, a.By, a.At, a.Order = uuid.New(), tenant, "incident", after.ID, ticket.WorkNote, agent.ID, now, n
		if body, err = json.Marshal(a); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO forewarn_activity (tenant, id, version, generation, ticket, public, at, n, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
			tenant, a.ID, fresh(), h.activities, "incident/"+after.ID.String(), 0, now.UnixMicro(), n, body); err != nil {
			return err
		}
	}
	if body, err = json.Marshal(answer{ID: requestID(request), Version: int64(fresh()), Name: "psew.Escalate", Command: command(after.ID, note), Result: result, At: now}); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO forewarn_request (tenant, id, version, generation, at, body) VALUES ($1, $2, $3, $4, $5, $6)",
		tenant, requestID(request), fresh(), h.requests, now.UnixMicro(), body); err != nil {
		return err
	}
	was, is := before.Snapshot(), after.Snapshot()
	for _, e := range h.rules.Events(ticket.Change{Before: &was, After: is}) {
		if body, err = json.Marshal(ticket.Staged{Event: e, Correlation: uuid.New(), Snapshot: is}); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO forewarn__event (lane, shard, id, tenant, kind, ticket, type, at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
			"", store.ShardOf(is.Key), uuid.New(), tenant, "incident", after.ID, e.Type, now.UnixMicro(), body); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// number draws the next number of tasks, in blocks of 20 as the library does.
func (h *hand) number(ctx context.Context) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.next == h.last {
		const block = 20
		if err := h.db.GetContext(ctx, &h.last, "INSERT INTO forewarn__number AS n (tenant, series, last) VALUES ($1, 'TASK', $2)"+
			" ON CONFLICT (tenant, series) DO UPDATE SET last = n.last + excluded.last RETURNING last", tenant, block); err != nil {
			return 0, err
		}
		h.next = h.last - block
	}
	h.next++
	return h.next, nil
}

func requestID(request string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("request/"+tenant+"/"+agent.ID+"/"+request))
}

func command(incident uuid.UUID, note string) string {
	text, err := json.Marshal(psew.Escalate{Incident: incident, Note: note})
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// fresh is a first version as the library gives it.
func fresh() forewarn.Version { return forewarn.Version(1+rand.Int64N(1<<31-1)) << 32 }
