//! How the failures of the wrong variants read: one file for each under `tests/wrong/said/`, so
//! that a change of words is seen, reviewed and meant.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::skeletons::create_parent;
use super::variants::Variant;
use crate::catalogue::{Course, Lab};

/// Compares the `reports` of the promises that caught the variant with what is on record for it, or
/// with `bless` records the first.
pub fn compare(
    course: &Course,
    lab: &Lab,
    variant: &Variant,
    reports: &[String],
    bless: bool,
) -> Result<Vec<String>> {
    let file = Path::new("tests/wrong/said").join(format!("{}-{}.txt", lab.package(), variant.id));
    let path = course.root.join(&file);
    let now: Vec<String> = reports.iter().map(|report| steady(report)).collect();
    let first = now.first().map_or("", String::as_str);
    if bless {
        create_parent(&path)?;
        fs::write(&path, first).with_context(|| format!("cannot write {}", file.display()))?;
        return Ok(Vec::new());
    }
    let then = fs::read_to_string(&path).unwrap_or_default();
    // Who meets the end of a program may meet it at any of several steps.
    let is_chance = variant.racy || now.iter().chain([&then]).any(|report| has_ended(report));
    // Which of them catches it first may be chance, the words of each may not.
    let is_as_before = match is_chance {
        false => now.iter().any(|now| judges_parts(&then) == judges_parts(now)),
        true => !then.is_empty(),
    };
    if is_as_before {
        return Ok(Vec::new());
    }
    let how = "if the new words are meant: cargo lab author check --bless";
    Ok(vec![format!("its failure reads otherwise than {} says; {how}\n{first}", file.display())])
}

/// The parts of a report that are the judge's own: the promise, the steps, what came and was due,
/// the fact. What follows are the words of a program.
const JUDGES_PARTS: usize = 4;

/// Whether a report tells of a program that has ended by itself.
fn has_ended(report: &str) -> bool {
    [" exited with code ", " was ended by signal "].iter().any(|words| report.contains(words))
}

/// The judge's own parts, without what came (`got`): how much had come by then may be chance.
fn judges_parts(report: &str) -> Vec<&str> {
    let without_got = |part| str::find(part, "\n  want ").map_or(part, |at| &part[at..]);
    report.split("\n\n").take(JUDGES_PARTS).map(without_got).collect()
}

/// The report without what differs from run to run: times, ports, and how much came at once.
fn steady(report: &str) -> String {
    let mut text = String::new();
    for line in report.trim_end().lines() {
        text.push_str(steady_line(line).trim_end());
        text.push('\n');
    }
    text
}

fn steady_line(line: &str) -> String {
    const TIME_COLUMNS: usize = "   0.001 ".len();
    let is_time = |text: &str| text.trim().parse::<f64>().is_ok();
    let line = match line.split_at_checked(TIME_COLUMNS) {
        Some((time, step)) if is_time(time) => format!("         {step}"),
        // Drawn bytes around a place that depends on how much came at once.
        Some((got, bytes)) if got.contains("got") && bytes.starts_with("...") => {
            return format!("{got}...");
        }
        _ => line.to_string(),
    };
    let line = without_varying_numbers(&without_place_of_a_crate(&line));
    match line.split_once("first difference at byte #") {
        Some((before, _)) => format!("{before}first difference at byte #"),
        None => line,
    }
}

/// Where a machine keeps the sources of crates is its own affair: `src/select.rs` of
/// `…/registry/src/index/nix-0.31.3/src/select.rs`.
fn without_place_of_a_crate(line: &str) -> String {
    let Some((before, after)) = line.split_once("/registry/src/") else {
        return line.to_string();
    };
    let start = before.rfind(' ').map_or(0, |space| space + 1);
    let file = after.splitn(3, '/').nth(2).unwrap_or(after);
    format!("{}{file}", &before[..start])
}

/// Puts `#` for ports, large amounts, seconds, and lines of source files.
fn without_varying_numbers(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        text.push_str(&rest[..start]);
        let number = number(&rest[start..]);
        let after = &rest[start + number.len()..];
        let varies = number.len() > 3
            || after.starts_with(" s")
            || text.ends_with(".rs:")
            || is_of_a_date(&text, number, after);
        text.push_str(if varies && number != "127.0.0.1" { "#" } else { number });
        rest = after;
    }
    text + rest
}

/// Whether `number` is a part of a time or a date: `13:27:45`.
fn is_of_a_date(before: &str, number: &str, after: &str) -> bool {
    let mut next = after.chars();
    let is_first = match next.next() {
        // A time may be cut short here.
        Some(':') => number.len() == 2,
        Some('-') => next.next().is_some_and(|next| next.is_ascii_digit()),
        _ => false,
    };
    is_first || before.ends_with("#:") || before.ends_with("#-")
}

/// The number at the start of `text`: `127.0.0.1`, `1.2`, or `1 048 576` in groups of three.
fn number(text: &str) -> &str {
    let mut end = 0;
    let bytes = text.as_bytes();
    while end < bytes.len() {
        let group =
            |at: usize| bytes.get(at..at + 3).is_some_and(|it| it.iter().all(u8::is_ascii_digit));
        let joins = match bytes[end] {
            b'0'..=b'9' => true,
            b'.' => bytes.get(end + 1).is_some_and(u8::is_ascii_digit),
            b' ' => group(end + 1),
            _ => false,
        };
        if !joins {
            break;
        }
        end += 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::{judges_parts, steady};

    #[test]
    fn last_words_may_differ_and_nothing_else() {
        let report =
            "promise\n\nsteps\n\n  got a\n  want b\n\nfact\n\nThe client exited with code 0.\n";
        let changed = |from, to| {
            let other = report.replace(from, to);
            judges_parts(report) != judges_parts(&other)
        };
        assert!(!changed("code 0", "code 1"));
        assert!(!changed("got a", "got c"));
        assert!(changed("steps", "stops"));
        assert!(changed("want b", "want c"));
        assert!(changed("fact", "fad"));
    }

    #[test]
    fn the_place_of_a_crate_does_not_matter() {
        let said = "  | panicked at /x/.cargo/registry/src/index-1/nix-0.31.3/src/select.rs:7:5:";
        assert_eq!(steady(said), "  | panicked at src/select.rs:#:#:\n");
    }

    #[test]
    fn what_a_clock_shows_does_not_matter() {
        assert_eq!(steady("got \"JAM 20-11-2026 13:07:45\""), "got \"JAM #-#-# #:#:#\"\n");
        assert_eq!(steady("127.0.0.1:45000 ex1_2"), "127.0.0.1:# ex1_2\n");
    }

    #[test]
    fn times_ports_and_amounts_do_not_matter() {
        let report =
            "exercise 1.2: x\n   0.012 A > \"a\"\n  got    silent for 1.0 s, 1 048 576 bytes";
        let steady = steady(report);
        assert_eq!(
            steady,
            "exercise 1.2: x\n         A > \"a\"\n  got    silent for # s, # bytes\n"
        );
    }
}
