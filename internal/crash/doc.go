// Package crash shows by killing real processes that the promises hold: its test lets processes write and a worker
// deliver over a PostgreSQL of its own, kills any of them at random moments and restarts the server as a crash would,
// and counts afterwards.
//
//	go test ./internal/crash -kills 200 -restarts 20 -seed 7
//
// It holds nothing but that test and its toy domain.
package crash
