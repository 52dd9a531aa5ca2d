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

/// A line for each submission, with a column for each lab: what a gradebook imports.
pub fn gradebook(grades: &[Grade]) -> Result<String> {
    let labs = grades.first().map(|grade| grade.labs.as_slice()).unwrap_or_default();
    let lab_head = labs.iter().map(|lab| format!("{} ({})", lab.lab, points(lab.points_max)));
    let head = ["Student", "ID", "Submission"].map(str::to_string).into_iter();
    let mut rows = vec![head.chain(lab_head).chain(["Total".to_string()]).collect::<Vec<_>>()];
    for grade in grades {
        let name = grade.person.clone().unwrap_or_else(|| grade.submission.clone());
        let who = [name, grade.id.clone().unwrap_or_default(), grade.submission.clone()];
        let labs = grade.labs.iter().map(|lab| points(lab.points));
        rows.push(who.into_iter().chain(labs).chain([points(grade.points)]).collect());
    }
    write(rows)
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
