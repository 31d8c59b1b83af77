#!/bin/sh
# Stands before rustc: what cargo-fuzz sets, for our own crate only. Instrumenting sqlparser too costs CI minutes and tells
# little more; and a sanitizer has nothing to see where unsafe code is forbidden.
rustc=$1
shift
case " $* " in
*" --crate-name dbdesk_review "* | *" --crate-name dbdesk_review_fuzz "*)
  exec "$rustc" "$@" --cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0
  ;;
esac
exec "$rustc" "$@"
