//! The verbs of a peer that speaks HTTP: messages as they are meant, not as they are written.

use super::Peer;
use crate::conversation::Sign;
use crate::message::{Fault, Message, Reader};
use crate::wire::Ending;
use crate::{Wanted, report};

/// How reading a message ended.
enum Read {
    Whole(Message),
    Bad(Fault),
    /// The other side ended the connection, or was silent (`true`), before it was whole.
    Cut(Reader, bool),
}

impl Peer {
    /// Expects a response as `wanted` next; what stands behind it is left for the next.
    #[track_caller]
    pub fn expect_response(&mut self, wanted: &Wanted) -> &mut Self {
        self.response(wanted);
        self
    }

    /// The same, and hands it back.
    #[track_caller]
    pub fn response(&mut self, wanted: &Wanted) -> Message {
        self.message(wanted)
    }

    /// Expects a request as `wanted` next, of a client under judgement.
    #[track_caller]
    pub fn expect_request(&mut self, wanted: &Wanted) -> &mut Self {
        self.message(wanted);
        self
    }

    #[track_caller]
    fn message(&mut self, wanted: &Wanted) -> Message {
        let step = wanted.shown();
        let (got, otherwise) = match self.read_message(wanted) {
            Read::Whole(message) => match wanted.otherwise(&message) {
                None => {
                    self.case.step(&self.name, Sign::Got, step);
                    return message;
                }
                Some(otherwise) => (wanted.seen(&message), otherwise),
            },
            Read::Cut(..) if wanted.or_gone && self.is_gone() => {
                self.case.step(&self.name, Sign::Got, step);
                return Message::default();
            }
            Read::Cut(reader, silent) => (self.so_far(wanted, &reader, silent), String::new()),
            Read::Bad(fault) => {
                let came = report::difference(&self.wire().inbox, &[], String::new());
                (came, report::fault(&fault))
            }
        };
        let got = if otherwise.is_empty() { got } else { format!("{got}\n{otherwise}") };
        self.fail(format!("< {step}"), got, step)
    }

    /// Reads the next message, and takes it out of the inbox if it is whole.
    fn read_message(&mut self, wanted: &Wanted) -> Read {
        loop {
            let mut reader = Reader::new(wanted.kind());
            let mut whole = Ok(false);
            let silent = self.read_until(|inbox| {
                whole = reader.take(inbox, false);
                whole != Ok(false)
            });
            if whole == Ok(false) && self.wire().ending == Some(Ending::Eof) {
                whole = reader.take(&self.wire().inbox, true);
            }
            match whole {
                Ok(false) => return Read::Cut(reader, silent),
                Err(fault) => return Read::Bad(fault),
                Ok(true) => {}
            }
            self.wire().inbox.drain(..reader.used);
            let message = reader.message();
            // Every client must be able to skip these.
            if wanted.is_interim() || message.is_final() {
                return Read::Whole(message);
            }
        }
    }

    /// Whether the other side has ended the connection, and said nothing before.
    pub(super) fn is_gone(&mut self) -> bool {
        self.wire().ending.is_some() && self.wire().inbox.is_empty()
    }

    /// What has come of a message that is not whole.
    fn so_far(&mut self, wanted: &Wanted, reader: &Reader, silent: bool) -> String {
        let end = self.ending_in_words(silent);
        match reader.so_far() {
            None => report::difference(&self.wire().inbox, &[], end),
            Some((message, len)) => {
                report::cut_body(&wanted.seen(message), message.body().len(), len, &end)
            }
        }
    }
}
