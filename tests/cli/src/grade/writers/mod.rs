//! Reports. Each is made from the grades alone, so all of them say the same.

mod classroom;
mod csv;
mod gradescope;
mod html;
mod json;
mod junit;
#[cfg(test)]
mod same;
pub mod table;

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use super::grade::{Grade, write_whole};

/// A way to write the grades down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// grades.csv: a line for each submission and exercise
    Csv,
    /// moodle.csv: a line for each submission, as Moodle imports it
    Moodle,
    /// canvas.csv: the same, as Canvas imports it
    Canvas,
    /// grades.json: everything
    Json,
    /// junit.xml: as CI engines show it
    Junit,
    /// NAME/results.json: what Gradescope reads
    Gradescope,
    /// NAME/classroom.json: what a step of GitHub Classroom hands to its reporter
    Classroom,
    /// index.html and a page for each submission, with the conversations
    Html,
    /// All of these
    All,
}

/// Shows the table, and writes the reports that are wanted into `out`.
pub fn write(formats: &[Format], grades: &[Grade], out: &Path) -> Result<()> {
    say!("\n{}", table::summary(grades));
    let is_wanted = |format| formats.contains(&format) || formats.contains(&Format::All);
    let whole = [
        (Format::Csv, "grades.csv", csv::details as fn(&[Grade]) -> Result<String>),
        (Format::Moodle, "moodle.csv", csv::moodle),
        (Format::Canvas, "canvas.csv", csv::canvas),
        (Format::Json, "grades.json", json::write),
        (Format::Junit, "junit.xml", junit::write),
        (Format::Html, "index.html", html::index),
    ];
    for (_, name, write) in whole.into_iter().filter(|(format, ..)| is_wanted(*format)) {
        let path = out.join(name);
        write_whole(&path, &write(grades)?)?;
        say!("{}", path.display());
    }
    let single = [
        (Format::Gradescope, "results.json", gradescope::write as fn(&Grade) -> Result<String>),
        (Format::Classroom, "classroom.json", classroom::write),
        (Format::Html, "report.html", html::page),
    ];
    for (_, name, write) in single.into_iter().filter(|(format, ..)| is_wanted(*format)) {
        for grade in grades {
            let folder = out.join(super::submission::plain_name(&grade.submission));
            write_whole(&folder.join(name), &write(grade)?)?;
        }
        say!("{}", out.join("*").join(name).display());
    }
    Ok(())
}

/// Points as people write them: `12`, `7.5`.
pub fn points(points: f64) -> String {
    // The sum of nothing is written with a minus in front.
    let text = format!("{:.1}", points + 0.0);
    text.strip_suffix(".0").map_or(text.clone(), str::to_string)
}
