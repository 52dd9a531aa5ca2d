//! JUnit XML, as CI engines show it.

use std::fmt::Write as _;

use anyhow::Result;

use crate::grade::grade::{Grade, LabGrade, Outcome, PromiseGrade, State};

pub fn write(grades: &[Grade]) -> Result<String> {
    let mut xml =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"Wirelab\">\n");
    for grade in grades {
        for lab in &grade.labs {
            suite(&mut xml, grade, lab)?;
        }
    }
    xml.push_str("</testsuites>\n");
    Ok(xml)
}

fn suite(xml: &mut String, grade: &Grade, lab: &LabGrade) -> Result<()> {
    let promises: Vec<&PromiseGrade> = lab.exercises.iter().flat_map(|it| &it.promises).collect();
    let count = |wanted: &[Outcome]| {
        promises.iter().filter(|promise| wanted.contains(&promise.outcome)).count()
    };
    let (mut tests, mut failures) =
        (promises.len(), count(&[Outcome::Failed, Outcome::NotWritten]));
    let mut errors = count(&[Outcome::JudgeFailed, Outcome::DidNotFinish]);
    let skipped = count(&[Outcome::NotJudged]);
    // A lab without promises is one test, which failed.
    if lab.state != State::Judged {
        tests += 1;
        if lab.state == State::GraderFailed { errors += 1 } else { failures += 1 }
    }
    writeln!(
        xml,
        "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" \
         skipped=\"{skipped}\" time=\"{:.3}\">",
        escaped(&format!("{}.{}", grade.submission, lab.lab)),
        lab.seconds
    )?;
    if lab.state != State::Judged {
        let kind = if lab.state == State::GraderFailed { "error" } else { "failure" };
        writeln!(xml, "    <testcase name=\"{0}\" classname=\"{0}\" time=\"0\">", lab.lab)?;
        let message = escaped(lab.message.as_deref().unwrap_or_default());
        writeln!(xml, "      <{kind} message=\"{}\">{message}</{kind}>", lab.state.words())?;
        writeln!(xml, "    </testcase>")?;
    }
    for promise in promises {
        case(xml, lab, promise)?;
    }
    writeln!(xml, "  </testsuite>")?;
    Ok(())
}

fn case(xml: &mut String, lab: &LabGrade, promise: &PromiseGrade) -> Result<()> {
    let (name, class) = (escaped(&promise.name), escaped(&lab.lab));
    write!(
        xml,
        "    <testcase name=\"{name}\" classname=\"{class}\" time=\"{:.3}\"",
        promise.seconds
    )?;
    let report = escaped(promise.report.as_deref().unwrap_or_default());
    let words = promise.outcome.words();
    let inside = match promise.outcome {
        Outcome::Passed if promise.is_unstable => {
            format!("<system-out>unstable: it held at try {}</system-out>", promise.tries)
        }
        Outcome::Passed => String::new(),
        Outcome::Failed | Outcome::NotWritten => {
            format!("<failure message=\"{words}\" type=\"promise\">{report}</failure>")
        }
        Outcome::NotJudged => format!("<skipped message=\"{report}\"/>"),
        Outcome::DidNotFinish | Outcome::JudgeFailed => {
            format!("<error message=\"{words}\">{report}</error>")
        }
    };
    if inside.is_empty() {
        writeln!(xml, "/>")?;
    } else {
        writeln!(xml, ">\n      {inside}\n    </testcase>")?;
    }
    Ok(())
}

/// Text for XML 1.0, which forbids most control characters even when they are escaped.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_forbids_does_not_get_in() {
        assert_eq!(escaped("a<b>&\"\u{1b}[31m\0\n"), "a&lt;b&gt;&amp;&quot;\u{fffd}[31m\u{fffd}\n");
    }
}
