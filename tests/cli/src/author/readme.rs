//! `cargo lab author readme`: writes the table of labs into README.md from the catalogue.

use std::fs;

use anyhow::{Context, Result};
use clap::Args;

use crate::Answer;
use crate::catalogue::{Course, Lab};

const START: &str = "<!-- labs: written by `cargo lab author readme` -->\n";
const END: &str = "<!-- end of labs -->";

/// Write the table of labs into README.md
#[derive(Args)]
pub struct Arguments {}

pub fn run(_: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    match stale(&course)? {
        Some(text) => {
            fs::write(course.root.join("README.md"), text).context("cannot write README.md")?;
            say!("README.md: written");
        }
        None => say!("README.md: fresh"),
    }
    Ok(Answer::Yes)
}

/// README.md as it should read, if it does not.
pub fn stale(course: &Course) -> Result<Option<String>> {
    let text =
        fs::read_to_string(course.root.join("README.md")).context("cannot read README.md")?;
    let marks = "README.md has lost the marks around its table of labs";
    let (before, rest) = text.split_once(START).context(marks)?;
    let (_, after) = rest.split_once(END).context(marks)?;
    let fresh = format!("{before}{START}{}{END}{after}", table(course));
    Ok((fresh != text).then_some(fresh))
}

fn table(course: &Course) -> String {
    let head = "\n| lab | what you build | the idea it adds | |\n| --- | --- | --- | --- |\n";
    let rows = course.labs.iter().map(row);
    std::iter::once(head.to_string()).chain(rows).chain(["\n".to_string()]).collect()
}

fn row(lab: &Lab) -> String {
    let state = match lab.exercises.len() {
        0 => "coming".to_string(),
        count => format!("[{count} exercises](book/src/{})", lab.chapter),
    };
    format!("| {:02} | {} | {} | {state} |\n", lab.number, lab.title, lab.idea)
}
