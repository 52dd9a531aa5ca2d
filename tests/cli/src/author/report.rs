//! A report that grows: what is judged now takes the place of what an earlier run wrote of it, and
//! the rest stays as it was.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::tally::{self, Kind, Row};
use super::variants;
use crate::catalogue::{Course, Lab};

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
    /// Begins with what `file` says already, if it is there.
    pub fn begin(file: &Path, there: BTreeSet<Name>) -> Result<Self> {
        Ok(Self { file: file.to_path_buf(), earlier: rows(file)?, there })
    }

    /// Writes it, with the rows of what has been judged.
    pub fn finish(self, judged: Vec<Row>) -> Result<()> {
        tally::write(&self.file, merged(self.earlier, judged, &self.there))
    }
}

/// The rows of the report `file`; none if there is no such file.
pub fn rows(file: &Path) -> Result<Vec<Row>> {
    #[derive(Deserialize)]
    struct Report {
        variants: Vec<Row>,
    }
    let path = file.with_extension("json");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let report: Report = serde_json::from_str(&text)
        .with_context(|| format!("{} is no report of variants", path.display()))?;
    Ok(report.variants)
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

    use super::{Name, Report};
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
            let report = Report::begin(&file, names(there)).expect("it can be read");
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
}
