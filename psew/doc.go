// Package psew is Proactive Service Experience Workflows: the incident desk of
// a service provider. An incident opens by hand or of an outside system's alarm;
// its impact is found, from the failing configuration item over services and
// install base to accounts and consumers; proactive cases are opened for them
// before they call; a decision table escalates it from Triage through L1, L2 and
// L3; customers are told and answer; and resolving it resolves its cases.
//
//	incidents, err := psew.New(psew.Config{Engine: engine, Cases: cases.Book()})
//	…
//	_, err = incidents.Defaults(ctx, admin, psew.Defaults{}) // once for each tenant
//
//	incident, err := incidents.Open(ctx, noc, psew.Open{ShortDescription: "Vmanage_10001 failed to restart",
//		CI: "Vmanage_10001", Category: "SD-WAN", Subcategory: "Device failure"})
//	_, err = incidents.Generate(ctx, noc, psew.Generate{Incident: incident.ID, All: psew.ListAccounts, Communicate: true})
//	incident, err = incidents.Escalate(ctx, noc, psew.Escalate{Incident: incident.ID, Note: "no answer"})
//	incident, err = incidents.Resolve(ctx, noc, psew.Resolve{Incident: incident.ID, Code: "Solved", Notes: "restarted"})
//
// # Use cases
//
// Every exported method of [Service] is one use case: it takes a
// [forewarn.Caller], authorises by the acts that [Acts] lists, and takes effect
// in one commit, whole or not at all. What is too large for a commit goes on as
// fan-out in a worker.
//
// # What can be replaced
//
// [Config] takes the parts that differ between providers: the escalation
// [Policy], the [Flows] with their messages, [Categories], the priority [Matrix],
// the inventory, the source of recent [Changes], and the case book. What differs
// between tenants (policy table, messages, [Settings]) is kept in the store;
// [Service.ConfigurationHistory] tells what was changed of it. A host that wants
// each edition of the policy kept as a table, and as of an instant, decides by
// one of package decision/catalog: the example of [Policy] shows it.
//
// # The life of an incident
//
// [StateTable] is the table of its states; docs/psew-states.md shows it.
package psew
