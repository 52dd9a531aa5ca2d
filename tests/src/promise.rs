//! What happens around a conversation: it is held, judged, recorded and compared.

use std::env;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::case::{Case, Failure, NotJudged, lock};
use crate::patience::Patience;
use crate::{Defendant, Lab, record, report};

/// Judges one promise: the fact that makes it hard, and the conversation that puts it to the test.
///
/// It takes its name from the test around it, and the program from the package around that.
#[macro_export]
macro_rules! promise {
    ($fact:expr, $conversation:expr $(,)?) => {{
        fn here() {}
        let program = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));
        let defendant = $crate::Defendant::new(env!("CARGO_PKG_NAME"), program);
        $crate::judge(defendant, ::std::any::type_name_of_val(&here), $fact, $conversation)
    }};
}

/// How a promise was judged.
#[derive(Debug)]
pub enum Verdict {
    /// Every expectation held.
    Passed,
    /// One did not.
    Failed {
        /// Says which, and what came instead.
        report: String,
        /// The exercise that is not written yet, if that is the reason.
        unwritten: Option<String>,
    },
    /// There was no way to tell; the reason says why.
    NotJudged(String),
    /// Our fault.
    JudgeFailed(String),
}

/// Holds `conversation`, judges it, records the verdict; [`promise!`] calls this.
///
/// # Panics
///
/// When the promise is not kept: that is how a test fails.
pub fn judge(
    defendant: Defendant,
    path: &str,
    fact: &'static str,
    conversation: impl FnOnce(&Lab),
) {
    let case = Case::new(test_name(path), fact, defendant, Patience::usual(), seed());
    record::forget(&case);
    let verdict = match hold(&case, conversation) {
        Verdict::Passed => compare_with_snapshot(&case),
        other => other,
    };
    // Before the record: where there is one, the evidence is whole.
    case.evidence.flush();
    record::write(&case, &verdict);
    match verdict {
        Verdict::Passed => {}
        Verdict::Failed { report, .. } | Verdict::JudgeFailed(report) => {
            eprintln!("{report}");
            // Fails the test without the words of a panic: the report has said it all.
            resume_unwind(Box::new(()));
        }
        Verdict::NotJudged(why) => {
            // Past the test runner, which keeps what a passing test prints to itself.
            let _ = io::stderr().write_all(report::not_judged(&case, &why).as_bytes());
        }
    }
}

/// Holds `conversation` and only tells the verdict: for the judge's own tests.
pub fn hear(
    defendant: Defendant,
    patience: Patience,
    name: &str,
    conversation: impl FnOnce(&Lab),
) -> Verdict {
    hold(&Case::new(name.to_string(), "", defendant, patience, seed()), conversation)
}

fn hold(case: &Arc<Case>, conversation: impl FnOnce(&Lab)) -> Verdict {
    let lab = Lab::new(Arc::clone(case));
    let Err(thrown) = catch_unwind(AssertUnwindSafe(|| conversation(&lab))) else {
        return Verdict::Passed;
    };
    if let Some(failure) = thrown.downcast_ref::<Failure>() {
        let (report, unwritten) = report::failure(case, failure);
        return Verdict::Failed { report, unwritten };
    }
    if let Some(NotJudged(why)) = thrown.downcast_ref() {
        return Verdict::NotJudged(why.clone());
    }
    let words = thrown.downcast_ref::<String>().map(String::as_str);
    let words = words.or(thrown.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
    Verdict::JudgeFailed(report::judge_failed(case, words))
}

/// Compares the conversation with the recorded one.
fn compare_with_snapshot(case: &Case) -> Verdict {
    let text = lock(&case.conversation).text();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(case.fact);
    let compare = || settings.bind(|| insta::assert_snapshot!(case.name.as_str(), text));
    match catch_unwind(AssertUnwindSafe(compare)) {
        Ok(()) => Verdict::Passed,
        Err(_) => Verdict::JudgeFailed(report::conversation_changed(case)),
    }
}

/// `ex1_2_…` of `lab01::ex1_2_…::here`.
fn test_name(path: &str) -> String {
    path.rsplit("::").nth(1).unwrap_or(path).to_string()
}

/// The seed of this run: `WIRELAB_SEED`, or the clock.
fn seed() -> u64 {
    let given = env::var("WIRELAB_SEED").ok().and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (now.as_secs() ^ (u64::from(now.subsec_nanos()) << 20)) >> 11
    })
}
