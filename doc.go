// Package forewarn is what the service desks of this module stand on: it runs
// their use cases as units of work over a store, with callers, request ids, due
// work, fan-out and mail.
//
// A service provider embeds them to know at once, when a network breaks, which
// customers are hit; to open cases for them before they call; to escalate the
// incident from Triage through L1, L2 and L3; to keep customers informed; and to
// tell outside systems through TM Forum events. A host opens a store, makes one
// [Engine] over it, makes the services over that, and then migrates the store:
//
//	db, err := sqlstore.Open(ctx, "sqlite:ops.db")
//	engine, err := forewarn.New(forewarn.Config{Store: db})
//	cases, err := techcase.New(techcase.Config{Engine: engine, Follower: psew.Follower{}})
//	incidents, err := psew.New(psew.Config{Engine: engine, Cases: cases.Book()})
//	err = db.Migrate(ctx)                                 // the tables of what was kept so far
//	_, err = incidents.Defaults(ctx, admin, psew.Defaults{}) // once for each tenant
//
// What waits (mails, reminders, large generations, events for the bus) is done by
// package worker.
//
// # The map
//
//   - psew: incidents, escalation, impact, proactive cases, communication
//   - techcase: technology product support cases
//   - inventory: configuration items, services, install base, accounts
//   - apinotif: which events leave, and their TM Forum payloads
//   - worker: does what waits
//   - store, bus: what adapters implement; adapters/…: those of this module
//   - ticket: what incidents and cases share
//
// # Who calls
//
// A use case is called with an [Actor], and then has a unit of work and a commit
// of its own; with a [Call], and then takes effect once however often it is
// repeated; with a [*Unit], and then joins it; or with what [Engine.As] returns,
// and then works in the host's own transaction:
//
//	incident, err := incidents.Escalate(ctx, noc, psew.Escalate{Incident: id, Note: "no answer"})
//	incident, err := incidents.Escalate(ctx, noc.Once(key), psew.Escalate{…})
//	incident, err := incidents.Escalate(ctx, u, psew.Escalate{…})
//	incident, err := incidents.Escalate(ctx, in.As(noc), psew.Escalate{…})
//
// # Errors
//
// A use case returns an [*Error] that names the operation, the record, the field
// and the rule, and wraps one of [ErrNotFound], [ErrInvalid], [ErrRefused],
// [ErrForbidden], [ErrStale], [ErrReused], [ErrConflict] and [ErrUnavailable];
// [HTTPStatus] gives a server's answer.
//
// # Units of work
//
// Everything a unit reads by Get is a precondition of its commit. When others
// were quicker the unit runs again, so a use case must not have effects outside
// of its unit: mails are queued by [Unit.Notify], later work is scheduled by
// [Due], work too large for one commit is a [Fanout], and what the outside shall
// hear is announced by [Unit.Announce].
//
// # Writing a service
//
// Records of a type are declared once, and use cases are functions of a unit and
// a command:
//
//	var notes = forewarn.NewRecords("note", forewarn.Shape[Note]{…})
//
//	func (s *Service) Write(ctx context.Context, by forewarn.Caller, cmd Write) (Note, error) {
//		return forewarn.Do(ctx, s.engine, by, "notes.Write", cmd, s.write)
//	}
package forewarn
