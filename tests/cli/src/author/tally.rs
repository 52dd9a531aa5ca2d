//! `cargo lab author check --all --report FILE`: what the judge said of every wrong and every right
//! variant, as a table for the book and as JSON for everybody else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::report::{self, Name};
use super::skeletons::create_parent;
use crate::catalogue::{Course, Lab};
use crate::judge::{Records, Verdict};

/// One variant.
#[derive(Deserialize, Serialize)]
pub struct Row {
    pub lab: u32,
    pub id: String,
    pub kind: Kind,
    /// What is wrong with it, or how it differs.
    pub about: String,
    /// The exercise that must catch it.
    pub exercise: Option<String>,
    /// It was caught by that exercise, or accepted if it is a right one.
    pub as_expected: bool,
    /// How many promises failed, by exercise.
    pub caught_by: BTreeMap<String, usize>,
    /// How many promises were judged.
    pub promises: usize,
    /// The first time something was not as on record; judged again, alone, it was.
    pub unstable: bool,
    /// How long judging it took, while others were judged beside it.
    pub seconds: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Wrong,
    Right,
}

impl Row {
    /// Which variant it is about.
    pub fn name(&self) -> Name {
        (self.lab, self.kind, self.id.clone())
    }

    fn place(&self) -> (u32, &Option<String>, &str) {
        (self.lab, &self.exercise, &self.id)
    }
}

/// The sums of one lab, or of all.
#[derive(Default, Serialize)]
struct Sum {
    wrong: usize,
    caught: usize,
    right: usize,
    accepted: usize,
    unstable: usize,
    seconds: f64,
}

/// Where the report is in the book, as `--report` names it.
const IN_THE_BOOK: &str = "book/src/figures/judge";

/// The variants of `lab` of which the report in the book knows nothing.
pub fn unknown(course: &Course, lab: &Lab) -> Result<Vec<String>> {
    let rows = report::rows(&course.root.join(IN_THE_BOOK))?;
    let known: BTreeSet<Name> = rows.iter().map(Row::name).collect();
    let all = report::names(course, [lab])?.into_iter();
    Ok(all.filter(|name| !known.contains(name)).map(|(_, _, id)| id).collect())
}

/// Whether the table in the book is not what its data say.
pub fn is_stale(course: &Course) -> Result<bool> {
    let file = course.root.join(IN_THE_BOOK);
    let path = file.with_extension("md");
    let table = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let [(_, fresh), _] = texts(report::rows(&file)?)?;
    Ok(table != fresh)
}

/// How many promises of each exercise failed, and how many were judged.
pub fn counted(lab: &Lab, records: &Records) -> (BTreeMap<String, usize>, usize) {
    let mut caught_by = BTreeMap::new();
    let mut judged = 0;
    for (name, record) in records {
        let verdict = record.as_ref().map(|record| record.verdict);
        judged += usize::from(verdict != Some(Verdict::NotJudged));
        if verdict == Some(Verdict::Failed) {
            let step = name.split('_').nth(1).unwrap_or_default();
            *caught_by.entry(format!("{}.{step}", lab.number)).or_default() += 1;
        }
    }
    (caught_by, judged)
}

/// Writes the report to `file` with the endings `.md` and `.json`.
pub fn write(file: &Path, rows: Vec<Row>) -> Result<()> {
    create_parent(file)?;
    for (ending, text) in texts(rows)? {
        let path = file.with_extension(ending);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        say!("written: {}", path.display());
    }
    Ok(())
}

