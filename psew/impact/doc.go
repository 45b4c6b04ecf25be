// Package impact finds whom a fault reaches: from affected configuration items
// over the services that stand on them and the install base of these services
// to accounts and consumers, and what that amounts to.
//
// It is pure: it knows no store, no clock and no other package of Forewarn, and
// can be used alone. [Calculate] takes a whole [Graph] and returns a [Result],
// of which [Result.View] and [Result.Details] make what people look at.
//
// Where the inventory is too large to be held, a caller walks it page by page
// with the parts that Calculate is made of:
//
//   - [Reach] grows the set of configuration items and services that are
//     reached, and asks for the neighbours of a few of them at a time;
//   - [Tally] counts the install-base items of reached services into one
//     [Share] for each party. Tallies of different pages merge, in any order;
//   - [Account.Row] and [Consumer.Row] make a row of a share and what else is
//     known of the party, and [Totals] sums up rows, in any order, and takes
//     back those that changed.
//
// Reach, Tally, Share and Totals are JSON, so they can be kept between steps.
// A Tally and a Reach grow with what they hold; a caller with a bound keeps each
// share in a record of its own, and only the Totals with the walk.
//
// Ids are strings of the caller's. Configuration items and services share one
// space of ids, since relations point to both.
package impact
