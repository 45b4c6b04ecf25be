// Package benchmarks holds the figures of docs/benchmarks.md: our code beside the same work done by hand or by others,
// compared within one run. It is a module of its own, so that what it compares with never reaches a user's build.
//
// Run them with make bench, which brings up the servers they need.
package benchmarks
