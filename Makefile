# Tidemark needs Go and nothing else to build, test and run the demo.

VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME   ?= 30s
BENCHTIME  ?= 1s
ROWS       ?= 5000000
CRASHES    ?= 50
GOFLAGS_BUILD = -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

.PHONY: all build test test-integration bench bench-parts bench-kafka lint fuzz demo clean

all: build

# One static binary, ./tidemark.
build:
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o tidemark ./cmd/tidemark

# The unit, script and query tests. They need Go only.
test:
	go test ./...
	go run ./cmd/tidemark test queries/

# CRASHES says how often the jobs of each crash test are killed.
# The real binary against the world: the sqlite3 program reads what was written,
# a terminal (tmux) shows the progress line, a PostgreSQL and a Kafka of the test's
# own take rows (KAFKA_BROKERS names another), joins of ten million rows a side hold
# their bounds. What is missing fails by name.
test-integration: build
	TIDEMARK_BINARY=$(CURDIR)/tidemark TIDEMARK_CRASHES=$(CRASHES) go test -count=1 -timeout 60m -v -tags integration -run '^TestIntegration' ./cmd/tidemark ./connectors/kafka ./operators
	TIDEMARK_CRASHES=$(CRASHES) go test -count=1 -timeout 30m -v -run '^TestCrash$$' ./queries

# The binary against programs written by hand for one query, in ratios; then what
# the parts cost.
bench: build
	go run ./cmd/bench -rows $(ROWS) ./tidemark

bench-parts:
	go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) ./...

# The Kafka connector against a real Kafka, which is started or named by KAFKA_BROKERS.
bench-kafka:
	KAFKA_JAVA_OPTIONS=-Xmx2g go test -tags integration -run '^$$' -bench SinkDelivery -benchtime 10s ./connectors/kafka
	KAFKA_JAVA_OPTIONS=-Xmx2g go test -tags integration -run '^$$' -bench SinkLatency -benchtime 1x ./connectors/kafka

lint:
	@out=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi
	go vet ./...
	go vet -tags integration ./cmd/tidemark ./connectors/kafka ./operators
	go run $(STATICCHECK) ./...

# Every fuzz target for FUZZTIME, one after the other. The go command sometimes
# ends a target that found nothing with "context deadline exceeded": no failure.
fuzz:
	@set -eu; log=$$(mktemp); trap 'rm -f $$log' EXIT; \
	grep -rn --include='*_test.go' -o '^func Fuzz[A-Za-z0-9_]*' . | \
	while IFS=: read -r file _ decl; do \
		name=$${decl#func }; dir=$$(dirname "$$file"); \
		echo "== $$dir $$name for $(FUZZTIME)"; \
		if ! go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$dir" </dev/null >$$log 2>&1; then \
			cat $$log; \
			if grep -q 'Failing input written' $$log || ! grep -q 'context deadline exceeded' $$log; then exit 1; fi; \
		else tail -n 3 $$log; fi; \
	done

# Five-minute sums of a few clicks, one of which comes late; then the same with
# three minutes of lateness allowed.
demo: build
	@echo; echo '$$ tidemark run queries/clicks/drop.sql'
	@./tidemark run -o table queries/clicks/drop.sql
	@echo; echo '$$ tidemark run -D lateness=3 -o changelog queries/clicks/lateness.sql'
	@./tidemark run -D lateness=3 -o changelog queries/clicks/lateness.sql

clean:
	rm -f tidemark
