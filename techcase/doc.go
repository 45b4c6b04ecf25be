// Package techcase holds the cases of technology products: their states, the
// people who work on them, what is told to customers, and the major case that
// stands above the cases of many.
//
// A [Service] is made of an engine and of what follows cases elsewhere:
//
//	cases, err := techcase.New(techcase.Config{Engine: engine, Follower: psew.Follower{}})
//	opened, err := cases.Create(ctx, agent, techcase.Create{ShortDescription: "No signal", Contact: "david.loo", Submit: true})
//	opened, err = cases.AssignToMe(ctx, agent, techcase.AssignToMe{Case: opened.ID})
//
// Each exported method of a Service is one use case, which authorises its
// caller. Other packages open and resolve cases in their own units of work
// through the [Book] that [Service.Book] returns; it trusts them.
//
// The states of a case are data: a [Flow], which [New] verifies and which an
// embedder may replace per [Type]. A case that stays in Solution Proposed is
// reminded of and closed by itself, as [AutoClose] says.
package techcase
