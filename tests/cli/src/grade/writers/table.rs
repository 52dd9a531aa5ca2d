//! What an instructor sees on the terminal.

use comfy_table::{Table, presets};

use super::points;
use crate::grade::grade::{Grade, Isolation, State};

/// One submission, as soon as it is graded.
pub fn line(grade: &Grade) -> String {
    let unstable = grade.unstable().count();
    let mut line = format!(
        "{}: {} of {} points ({:.0} s)",
        grade.submission,
        points(grade.points),
        points(grade.points_max),
        grade.seconds
    );
    if !grade.is_finished {
        line.push_str(", not finished");
    }
    if let Some(note) = grade.notes.last() {
        line.push_str(", note: ");
        line.push_str(note);
    }
    if unstable > 0 {
        line.push_str(&format!(", {unstable} unstable"));
    }
    line
}

/// All of them.
pub fn summary(grades: &[Grade]) -> String {
    let Some(first) = grades.first() else { return "Nothing was graded.".to_string() };
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY);
    let labs = first.labs.iter().map(|lab| lab.lab.clone());
    let head = ["submission".to_string()].into_iter().chain(labs);
    table.set_header(head.chain(["points".to_string(), "of".to_string()]));
    for grade in grades {
        let cells = grade.labs.iter().map(|lab| match lab.state {
            State::Judged => points(lab.points),
            other => other.words().to_string(),
        });
        let name = [grade.submission.clone()].into_iter();
        let end = [points(grade.points), points(grade.points_max)];
        table.add_row(name.chain(cells).chain(end));
    }
    let mut text = table.to_string();
    if matches!(first.isolation, Isolation::SelfCheck(_)) {
        text.push_str("\nThis was a self-check, without a sandbox.");
    }
    text
}
