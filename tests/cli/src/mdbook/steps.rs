//! The steps of a recorded conversation, as a drawing needs them.

use anyhow::{Context, Result};

/// One line of a snapshot: `A > "halo\n"`.
pub struct Step<'a> {
    pub who: &'a str,
    pub what: What,
    pub words: &'a str,
}

/// What is drawn of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// Bytes, or whatever was meant by them, to the program.
    ToProgram,
    /// The same from the program.
    FromProgram,
    /// The end of the stream, to the program or from it.
    EndToProgram,
    EndFromProgram,
    /// A connection begins or ends, by the judge's hand or by the program's.
    KnockAtProgram,
    KnockByProgram,
    /// A connection is thrown away.
    Reset,
    /// Something that does not travel: told beside a line.
    Note,
}

impl<'a> Step<'a> {
    pub fn read(line: &'a str) -> Result<Self> {
        let signs = [" > ", " < ", " * "];
        let first = signs.iter().filter_map(|sign| line.find(sign)).min();
        let at = first.with_context(|| format!("this is no step: {line}"))?;
        let (who, words) = (&line[..at], &line[at + " > ".len()..]);
        let what = match (&line[at + 1..at + 2], words) {
            (">", "end of stream") => What::EndToProgram,
            ("<", words) if words.starts_with("end of stream") => What::EndFromProgram,
            (">", _) => What::ToProgram,
            ("<", _) => What::FromProgram,
            (_, "the client connects") => What::KnockByProgram,
            (_, "resets") => What::Reset,
            (_, words) if is_knock(words) => What::KnockAtProgram,
            _ => What::Note,
        };
        Ok(Self { who, what, words })
    }

    /// Whether it is told of a program under judgement.
    pub fn is_of_program(&self) -> bool {
        is_program(self.who)
    }
}

fn is_knock(words: &str) -> bool {
    words == "connects"
        || words == "hangs up"
        || words.ends_with(" peers connect")
        || words.ends_with(" peers knock")
}

/// Whether this is the name of a program under judgement.
pub fn is_program(who: &str) -> bool {
    ["server", "client", "program"].contains(&who)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_step_is_known() {
        let known = [
            ("A > \"x > y\"", "A", What::ToProgram),
            ("crowd 2 < each gets its own", "crowd 2", What::FromProgram),
            ("A > end of stream", "A", What::EndToProgram),
            ("A < end of stream, or a reset", "A", What::EndFromProgram),
            ("A * connects", "A", What::KnockAtProgram),
            ("A * the client connects", "A", What::KnockByProgram),
            ("crowd * 1 000 peers connect", "crowd", What::KnockAtProgram),
            ("A * resets", "A", What::Reset),
            ("server * frozen", "server", What::Note),
        ];
        for (line, who, what) in known {
            let step = Step::read(line).unwrap();
            assert_eq!((step.who, step.what), (who, what), "{line}");
        }
        assert!(Step::read("nothing").is_err());
    }
}
