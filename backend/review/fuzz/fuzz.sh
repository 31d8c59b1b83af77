#!/usr/bin/env bash
# Builds the fuzzers with plain cargo and the stable compiler, and runs them one after the other:
#   fuzz.sh [SECONDS [TARGET…]]   each for so long, from the saved corpus; a crash or a stall ends this with 1
#   fuzz.sh --save [TARGET…]      what was found since and reaches new code goes into the saved corpus
# SEED=7 takes the same way again; without it each run goes another one.
# What is found goes to work/, the input of a crash to artifacts/: mend it, and keep the input in corpus/TARGET.
set -euo pipefail
cd "$(dirname "$0")"
save=""
[ "${1:-}" != --save ] || { save=1; shift; set -- 0 "$@"; }
seconds=${1:-20}
shift || true
targets=("$@")
[ $# -gt 0 ] || targets=(split read judge mend)

# The main lock decides the versions, so that what is tried is what ships.
cp ../../../Cargo.lock Cargo.lock
RUSTC_WRAPPER=$PWD/instrument.sh cargo build --quiet --release

for target in "${targets[@]}"; do
  mkdir -p "work/$target" "artifacts/$target"
  fuzzer=target/release/$target
  if [ -n "$save" ]; then
    "$fuzzer" -merge=1 -max_len=512 "corpus/$target" "work/$target" 2>&1 | tail -n 1
    continue
  fi
  # One input may take so long and so much memory, and no more: a stall is a crash here.
  "$fuzzer" "work/$target" "corpus/$target" -dict=mysql.dict -artifact_prefix="artifacts/$target/" \
    -seed="${SEED:-0}" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    >"work/$target.log" 2>&1 || { tail -n 60 "work/$target.log"; exit 1; }
  stat() { sed -n "s/^stat::$1: *//p" "work/$target.log"; }
  echo "fuzz $target: $(stat number_of_executed_units) inputs, slowest $(stat slowest_unit_time_sec) s, at most $(stat peak_rss_mb) MB, no crash"
done
