//! A report that grows: what is judged now takes the place of what an earlier run wrote of it, and
//! the rest stays as it was.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::tally::{self, Kind, Row};
use super::variants;
use crate::catalogue::{Course, Lab};

/// How many names a complaint tells.
const NAMES_MAX: usize = 8;

/// Which variant: two labs may have one of the same name, and so may both kinds.
pub type Name = (u32, Kind, String);

/// The names of all variants of `labs`.
pub fn names<'a>(
    course: &Course,
    labs: impl IntoIterator<Item = &'a Lab>,
) -> Result<BTreeSet<Name>> {
    let mut names = BTreeSet::new();
    for lab in labs {
        for (folder, kind) in [("wrong", Kind::Wrong), ("right", Kind::Right)] {
            let all = variants::read(course, lab, folder)?;
            names.extend(all.into_iter().map(|variant| (lab.number, kind, variant.id)));
        }
    }
    Ok(names)
}

/// A report that is being written.
pub struct Report {
    file: PathBuf,
    earlier: Vec<Row>,
    /// The variants that there are.
    there: BTreeSet<Name>,
}

impl Report {
    /// Begins with what `file` says already, if it is there. Fails, before hours are spent, if the
    /// new report would lack what the old table has.
    pub fn begin(file: &Path, there: BTreeSet<Name>, judged: &BTreeSet<Name>) -> Result<Self> {
        let earlier = rows(&file.with_extension("json"))?;
        let table = text(&file.with_extension("md"))?.unwrap_or_default();
        let lost = lost(&table, &earlier, &there, judged);
        if !lost.is_empty() {
            let file = file.display();
            let lost = in_words(&lost);
            bail!("{file}.md has {lost}, of which {file}.json says nothing: judge them too");
        }
        Ok(Self { file: file.to_path_buf(), earlier, there })
    }

    /// Writes it, with the rows of what has been judged.
    pub fn finish(self, judged: Vec<Row>) -> Result<()> {
        tally::write(&self.file, merged(self.earlier, judged, &self.there))
    }
}

/// The rows of an earlier report; none if there is no such file.
fn rows(path: &Path) -> Result<Vec<Row>> {
    #[derive(Deserialize)]
    struct Report {
        variants: Vec<Row>,
    }
    let Some(text) = text(path)? else { return Ok(Vec::new()) };
    let report: Report = serde_json::from_str(&text)
        .with_context(|| format!("{} is no report of variants", path.display()))?;
    Ok(report.variants)
}

fn text(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// What the table of an earlier report has, and the next one would lack although it is there.
fn lost(
    table: &str,
    earlier: &[Row],
    there: &BTreeSet<Name>,
    judged: &BTreeSet<Name>,
) -> Vec<String> {
    let kept: BTreeSet<Name> = earlier.iter().map(Row::name).collect();
    let is_lost = |name: &&Name| {
        let (lab, _, id) = name;
        !kept.contains(*name) && !judged.contains(*name) && tally::mentions(table, *lab, id)
    };
    there.iter().filter(is_lost).map(|(lab, _, id)| format!("{lab:02} {id}")).collect()
}

/// The first few of `names`, and how many more there are.
fn in_words(names: &[String]) -> String {
    let first = names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES_MAX) {
        0 => first,
        more => format!("{first}, and {more} more"),
    }
}

/// The rows `judged` now, and those `earlier` ones that are still true of something.
fn merged(earlier: Vec<Row>, judged: Vec<Row>, there: &BTreeSet<Name>) -> Vec<Row> {
    let new: BTreeSet<Name> = judged.iter().map(Row::name).collect();
    let stays = |row: &Row| there.contains(&row.name()) && !new.contains(&row.name());
    earlier.into_iter().filter(stays).chain(judged).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;

    use super::{Name, Report, in_words};
    use crate::author::tally::{Kind, Row};

    fn row(id: &str, seconds: f64) -> Row {
        Row {
            lab: 5,
            id: id.to_string(),
            kind: Kind::Wrong,
            about: "a bug".to_string(),
            exercise: Some("5.2".to_string()),
            as_expected: true,
            caught_by: BTreeMap::from([("5.2".to_string(), 3)]),
            promises: 9,
            unstable: false,
            seconds,
        }
    }

    fn names(ids: &[&str]) -> BTreeSet<Name> {
        ids.iter().map(|id| (5, Kind::Wrong, id.to_string())).collect()
    }

    /// A report of `first`, and after that one of `then` by which `there` are left.
    fn written_twice(first: Vec<Row>, then: Vec<Row>, there: &[&str]) -> [String; 2] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("judge");
        for rows in [first, then] {
            let judged = rows.iter().map(Row::name).collect();
            let report = Report::begin(&file, names(there), &judged).expect("it can be read");
            report.finish(rows).expect("it can be written");
        }
        ["md", "json"].map(|ending| {
            fs::read_to_string(file.with_extension(ending)).expect("it has been written")
        })
    }

    #[test]
    fn what_is_not_judged_again_stays() {
        let first = || vec![row("one", 1.0), row("two", 2.0)];
        let all = ["one", "two", "three"];
        let [table, _] = written_twice(first(), vec![row("three", 0.1), row("two", 7.5)], &all);
        assert!(table.contains("| all | 3 | 3 | 0 | 0 | 0 | 9 |\n"), "{table}");
        for line in ["| one | a bug | 5.2 | 5.2 (3) | 1.0 |", "| 5.2 (3) | 7.5 |", "| three |"] {
            assert_eq!(table.matches(line).count(), 1, "{line} in {table}");
        }
        let of_none = written_twice(first(), Vec::new(), &all);
        assert_eq!(of_none, written_twice(first(), first(), &all));
    }

    #[test]
    fn what_there_is_no_more_goes() {
        let first = vec![row("one", 1.0), row("two", 2.0)];
        let [table, json] = written_twice(first, vec![row("one", 3.0)], &["one"]);
        assert!(table.contains("| all | 1 | 1 | 0 | 0 | 0 | 3 |\n"), "{table}");
        assert!(!json.contains("two"), "{json}");
    }

    #[test]
    fn a_complaint_does_not_fill_the_screen() {
        let names: Vec<String> = (1..=10).map(|number| format!("05 v{number}")).collect();
        assert_eq!(in_words(&names[..2]), "05 v1, 05 v2");
        assert!(in_words(&names).ends_with("05 v8, and 2 more"), "{}", in_words(&names));
    }

    #[test]
    fn a_table_never_loses_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("judge");
        let all = names(&["one", "two"]);
        let report = Report::begin(&file, all.clone(), &all).expect("there is none yet");
        report.finish(vec![row("one", 1.0), row("two", 2.0)]).expect("it can be written");
        fs::remove_file(file.with_extension("json")).expect("it was there");
        let of_one = Report::begin(&file, all.clone(), &names(&["one"]));
        let complaint = of_one.err().expect("two would be lost").to_string();
        assert!(complaint.contains("judge.md has 05 two, of which"), "{complaint}");
        assert!(Report::begin(&file, names(&["one"]), &names(&["one"])).is_ok());
        assert!(Report::begin(&file, all.clone(), &all).is_ok());
    }
}
