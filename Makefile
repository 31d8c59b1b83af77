# Every target is a line that can be typed by hand.
.PHONY: demo test lint style soak bench bench-ddl bench-inventory bench-queue bench-review corpus docs fuzz install

# The whole desk on this machine, with a chat page; Ctrl-C ends it. STORY=1 plays a ticket without a browser.
demo:
	@fixtures/install.sh demo && cargo build --quiet --workspace --bins && exec target/debug/demo $(if $(STORY),--story)

# Every test, on real servers. The stories start the programs that the build line makes.
test: install
	@cargo build --workspace --bins --tests && if command -v cargo-nextest >/dev/null; then cargo nextest run --workspace; else cargo test --workspace --no-fail-fast; fi

lint: style
	@RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet && cargo test --workspace --doc --quiet && fixtures/deny.sh

# The part of it that CI runs with every change.
style: install
	@cargo fmt --all --check && cargo clippy --workspace --all-targets -- -D warnings

bench:
	@fixtures/install.sh demo && cargo bench --workspace

# Tasks under random faults for long (CI does it for a minute): SECONDS=600 TASKS=100000, SEED=7 for the same faults again.
soak: install
	@SOAK_SECONDS=$(or $(SECONDS),600) SOAK_TASKS=$(or $(TASKS),100000) $(if $(SEED),SOAK_SEED=$(SEED)) cargo test -p dbdesk --test soak -- --nocapture

# The engine beside Celery 5, on one Redis. SCHEDULED=10000 is quicker than the 100000 that it takes else.
bench-queue:
	@fixtures/bench-queue.sh

# pt-online-schema-change under the desk beside the bare tool, in turns on one table. BENCH_ROWS=1000000, BENCH_TURNS=5.
bench-ddl:
	@fixtures/install.sh demo && cargo bench --quiet -p dbdesk --bench ddl

# Finding a service group and completing its name, with 400 instances and with 40,000.
bench-inventory:
	@fixtures/install.sh demo && cargo bench --quiet -p dbdesk --bench inventory

# docs/rules.md and docs/rules.zh-CN.md, from the rules' own pages.
docs:
	@cargo run --quiet -p dbdesk-review --example rules_document

# The offline review beside the bare parser and whatever else reviews MySQL and is installed here.
bench-review:
	@fixtures/bench-review.sh

# The fuzzers of splitter, grammar, rules and fixes, each for so many seconds. What they saved is replayed by `make test`.
SECONDS_EACH ?= 20
fuzz: install
	@backend/review/fuzz/fuzz.sh $(SECONDS_EACH)

# What the review understands of the servers' own suites and of applications' schemas: backend/review/corpus.md.
corpus:
	@set -e; at=$$(fixtures/corpus.sh); cargo run --quiet --release -p corpus -- "$$at" backend/review/corpus.md target/corpus

install:
	@fixtures/install.sh test
