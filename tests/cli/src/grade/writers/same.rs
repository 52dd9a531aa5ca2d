//! All reports say the same, whatever a student has called things.

use serde_json::Value;

use super::{classroom, csv as tables, gradescope, html, json, junit, table};
use crate::grade::grade::{
    ExerciseGrade, Grade, Isolation, LabGrade, Outcome, PromiseGrade, SCHEMA, State,
};

/// A name, and a text, that would do harm where somebody forgets to escape.
const NAME: &str = "=Ann <b>&\"' ]]>";
const TEXT: &str = "<script>alert(1)</script> \u{1b}[31m ]]> \"quoted\"";

fn promise(name: &str, outcome: Outcome) -> PromiseGrade {
    PromiseGrade {
        name: name.to_string(),
        words: name.replace('_', " "),
        outcome,
        is_unstable: false,
        tries: 1,
        report: (outcome != Outcome::Passed).then(|| TEXT.to_string()),
        conversation: Vec::new(),
        seed: Some(7),
        seconds: 0.5,
    }
}

fn exercises() -> Vec<ExerciseGrade> {
    vec![
        ExerciseGrade {
            number: "5.1".to_string(),
            title: "One".to_string(),
            points: 6.5,
            points_max: 10.0,
            promises: vec![
                promise("ex5_1_a", Outcome::Passed),
                promise("ex5_1_b", Outcome::Failed),
            ],
        },
        ExerciseGrade {
            number: "5.2".to_string(),
            title: "Two".to_string(),
            points: 0.0,
            points_max: 10.0,
            promises: vec![promise("ex5_2_c", Outcome::DidNotFinish)],
        },
    ]
}

/// Six and a half of twenty points in the first lab; the second does not compile.
fn grade() -> Grade {
    let judged = LabGrade {
        lab: "lab05".to_string(),
        title: "Time".to_string(),
        state: State::Judged,
        message: None,
        exercises: exercises(),
        points: 6.5,
        points_max: 20.0,
        notes: vec![TEXT.to_string()],
        seconds: 3.0,
    };
    let mut broken = judged.clone();
    broken.lab = "lab06".to_string();
    broken.state = State::DoesNotCompile;
    broken.message = Some(TEXT.to_string());
    broken.points = 0.0;
    for exercise in &mut broken.exercises {
        exercise.number = exercise.number.replace('5', "6");
        exercise.points = 0.0;
        exercise.promises.clear();
    }
    Grade {
        schema: SCHEMA,
        submission: "ann".to_string(),
        id: Some("1".to_string()),
        person: Some(NAME.to_string()),
        fingerprint: String::new(),
        isolation: Isolation::Sandbox,
        is_finished: true,
        labs: vec![judged, broken],
        points: 6.5,
        points_max: 40.0,
        notes: vec![TEXT.to_string()],
        seconds: 3.0,
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let fields = |row: csv::StringRecord| row.iter().map(str::to_string).collect();
    reader.records().map(|row| fields(row.expect("it is CSV"))).collect()
}

fn sum<'a>(values: impl Iterator<Item = &'a Value>) -> f64 {
    values.map(|value| value.as_f64().expect("a number")).sum()
}

#[test]
fn all_reports_tell_the_same_points() {
    let grades = [grade()];
    let everything = parsed(&json::write(&grades).expect("it writes"));
    assert_eq!(everything["submissions"][0]["points"], 6.5);

    let details = rows(&tables::details(&grades).expect("it writes"));
    assert_eq!(details.len(), 1 + 4, "a head, and a line for each exercise");
    let points = details[1..].iter().map(|row| row[5].parse::<f64>().expect("a number"));
    assert_eq!(points.sum::<f64>(), 6.5);
    let moodle = rows(&tables::moodle(&grades).expect("it writes"));
    assert_eq!(moodle[1][3..], ["6.5", "0"]);
    let canvas = rows(&tables::canvas(&grades).expect("it writes"));
    assert_eq!(
        (&canvas[1][5..], &canvas[2][5..]),
        (&["20", "20"].map(String::from)[..], &["6.5", "0"].map(String::from)[..])
    );

    let scope = parsed(&gradescope::write(&grades[0]).expect("it writes"));
    let tests = scope["tests"].as_array().expect("an array");
    assert_eq!(scope["score"], 6.5);
    assert_eq!(sum(tests.iter().map(|test| &test["score"])), 6.5);
    assert_eq!(sum(tests.iter().map(|test| &test["max_score"])), 40.0);

    let room = parsed(&classroom::write(&grades[0]).expect("it writes"));
    let tests = room["tests"].as_array().expect("an array");
    assert_eq!((&room["max_score"], &room["status"]), (&40.0.into(), &"fail".into()));
    assert_eq!(sum(tests.iter().map(|test| &test["score"])), 6.5);

    assert!(table::summary(&grades).contains("6.5"));
    assert!(html::page(&grades[0]).expect("it writes").contains("6.5 of 40 points"));
}

#[test]
fn a_name_is_no_formula_and_no_tag() {
    let grades = [grade()];
    let canvas = rows(&tables::canvas(&grades).expect("it writes"));
    assert_eq!(canvas[2][0], format!("'{NAME}"));
    for page in [html::index(&grades), html::page(&grades[0])] {
        let page = page.expect("it writes");
        assert!(!page.contains("<b>") && !page.contains("<script>"), "{page}");
    }
}

#[test]
fn junit_counts_what_it_lists() {
    let xml = junit::write(&[grade()]).expect("it writes");
    assert_eq!(xml.matches("<testcase").count(), 3 + 1);
    assert!(xml.contains("tests=\"3\" failures=\"1\" errors=\"1\" skipped=\"0\""), "{xml}");
    assert!(xml.contains("tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\""), "{xml}");
    assert!(!xml.contains('\u{1b}') && !xml.contains("<script>"), "{xml}");
}
