//! Pages: an index of all submissions, and one for each with its conversations. Each stands alone:
//! no script, no picture, nothing from elsewhere.

use std::fmt::Write as _;

use anyhow::Result;

use super::points;
use crate::grade::grade::{
    ExerciseGrade, Grade, Isolation, LabGrade, Outcome, PromiseGrade, State,
};
use crate::grade::submission::plain_name;
use crate::page::Text;

const STYLE: &str = include_str!("report.css");

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n<body>\n{body}</body>\n</html>\n",
        Text(title)
    )
}

/// All submissions.
pub fn index(grades: &[Grade]) -> Result<String> {
    let mut body = String::from("<h1>Grades</h1>\n");
    let labs = grades.first().map(|grade| grade.labs.as_slice()).unwrap_or_default();
    body.push_str("<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Submission");
    for lab in labs {
        write!(body, "<th scope=\"col\">{}", Text(&lab.lab))?;
    }
    body.push_str("<th scope=\"col\">Points<th scope=\"col\">Of</thead>\n<tbody>\n");
    for grade in grades {
        let name = plain_name(&grade.submission);
        let who = grade.person.as_ref().unwrap_or(&grade.submission);
        write!(
            body,
            "<tr><th scope=\"row\"><a href=\"{0}/report.html\">{1}</a>",
            Text(&name),
            Text(who)
        )?;
        for lab in &grade.labs {
            let cell = match lab.state {
                State::Judged => points(lab.points),
                state => state.words().to_string(),
            };
            write!(body, "<td>{}", Text(cell))?;
        }
        writeln!(body, "<td>{}<td>{}", points(grade.points), points(grade.points_max))?;
    }
    body.push_str("</tbody></table></div>\n");
    let unstable: usize = grades.iter().map(|grade| grade.unstable().count()).sum();
    writeln!(
        body,
        "<p>Promises that did not hold at each try, and are counted as kept: {unstable}."
    )?;
    body.push_str(&isolation(grades.first()));
    Ok(document("Grades", &body))
}

/// One submission.
pub fn page(grade: &Grade) -> Result<String> {
    let name = grade.person.as_ref().unwrap_or(&grade.submission);
    let mut body = format!("<h1>{}</h1>\n", Text(name));
    let (earned, most) = (points(grade.points), points(grade.points_max));
    writeln!(body, "<p class=\"sum\">{earned} of {most} points.")?;
    if !grade.is_finished {
        body.push_str("<p class=\"bad\">The grading was not finished.\n");
    }
    for note in &grade.notes {
        writeln!(body, "<p class=\"note\">{}", Text(note))?;
    }
    for lab in &grade.labs {
        lab_section(&mut body, lab)?;
    }
    body.push_str(&isolation(Some(grade)));
    Ok(document(name, &body))
}

fn isolation(grade: Option<&Grade>) -> String {
    match grade.map(|grade| &grade.isolation) {
        Some(Isolation::SelfCheck(why)) => {
            format!("<p class=\"bad\">A self-check, without a sandbox: {}.\n", Text(why))
        }
        _ => String::new(),
    }
}

fn lab_section(body: &mut String, lab: &LabGrade) -> Result<()> {
    let (earned, most) = (points(lab.points), points(lab.points_max));
    writeln!(body, "<h2>{}: {}</h2>", Text(&lab.lab), Text(&lab.title))?;
    writeln!(body, "<p>{earned} of {most} points: {}.", lab.state.words())?;
    for note in &lab.notes {
        writeln!(body, "<p class=\"note\">{}", Text(note))?;
    }
    if let Some(message) = &lab.message {
        writeln!(body, "<pre>{}</pre>", Text(message))?;
    }
    lab.exercises.iter().try_for_each(|exercise| exercise_section(body, exercise))
}

fn exercise_section(body: &mut String, exercise: &ExerciseGrade) -> Result<()> {
    let (held, judged) = exercise.held();
    let mark = if held == judged && judged > 0 { "good" } else { "bad" };
    write!(body, "<h3>{} {}</h3>\n<p class=\"{mark}\">", exercise.number, Text(&exercise.title))?;
    if exercise.points_max > 0.0 {
        let (earned, most) = (points(exercise.points), points(exercise.points_max));
        write!(body, "{earned} of {most} points: ")?;
    }
    writeln!(body, "{held} of {judged} promises hold.")?;
    if exercise.promises.is_empty() {
        return Ok(());
    }
    body.push_str("<ul>\n");
    for promise in &exercise.promises {
        promise_item(body, promise)?;
    }
    body.push_str("</ul>\n");
    Ok(())
}

fn promise_item(body: &mut String, promise: &PromiseGrade) -> Result<()> {
    let outcome = promise.outcome.words();
    let words = Text(&promise.words);
    let unstable = if promise.is_unstable {
        format!(" (unstable: at try {})", promise.tries)
    } else {
        String::new()
    };
    let class = match promise.outcome {
        Outcome::Passed => "good",
        Outcome::NotJudged => "note",
        _ => "bad",
    };
    match &promise.report {
        None => writeln!(body, "<li><span class=\"{class}\">{outcome}</span> {words}{unstable}")?,
        Some(report) => {
            writeln!(
                body,
                "<li><details><summary><span class=\"{class}\">{outcome}</span> {words}{unstable}\
                 </summary>\n<pre>{}</pre></details>",
                Text(report)
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn nothing_that_a_student_writes_becomes_a_tag() {
        assert_eq!(Text("<img src='x'>&\"").to_string(), "&lt;img src=&#39;x&#39;&gt;&amp;&quot;");
    }
}
