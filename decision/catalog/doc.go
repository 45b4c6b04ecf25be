// Package catalog keeps decision tables per tenant: every edition of a table,
// from when it holds, and which held at any instant.
//
// A program ships tables, and a tenant may override any of them with his own
// ([Service.Put]), add others, and go back to the shipped one ([Service.Reset]).
// Nothing that was put is ever changed or removed: an edition has a number, and
// holds from an instant until another does. So what was decided last year can be
// decided again, as of then ([Service.Decide], [Service.Explain]).
//
// # Which edition holds
//
// At an instant, of the editions that hold from then or earlier the one that
// holds from the latest instant, and of two from the same the one with the higher
// number; where there is none, the shipped table. Editions hold from the instant
// at which they are put, or from a later one: the past is never rewritten.
//
// # Swapping under load
//
// An edition and the record that says when it holds are written by one commit.
// Whoever decides reads that record, and so decides by one edition as a whole: the
// one before or the one after. Who also writes relies on it: a unit of work that
// took its decision from [Book.Table] runs again when the table was changed
// before it commits.
//
// A table is compiled once, and then kept in memory under the record that it was
// read from. Since that record never changes, nothing that is kept can be stale;
// what was not used for the longest time makes room for other tables
// ([Config.Cache]).
//
// # Checked before it holds
//
// A table with defects is not taken: gaps, contradictions, rules that never fire
// and values outside the allowed ones are found by [decision.Analyze], and the
// error carries them all ([DefectsError]). [Put.Tolerate] takes it nevertheless.
package catalog
