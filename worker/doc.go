// Package worker runs what waits in a store: due work, fan-out, mails, and the
// delivery of staged events to a message bus. It is written once, over any
// store that is a store.Log.
//
// A host makes one [Worker] of its engine and calls Run in the process that
// does the work; any number of processes may run use cases beside it. Tests and
// scripts call Drain, which works until nothing is ready.
//
//	w, err := worker.New(worker.Config{
//		Engine:    engine,
//		Publisher: publisher,      // or bus.Discard
//		Encode:    apinotif.Encode("tickets"),
//		Notifier:  mailer,         // or worker.NoMail
//	})
//	…
//	err = w.Run(ctx)
//
// # What is promised
//
// Due work is done once: the commit of its job takes the item away, so whoever
// comes second finds it gone. It is never done before its instant by the clock of
// the engine, nor after it was cancelled. No order between items is promised. A
// job that fails is tried again later, and after Config.Attempts of the engine the
// item is set aside: [Worker.Status] lists it, [Worker.Retry] schedules it again.
//
// A mail is sent outside of any unit of work, once, and again with the same id
// only after a crash between the sending and the commit that notes it.
//
// Events are published at least once with an id that stays, and per ticket in the
// order of the commits that staged them, by first delivery. An event is forgotten
// when the publisher has accepted it, not before. While the bus is down delivery
// backs off and nothing is charged to a message. A message that is refused, or an
// event that cannot be encoded, is tried again with a back-off of its own; what
// lies behind it in its shard of the log waits, the other shards go on.
// [Worker.Status] lists it, and [Worker.Drop] gives it up.
//
// # One process
//
// One process a store is meant to run a worker. A second one is not prevented: due
// work is then still done once, but events may be published repeatedly and out of
// order.
package worker
