//! A tenant file: a directory or its faults, each at a place in the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ropeway_core::directory::file;

fuzz_target!(|text: &str| {
    match file::read(text, "t.yaml", &|_| None) {
        Ok(read) => drop(file::show(&read.directory)),
        Err(faults) => assert!(!faults.0.is_empty() && faults.0.iter().all(|fault| fault.place.line > 0), "{faults:?}"),
    }
});
