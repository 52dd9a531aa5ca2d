//! Says everything again in capitals; the smallest handler there is.

use solution08::Handler;

/// What makes this handler fail: so one can see what comes of it.
const BOOM: &[u8] = b"BOOM";

pub struct Upper;

impl Handler for Upper {
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        assert!(request.trim_ascii_end() != BOOM, "somebody said BOOM");
        // ANCHOR: ex8_1_answer
        Some(request.to_ascii_uppercase())
        // ANCHOR_END: ex8_1_answer
    }
}
