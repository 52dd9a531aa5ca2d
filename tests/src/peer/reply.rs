//! The verbs of a peer that speaks with the file server, or with its client: replies as they are
//! meant, and uploads.

use super::Peer;
use crate::conversation::Sign;
use crate::payload::quoted;
use crate::{Payload, Reply, reply, report};

impl Peer {
    /// Expects a reply as `wanted` next; what stands behind it is left for the next.
    #[track_caller]
    pub fn expect_reply(&mut self, wanted: &Reply) -> &mut Self {
        let step = wanted.shown();
        let (mut from, mut end) = (0, None);
        let silent = self.read_until(|inbox| {
            end = reply::end(inbox, &mut from);
            end.is_some()
        });
        let got = match end {
            Some(len) => match wanted.otherwise(&self.wire().inbox[..len]) {
                None => {
                    self.wire().inbox.drain(..reply::whole_len(len));
                    self.case.step(&self.name, Sign::Got, step);
                    return self;
                }
                Some(otherwise) => {
                    format!("{}\n{otherwise}", reply::seen(&self.wire().inbox[..len]))
                }
            },
            None if wanted.or_gone && self.is_gone() => {
                self.case.step(&self.name, Sign::Got, step);
                return self;
            }
            None => {
                let end = self.ending_in_words(silent);
                report::cut_reply(&self.wire().inbox, end)
            }
        };
        self.fail(format!("< {step}"), got, step)
    }

    /// Expects `front` next, and then anything up to `end`; hands back what stands between.
    #[track_caller]
    pub fn expect_between(&mut self, front: &str, end: &str) -> Payload {
        self.expect(front);
        let end = end.as_bytes();
        let mut from = 0;
        let silent = self.read_until(|inbox| {
            // What has been looked at need not be looked at again, but for the beginning of an end.
            let found = inbox[from..].windows(end.len()).position(|it| it == end);
            from = found.map_or_else(|| inbox.len().saturating_sub(end.len()), |at| from + at);
            found.is_some()
        });
        let step = format!("anything, and then {}", quoted(end));
        if !self.wire().inbox[from..].starts_with(end) {
            let end = self.ending_in_words(silent);
            let got = report::difference(&self.wire().inbox, &[], end);
            self.fail(format!("< {step}"), got, step);
        }
        let between = self.wire().inbox.drain(..from + end.len()).take(from).collect();
        self.case.step(&self.name, Sign::Got, step);
        Payload::labelled(between, "what stood there".to_string())
    }
}
