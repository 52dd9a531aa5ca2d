//! One file for each judged promise: reports are made from these, never from what was printed.
//!
//! The file is `$WIRELAB_RESULTS/PACKAGE.PROMISE.json`. It is removed before the promise is judged
//! and put in place whole afterwards, so that a missing file means "did not finish".

use std::fmt::Display;
use std::path::PathBuf;
use std::{env, fs, io};

use crate::case::{Case, lock};
use crate::conversation::Step;
use crate::promise::Verdict;
use crate::report;

/// Removes the result of an earlier run.
pub(crate) fn forget(case: &Case) {
    if let Some(path) = path(case) {
        // Most often there is none.
        let _ = fs::remove_file(path);
    }
}

/// Writes the result, if somebody wants it.
pub(crate) fn write(case: &Case, verdict: &Verdict) {
    let Some(path) = path(case) else { return };
    if let Err(error) = put(&path, &result(case, verdict)) {
        eprintln!("cannot write the result to {}: {error}", path.display());
    }
}

fn put(path: &PathBuf, result: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, result)?;
    fs::rename(unfinished, path)
}

fn path(case: &Case) -> Option<PathBuf> {
    let folder = PathBuf::from(env::var_os("WIRELAB_RESULTS").filter(|folder| !folder.is_empty())?);
    Some(folder.join(format!("{}.{}.json", case.defendant.package(), case.name)))
}

/// The record as JSON. A dozen lines of our own: students build the judge, and a library for this
/// would be a fifth of what they wait for the first time.
fn result(case: &Case, verdict: &Verdict) -> String {
    let (verdict, report, unwritten) = match verdict {
        Verdict::Passed => ("passed", None, None),
        Verdict::Failed { report, unwritten } => ("failed", Some(report), unwritten.as_ref()),
        Verdict::NotJudged(why) => ("not judged", Some(why), None),
        Verdict::JudgeFailed(report) => ("judge failed", Some(report), None),
    };
    let or_null = |text: Option<&String>| text.map_or("null".to_string(), quoted);
    let conversation = lock(&case.conversation);
    let step = |step: &Step| {
        format!("\n    {{\"at\": {:.6}, \"step\": {}}}", step.at.as_secs_f64(), quoted(step))
    };
    let steps: Vec<String> = conversation.steps.iter().map(step).collect();
    let fields = [
        ("package", quoted(case.defendant.package())),
        ("own", case.defendant.is_packages_own().to_string()),
        ("promise", quoted(&case.name)),
        ("words", quoted(report::promise_in_words(&case.name))),
        ("exercise", or_null(report::exercise_of(&case.name).as_ref())),
        ("verdict", quoted(verdict)),
        ("unwritten", or_null(unwritten)),
        ("report", or_null(report)),
        ("fact", quoted(case.fact)),
        ("conversation", format!("[{}]", steps.join(","))),
        ("seed", case.seed.to_string()),
        ("seconds", format!("{:.3}", case.started.elapsed().as_secs_f64())),
    ];
    let fields = fields.map(|(name, value)| format!("  \"{name}\": {value}"));
    format!("{{\n{}\n}}\n", fields.join(",\n"))
}

/// A JSON string (RFC 8259, section 7).
fn quoted(text: impl Display) -> String {
    let mut json = String::from("\"");
    for c in text.to_string().chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            '\n' => json.push_str("\\n"),
            c if c < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn quotes_backslashes_and_control_characters_are_escaped() {
        assert_eq!(quoted("a \"b\" \\ \n\u{1b}é"), r#""a \"b\" \\ \n\u001bé""#);
    }
}
