//! What the fuzzers hold the review to: the same as the tests, from the same file.

#[path = "../../tests/holds/mod.rs"]
pub mod holds;
