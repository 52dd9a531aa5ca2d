//! The verbs of a peer that speaks with the file server: replies as they are meant.

use super::Peer;
use crate::conversation::Sign;
use crate::{Reply, reply, report};

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
}
