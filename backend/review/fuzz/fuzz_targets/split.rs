#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dbdesk_review_fuzz::holds::split(bytes));
