# make test    everything, on a real PostgreSQL and a real Kafka       make quick   what needs no server, in two minutes
# make bench   the figures of docs/benchmarks.md                       make spec    write docs/spec-coverage.md anew
# CONTRIBUTING.md says what each needs. ARGS goes to the program below: make test ARGS='-run TestDrain ./worker/...'

GO ?= go
ARGS ?=
BENCH ?= .

.PHONY: test quick bench spec fmt clean

# Built and then run, not by go run: so an interrupt and make's own end reach the program that has servers to stop.
test:
	@mkdir -p .build && $(GO) build -o .build/testrun ./internal/testrun && exec .build/testrun $(ARGS)

quick:
	@mkdir -p .build && $(GO) build -o .build/testrun ./internal/testrun && exec .build/testrun -quick $(ARGS)

bench:
	@mkdir -p .build && $(GO) build -o .build/testrun ./internal/testrun && exec .build/testrun -bench '$(BENCH)' $(ARGS)

spec:
	$(GO) run ./internal/speccover -write

fmt:
	gofmt -w .

clean:
	rm -rf .build
