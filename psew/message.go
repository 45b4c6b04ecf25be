package psew

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
)

// Message is a text of the catalogue: the instructions of a stage.
type Message struct {
	ID      uuid.UUID        `json:"id"`
	Version forewarn.Version `json:"version"`
	Key     string           `json:"key"`
	Text    string           `json:"text"`
}

var messages = forewarn.NewRecords("message", forewarn.Shape[Message]{
	ID:      func(m *Message) *uuid.UUID { return &m.ID },
	Version: func(m *Message) *forewarn.Version { return &m.Version },
	Fields:  []forewarn.Field[Message]{{Name: "name", Type: store.Text, Of: func(m *Message) store.Value { return forewarn.Text(m.Key) }}},
	Indexes: []store.Index{{Name: "name", Fields: []string{"name"}}},
})

func messageID(key string) uuid.UUID { return store.NameID("message", key) }

// DefaultMessages returns the texts that ship, by key. Every key begins with sd_wan.
func DefaultMessages() map[string]string {
	what := map[Subcategory]string{
		LinkFailure:        "the underlay link: interface counters, optical levels, carrier alarms and the far end",
		DeviceFailure:      "the device: power, temperature, redundancy, boot log and last configuration",
		ProtocolFailure:    "the control connections: routing adjacencies, certificates, timers and reachability of the controllers",
		SoftWANLinkFailure: "the overlay: tunnels, path quality, policies and the underlay below them",
		SoftwareFailure:    "the software: version, processes, core files, and what was installed last",
	}
	texts := map[string]string{}
	for sub, check := range what {
		for stage, text := range map[Stage]string{
			StageTriage: "Triage. Set priority from impact and urgency, refresh the impacted services, look for changes and open incidents on the same " +
				"configuration item, and generate proactive cases for the customers who are hit. Then check " + check + ". Escalate with a note when a first restart does not help.",
			StageL1: "L1 investigation. Read the note of the escalation. Check " + check + ". Involve field service or the vendor where hands are needed. " +
				"Escalate to L2 with what you have tried; resolve with code, notes and cause.",
			StageL2: "L2 investigation. Read what L1 has tried. Take a full diagnosis of " + check + ". Raise a change for what must be altered and a problem " +
				"for the root cause. Escalate to L3 with your findings.",
			StageL3: "L3 investigation. All levels below have been here. Work with the vendor on " + check + ", and find the root cause in a problem. " +
				"Nobody stands behind you: keep the customers informed and resolve with the cause.",
			StageResolution: "Resolution. Confirm with the customers that the service is restored, and that code, notes and cause say what helped.",
		} {
			texts[MessageKey(SDWAN, sub, stage)] = text
		}
	}
	return texts
}

// messageText returns the tenant's text of a key, peeked, and what ships when the tenant has none of that key.
func messageText(u *forewarn.Unit, key string) (string, error) {
	m, err := messages.Peek(u, messageID(key))
	if errors.Is(err, forewarn.ErrNotFound) {
		return DefaultMessages()[key], nil
	}
	return m.Text, err
}

// SetMessage changes a text of the catalogue for the tenant.
type SetMessage struct {
	Key  string
	Text string
}

// SetMessage changes a text of the catalogue for the tenant, from the next escalation on; ConfigurationHistory tells of it, with the text before and after.
// A text that is the same is no change. It returns ErrInvalid without key or text, or for one that is too long or no text, and ErrForbidden without admin.
func (s *Service) SetMessage(ctx context.Context, by forewarn.Caller, cmd SetMessage) (Message, error) {
	return forewarn.Do(ctx, s.engine, by, "psew.SetMessage", cmd, s.setMessage)
}

func (s *Service) setMessage(u *forewarn.Unit, cmd SetMessage) (none Message, err error) {
	if err := u.Require(actSetMessage, own(u.By())); err != nil {
		return none, err
	}
	if err := checkMessage("key", "text", cmd.Key, cmd.Text); err != nil {
		return none, err
	}
	m, err := messages.Get(u, messageID(cmd.Key))
	switch {
	case isNotFound(err):
		m = Message{ID: messageID(cmd.Key), Key: cmd.Key, Text: DefaultMessages()[cmd.Key]}
	case err != nil:
		return none, err
	case m.Text == cmd.Text:
		return m, nil
	}
	was := m.Text
	m.Text = cmd.Text
	if err := messages.Put(u, &m); err != nil || was == cmd.Text {
		return m, err
	}
	return m, noteChange(u, "message", m.Key+": "+quote(was)+" → "+quote(m.Text))
}

// checkMessage returns an ErrInvalid that names the field of key or text, if it cannot be kept.
func checkMessage(keyField, textField, key, text string) error {
	switch {
	case key == "":
		return forewarn.Invalid(keyField, "is empty")
	case text == "":
		return forewarn.Invalid(textField, "is empty")
	}
	if err := checkText(keyField, key, maxName); err != nil {
		return err
	}
	return checkText(textField, text, maxLong)
}

// ListMessages asks for the texts whose key begins with Prefix, as sd_wan.
type ListMessages struct {
	Prefix string
	After  string
}

// ListMessages returns texts of the tenant's catalogue by key. It returns ErrForbidden without admin, PSEW_USER or noc_agent.
func (s *Service) ListMessages(ctx context.Context, by forewarn.Caller, q ListMessages) (forewarn.Page[Message], error) {
	return forewarn.Read(ctx, s.engine, by, "psew.ListMessages", q, s.listMessages)
}

func (s *Service) listMessages(u *forewarn.Unit, q ListMessages) (none forewarn.Page[Message], err error) {
	if err := u.Require(actRead, own(u.By())); err != nil {
		return none, err
	}
	return messages.Where("name").Prefix(q.Prefix).Page(u, q.After)
}

// putMessages writes the texts that the tenant does not have yet.
func putMessages(u *forewarn.Unit, texts map[string]string) error {
	keys := slices.Sorted(maps.Keys(texts))
	ids := make([]uuid.UUID, len(keys))
	for i, k := range keys {
		ids[i] = messageID(k)
	}
	if err := messages.Prefetch(u, ids...); err != nil {
		return err
	}
	for i, k := range keys {
		_, err := messages.Peek(u, ids[i])
		if err == nil {
			continue
		}
		if !errors.Is(err, forewarn.ErrNotFound) {
			return err
		}
		if err := messages.Put(u, &Message{ID: ids[i], Key: k, Text: texts[k]}); err != nil {
			return err
		}
	}
	return nil
}
