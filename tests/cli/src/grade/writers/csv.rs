//! Tables for other programs.

use anyhow::Result;

use super::points;
use crate::grade::grade::Grade;

/// A line for each submission and exercise.
pub fn details(grades: &[Grade]) -> Result<String> {
    let head = ["submission", "id", "name", "exercise", "title", "points", "of", "state", "held"];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for grade in grades {
        for lab in &grade.labs {
            for exercise in &lab.exercises {
                let (held, judged) = exercise.held();
                rows.push(vec![
                    grade.submission.clone(),
                    grade.id.clone().unwrap_or_default(),
                    grade.person.clone().unwrap_or_default(),
                    exercise.number.clone(),
                    exercise.title.clone(),
                    points(exercise.points),
                    points(exercise.points_max),
                    lab.state.words().to_string(),
                    format!("{held} of {judged}"),
                ]);
            }
        }
    }
    write(rows)
}

/// What Moodle imports: a line for each student, found by the ID number.
pub fn moodle(grades: &[Grade]) -> Result<String> {
    let head = ["ID number", "Full name", "Submission"].map(str::to_string).to_vec();
    let mut rows = vec![[head, labs(grades)].concat()];
    for grade in grades {
        rows.push([vec![id(grade), name(grade), grade.submission.clone()], earned(grade)].concat());
    }
    write(rows)
}

/// What Canvas imports: its own columns, a line that says how much each is worth, the students.
pub fn canvas(grades: &[Grade]) -> Result<String> {
    let head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"];
    let empty = || vec![String::new(); 3];
    let mut rows = vec![[head.map(str::to_string).to_vec(), labs(grades)].concat()];
    let worth = grades.first().map(|grade| grade.labs.iter().map(|lab| points(lab.points_max)));
    let title = vec!["    Points Possible".to_string(), String::new()];
    rows.push([title, empty(), worth.into_iter().flatten().collect()].concat());
    for grade in grades {
        rows.push([vec![name(grade), id(grade)], empty(), earned(grade)].concat());
    }
    write(rows)
}

fn labs(grades: &[Grade]) -> Vec<String> {
    let labs = grades.first().map(|grade| grade.labs.as_slice()).unwrap_or_default();
    labs.iter().map(|lab| format!("{} {}", lab.lab, lab.title)).collect()
}

fn earned(grade: &Grade) -> Vec<String> {
    grade.labs.iter().map(|lab| points(lab.points)).collect()
}

fn id(grade: &Grade) -> String {
    grade.id.clone().unwrap_or_default()
}

fn name(grade: &Grade) -> String {
    grade.person.clone().unwrap_or_else(|| grade.submission.clone())
}

fn write(rows: Vec<Vec<String>>) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.into_iter().map(no_formula))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// A text that a spreadsheet does not take for a formula: names come from students.
fn no_formula(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text }
}