/// The report as a table and as data, each with the ending of its file.
fn texts(mut rows: Vec<Row>) -> Result<[(&'static str, String); 2]> {
    // They come as they were finished; a file that is generated again should differ little.
    rows.sort_by(|one, other| one.place().cmp(&other.place()));
    let mut labs: BTreeMap<u32, Sum> = BTreeMap::new();
    let mut all = Sum::default();
    for row in &rows {
        labs.entry(row.lab).or_default().add(row);
        all.add(row);
    }
    let json = serde_json::json!({ "all": all, "labs": labs, "variants": rows });
    let json = serde_json::to_string_pretty(&json)? + "\n";
    Ok([("md", markdown(&labs, &all, &rows)), ("json", json)])
}

impl Sum {
    fn add(&mut self, row: &Row) {
        let (all, fine) = match row.kind {
            Kind::Wrong => (&mut self.wrong, &mut self.caught),
            Kind::Right => (&mut self.right, &mut self.accepted),
        };
        *all += 1;
        *fine += usize::from(row.as_expected);
        self.unstable += usize::from(row.unstable);
        self.seconds += row.seconds;
    }

    fn line(&self, name: &str) -> String {
        let Self { wrong, caught, right, accepted, unstable, seconds } = self;
        format!(
            "| {name} | {wrong} | {caught} | {right} | {accepted} | {unstable} | {seconds:.0} |\n"
        )
    }
}

fn markdown(labs: &BTreeMap<u32, Sum>, all: &Sum, rows: &[Row]) -> String {
    let mut text = String::from(
        "<!-- written by `cargo lab author check --all --report` -->\n\n\
         | lab | wrong variants | caught | right variants | accepted | unstable | judged for, in s |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    text.extend(labs.iter().map(|(number, sum)| sum.line(&format!("{number:02}"))));
    text += &all.line("all");
    text += "\n| lab | variant | what is wrong with it | its exercise | caught by | seconds |\n\
             | --- | --- | --- | --- | --- | ---: |\n";
    text.extend(rows.iter().filter(|row| row.kind == Kind::Wrong).map(wrong_line));
    text += "\n| lab | variant | how it differs | accepted | seconds |\n\
             | --- | --- | --- | --- | ---: |\n";
    text.extend(rows.iter().filter(|row| row.kind == Kind::Right).map(right_line));
    text
}

fn wrong_line(row: &Row) -> String {
    let count = |(name, count): (&String, &usize)| format!("{name} ({count})");
    let caught_by: Vec<String> = row.caught_by.iter().map(count).collect();
    let by = match caught_by.is_empty() {
        true => "**nobody**".to_string(),
        false => caught_by.join(", "),
    };
    let Row { lab, id, seconds, .. } = row;
    let exercise = row.exercise.as_deref().unwrap_or_default();
    format!("| {lab:02} | {id} | {} | {exercise} | {by} | {seconds:.1} |\n", cell(&row.about))
}

fn right_line(row: &Row) -> String {
    let Row { lab, id, seconds, promises, .. } = row;
    let accepted = match row.as_expected {
        true => format!("all {promises} promises"),
        false => "**no**".to_string(),
    };
    format!("| {lab:02} | {id} | {} | {accepted} | {seconds:.1} |\n", cell(&row.about))
}

/// A text that does not end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Kind, Row, Sum, markdown};

    #[test]
    fn what_nobody_catches_stands_out() {
        let row = |id: &str, caught_by: BTreeMap<String, usize>| Row {
            lab: 5,
            id: id.to_string(),
            kind: Kind::Wrong,
            about: "a | b".to_string(),
            exercise: Some("5.2".to_string()),
            as_expected: !caught_by.is_empty(),
            caught_by,
            promises: 9,
            unstable: false,
            seconds: 1.25,
        };
        let rows = [row("one", [("5.2".to_string(), 3)].into()), row("two", BTreeMap::new())];
        let mut sum = Sum::default();
        rows.iter().for_each(|row| sum.add(row));
        let text = markdown(&BTreeMap::new(), &sum, &rows);
        assert!(text.contains("| all | 2 | 1 | 0 | 0 | 0 | 2 |\n"), "{text}");
        assert!(text.contains("| 05 | one | a \\| b | 5.2 | 5.2 (3) | 1.2 |\n"), "{text}");
        assert!(text.contains("| 05 | two | a \\| b | 5.2 | **nobody** | 1.2 |\n"), "{text}");
    }
}
