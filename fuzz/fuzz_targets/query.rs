#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| nyne_phone_finder_fuzz::targets::query(bytes));
