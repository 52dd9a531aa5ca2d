//! Says everything again in capitals; the smallest handler there is.

use lab08::Handler;

/// What makes this handler fail: so one can see what comes of it.
const BOOM: &[u8] = b"BOOM";

pub struct Upper;

impl Handler for Upper {
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        assert!(request.trim_ascii_end() != BOOM, "somebody said BOOM");
        todo!(
            "exercise 8.1 of lab08 (A socketserver of our own): A handler, and the server for connections.

    Reply with the same bytes, in which every small letter of ASCII has become a
    capital.

    check it          cargo test -p lab08 -- ex8_1
    see it finished   cargo run -p solution08
    read about it     book/src/lab08-socketserver.md
"
        )
    }
}
