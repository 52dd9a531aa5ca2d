//! The judge's own speed: what students and instructors wait for.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result, ensure};

use crate::compare::{Table, Value, spread};
use crate::paper::Part;
use crate::plan::{Plan, say};
use crate::target::Target;

/// How often a lab is checked, at most.
const CHECKS: usize = 3;

/// How often an edit is judged.
const EDITS: usize = 3;

/// The lab, and the exercise of it, with which waiting for a verdict is measured.
const EDITED: (&str, &str) = ("05", "ex5_2");

pub fn measure(plan: &Plan) -> Result<Part> {
    let mut targets = Vec::new();
    let folders = labs(plan)?;
    let folders = if plan.quick { &folders[..1] } else { &folders[..] };
    let mut packages: Vec<String> = folders.iter().map(|(number, _)| package(number)).collect();
    packages.push(package(EDITED.0));
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    seconds(plan, &test(&packages, &["--no-run"]), None)?;
    let mut checks = Vec::new();
    for (number, title) in folders {
        // The promises alone, as `cargo lab check` does: without the solution's own tests.
        let promises = test(&[&package(number)], &["--test", &format!("lab{number}")]);
        let times: Result<Vec<f64>> =
            (0..plan.rounds.min(CHECKS)).map(|_| seconds(plan, &promises, None)).collect();
        let middle = spread(times?).map_or(f64::NAN, |it| it.median);
        checks.push((title.clone(), middle));
    }
    let slowest = checks.iter().map(|(_, seconds)| *seconds).fold(0.0, f64::max);
    targets.push(Target::at_most("judge-lab", "slowest lab", 5.0, " s", Some(slowest)));
    let verdict = verdict(plan)?;
    targets.push(Target::at_most("judge-edit", "from save to verdict", 3.0, " s", verdict));
    let mut rows = checks;
    rows.push(("from save to verdict, one exercise".to_string(), verdict.unwrap_or(0.0)));
    if !plan.quick {
        rows.extend(cold(plan, &mut targets)?);
    }
    let cells = |seconds| vec![Some(Value::Seconds(seconds))];
    let table = Table {
        title: "The judge, and cargo around it".to_string(),
        note: "Debug builds, as students have them. A full check has all promises of a lab."
            .to_string(),
        columns: vec!["time".into()],
        rows: rows.into_iter().map(|(name, seconds)| (name, cells(seconds))).collect(),
    };
    let title = "The judge's own speed";
    Ok(Part {
        name: "judge".into(),
        title: title.into(),
        tables: vec![table],
        targets,
        ..Part::default()
    })
}

/// Number and folder of each solution, in order.
fn labs(plan: &Plan) -> Result<Vec<(String, String)>> {
    let entries = fs::read_dir(plan.course.join("solutions"))?.flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut labs: Vec<_> =
        names.filter_map(|name| Some((name.get(3..5)?.to_string(), name))).collect();
    labs.sort();
    ensure!(!labs.is_empty(), "there are no solutions here");
    Ok(labs)
}

fn package(number: &str) -> String {
    format!("solution{number}")
}

fn test(packages: &[&str], more: &[&str]) -> Vec<String> {
    let mut words = vec!["test", "--quiet"];
    for package in packages {
        words.extend(["-p", package]);
    }
    words.extend(more);
    words.into_iter().map(String::from).collect()
}

/// The seconds that cargo takes for this, which must go well.
fn seconds(plan: &Plan, words: &[String], target: Option<&Path>) -> Result<f64> {
    plan.go_on()?;
    let mut cargo: Command = plan.cargo();
    cargo.args(words).stdout(Stdio::null()).stderr(Stdio::null());
    // The judge keeps its records where it is told; those of the user stay as they are.
    cargo.env("WIRELAB_RESULTS", plan.scratch("results")).env("INSTA_UPDATE", "no");
    if let Some(target) = target {
        cargo.env("CARGO_TARGET_DIR", target);
    }
    let began = Instant::now();
    let status = plan.cores.with_both(|| cargo.status())?;
    if !status.success() {
        plan.go_on()?;
        say(format_args!("cargo {} has failed; its time counts all the same", words.join(" ")));
    }
    Ok(began.elapsed().as_secs_f64())
}

/// From a saved file to the verdict on one exercise: the middle of a few.
fn verdict(plan: &Plan) -> Result<Option<f64>> {
    let (number, folder) =
        labs(plan)?.into_iter().find(|(number, _)| number == EDITED.0).context("no such lab")?;
    let file = plan.course.join("solutions").join(folder).join("src/main.rs");
    let mut times = Vec::new();
    for _ in 0..EDITS {
        File::open(&file)?.set_modified(SystemTime::now())?;
        times.push(seconds(plan, &test(&[&package(&number)], &["--", EDITED.1]), None)?);
    }
    Ok(spread(times).map(|it| it.median))
}

/// On a machine that has never built anything of ours.
fn cold(plan: &Plan, targets: &mut Vec<Target>) -> Result<Vec<(String, f64)>> {
    let (first, root) = (plan.scratch("first"), plan.scratch("root"));
    let lab = seconds(plan, &test(&["lab01"], &["--no-run"]), Some(&first))?;
    let all = seconds(plan, &test(&[], &[]), Some(&root))?;
    let warm = seconds(plan, &test(&[], &[]), Some(&root))?;
    targets.push(Target::at_most("judge-cold", "cargo test, cold", 120.0, " s", Some(all)));
    targets.push(Target::at_most("judge-warm", "cargo test, warm", 45.0, " s", Some(warm)));
    Ok(vec![
        ("cargo test -p lab01, cold: until it can run".to_string(), lab),
        ("cargo test, cold".to_string(), all),
        ("cargo test, warm".to_string(), warm),
    ])
}
