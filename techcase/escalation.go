package techcase

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/ticket"
)

// CaseEscalation is that a case is escalated; the zero value: it is not.
type CaseEscalation struct {
	Severity EscalationSeverity `json:"severity"`
	Reason   string             `json:"reason"` // why, or why it has this severity now
	Since    time.Time          `json:"since"`  // when it was escalated; a change of severity or reason leaves it
	By       string             `json:"by"`     // who has escalated it then
}

// Open reports whether the case is escalated. A case that is closed or cancelled meanwhile stays as it was then.
func (e CaseEscalation) Open() bool { return e.Severity != EscalationNone }

// shownTo returns what an actor may know of a case: that it is escalated, and why, is staff's.
func (c Case) shownTo(by forewarn.Actor) Case {
	if by.Portal() {
		c.Escalation = CaseEscalation{}
	}
	return c
}

// EscalationSeverity is how severe an escalation is.
type EscalationSeverity string

// The severities.
const (
	EscalationNone   EscalationSeverity = ""
	EscalationMedium EscalationSeverity = "Medium"
	EscalationHigh   EscalationSeverity = "High"
)

// UnmarshalText refuses what is no severity.
func (s *EscalationSeverity) UnmarshalText(b []byte) error {
	switch v := EscalationSeverity(b); v {
	case EscalationNone, EscalationMedium, EscalationHigh:
		*s = v
		return nil
	}
	return fmt.Errorf("techcase: %q is no severity of an escalation", b)
}

// What is done to the escalation of a case, as activities name it.
const (
	EventEscalated       = "escalated" // also: its severity or reason was changed
	EventEscalationEnded = "escalation_ended"
)

// Escalate says that a case needs the attention of those above.
type Escalate struct {
	Case     uuid.UUID
	Expect   forewarn.Version   // the version the caller saw; zero: any
	Severity EscalationSeverity // EscalationMedium or EscalationHigh
	Reason   string             // required
}

// Escalate escalates a case, or gives its escalation another severity or reason. The case's stream tells it to staff;
// nobody else is told. With the same severity and reason nothing changes. See AutoClose.NotWhileEscalated for what it
// holds.
//
// It returns ErrInvalid for a severity that there is not, and without a reason; ErrRefused for a draft, and in Closed and
// Cancelled; ErrForbidden without sn_tech_support.writer and for customers, ErrStale, and ErrNotFound.
func (s *Service) Escalate(ctx context.Context, by forewarn.Caller, cmd Escalate) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.Escalate", cmd, s.escalate)
}

func (s *Service) escalate(u *forewarn.Unit, cmd Escalate) (none Case, err error) {
	c, err := s.find(u, actEscalate, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if cmd.Severity != EscalationMedium && cmd.Severity != EscalationHigh {
		return none, forewarn.Invalid("severity", "%q is neither %s nor %s", cmd.Severity, EscalationMedium, EscalationHigh)
	}
	if strings.TrimSpace(cmd.Reason) == "" {
		return none, forewarn.Invalid("reason", "is empty")
	}
	if err := checkText("reason", cmd.Reason, maxText); err != nil {
		return none, err
	}
	if !c.Open() || c.Status == ticket.Draft {
		return none, forewarn.Refused(c.key(), "escalation", "the case is %s", c.State)
	}
	was := c.Escalation
	if was.Severity == cmd.Severity && was.Reason == cmd.Reason {
		return c, nil
	}
	after := c
	after.Escalation.Severity, after.Escalation.Reason = cmd.Severity, cmd.Reason
	text := fmt.Sprintf("Escalated, severity %s: %s", cmd.Severity, cmd.Reason)
	switch {
	case !was.Open():
		after.Escalation.Since, after.Escalation.By = u.Now(), u.By().ID
	case was.Severity != cmd.Severity:
		text = fmt.Sprintf("Escalation changed from severity %s to %s: %s", was.Severity, cmd.Severity, cmd.Reason)
	default:
		text = fmt.Sprintf("Escalation stays at severity %s: %s", cmd.Severity, cmd.Reason)
	}
	if _, err := post(u, c, ticket.Activity{Entry: ticket.Notice, Event: EventEscalated, Text: text}); err != nil {
		return none, err
	}
	return s.saved(u, c, after, news{})
}

// EndEscalation says that a case is escalated no more.
type EndEscalation struct {
	Case   uuid.UUID
	Expect forewarn.Version // the version the caller saw; zero: any
	Note   string           // why; optional, a work note
}

// EndEscalation takes back that a case is escalated. The case's stream keeps what the escalation was.
//
// It returns ErrRefused for a case that is not escalated, and in Closed and Cancelled; ErrForbidden without
// sn_tech_support.writer and for customers, ErrStale, and ErrNotFound.
func (s *Service) EndEscalation(ctx context.Context, by forewarn.Caller, cmd EndEscalation) (Case, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.EndEscalation", cmd, s.endEscalation)
}

func (s *Service) endEscalation(u *forewarn.Unit, cmd EndEscalation) (none Case, err error) {
	c, err := s.find(u, actEndEscalation, cmd.Case, cmd.Expect)
	if err != nil {
		return none, err
	}
	if err := c.writable(); err != nil {
		return none, err
	}
	if !c.Escalation.Open() {
		return none, forewarn.Refused(c.key(), "escalation", "%s is not escalated", c.Number)
	}
	text := fmt.Sprintf("Escalation ended, severity %s: %s", c.Escalation.Severity, c.Escalation.Reason)
	if _, err := post(u, c, ticket.Activity{Entry: ticket.Notice, Event: EventEscalationEnded, Text: text}); err != nil {
		return none, err
	}
	after := c
	after.Escalation = CaseEscalation{}
	return s.decide(u, c, after, cmd.Note)
}
