use std::time::{SystemTime, UNIX_EPOCH};

use tidegate_gotemplate::Host;

/// The clock and the chance of the machine, for what templates make anew each time.
pub(super) struct Chance;

impl Host for Chance {
    fn now(&mut self) -> (i64, u32) {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => (
                since.as_secs().try_into().unwrap_or(i64::MAX),
                since.subsec_nanos(),
            ),
            Err(_) => (0, 0),
        }
    }

    fn random(&mut self, bytes: &mut [u8]) {
        // Without chance, no password must be made that someone could guess.
        if getrandom::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}
