//! One file for each judged promise: reports are made from these, never from what was printed.
//!
//! The file is `$WIRELAB_RESULTS/PACKAGE.PROMISE.json`. It is removed before the promise is judged
//! and put in place whole afterwards, so that a missing file means "did not finish".

use std::path::PathBuf;
use std::{env, fs, io};

use serde_json::{Value, json};

use crate::case::{Case, lock};
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

fn put(path: &PathBuf, result: &Value) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, format!("{result:#}\n"))?;
    fs::rename(unfinished, path)
}

fn path(case: &Case) -> Option<PathBuf> {
    let folder = PathBuf::from(env::var_os("WIRELAB_RESULTS").filter(|folder| !folder.is_empty())?);
    Some(folder.join(format!("{}.{}.json", case.defendant.package(), case.name)))
}

fn result(case: &Case, verdict: &Verdict) -> Value {
    let (verdict, report) = match verdict {
        Verdict::Passed => ("passed", None),
        Verdict::Failed(report) => ("failed", Some(report)),
        Verdict::NotJudged(why) => ("not judged", Some(why)),
        Verdict::JudgeFailed(report) => ("judge failed", Some(report)),
    };
    let conversation = lock(&case.conversation);
    let steps = conversation.steps.iter();
    let steps = steps.map(|step| json!({ "at": step.at.as_secs_f64(), "step": step.to_string() }));
    json!({
        "package": case.defendant.package(),
        "promise": case.name,
        "words": report::promise_in_words(&case.name),
        "exercise": report::exercise_of(&case.name),
        "verdict": verdict,
        "report": report,
        "fact": case.fact,
        "conversation": steps.collect::<Vec<_>>(),
        "seed": case.seed,
        "seconds": case.started.elapsed().as_secs_f64(),
    })
}
