//! What Gradescope reads from the results folder of an autograder.

use anyhow::Result;
use serde_json::{Value, json};

use crate::grade::grade::{ExerciseGrade, Grade, Isolation, LabGrade, Outcome};

pub fn write(grade: &Grade) -> Result<String> {
    let tests = grade.labs.iter().flat_map(|lab| {
        lab.exercises.iter().filter(|it| it.points_max > 0.0).map(move |it| test(lab, it))
    });
    let tests: Vec<Value> = tests.collect();
    let seeds = grade.labs.iter().flat_map(|lab| &lab.exercises).flat_map(|it| &it.promises);
    let seeds: Vec<u64> = seeds.filter_map(|promise| promise.seed).take(1).collect();
    let result = json!({
        "score": grade.points,
        "execution_time": grade.seconds.round(),
        "output": grade.notes.join("\n"),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "seed": seeds.first(),
            "unstable": grade.unstable().count(),
            "sandbox": grade.isolation == Isolation::Sandbox,
        },
    });
    Ok(serde_json::to_string_pretty(&result)? + "\n")
}

fn test(lab: &LabGrade, exercise: &ExerciseGrade) -> Value {
    let is_whole = exercise.points >= exercise.points_max;
    json!({
        "name": exercise.title,
        "number": exercise.number,
        "score": exercise.points,
        "max_score": exercise.points_max,
        "status": if is_whole { "passed" } else { "failed" },
        "output": output(lab, exercise),
        "tags": [lab.lab],
        "visibility": "visible",
    })
}

/// How many promises hold, and the first one that does not in full.
fn output(lab: &LabGrade, exercise: &ExerciseGrade) -> String {
    if exercise.promises.is_empty() {
        let why = lab.message.as_deref().unwrap_or_default();
        return format!("{} {}\n{why}", lab.lab, lab.state.words());
    }
    let (held, judged) = exercise.held();
    let mut text = format!("{held} of {judged} promises hold.\n");
    let is_broken = |outcome| !matches!(outcome, Outcome::Passed | Outcome::NotJudged);
    let broken: Vec<_> = exercise.promises.iter().filter(|it| is_broken(it.outcome)).collect();
    for promise in &broken {
        text.push_str(&format!("{}: {}\n", promise.outcome.words(), promise.words));
    }
    if let Some(report) = broken.first().and_then(|promise| promise.report.as_ref()) {
        text.push_str("\nThe first of them:\n\n");
        text.push_str(report);
    }
    text
}
