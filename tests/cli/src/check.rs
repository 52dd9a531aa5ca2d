//! `cargo lab check`: judges a lab, or one exercise of it, and says what to look at first.

mod evidence;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use tempfile::TempDir;

use crate::catalogue::{Course, Lab};
use crate::judge::{self, Judge, Records, Verdict};
use crate::terminal::{Ink, inked};
use crate::{Answer, asked, edition, tap, watch};

/// Judge a lab, or one exercise of it
#[derive(Args)]
#[command(after_help = "Examples:
  cargo lab check 01
  cargo lab check 1.2
  cargo lab check 1.2 --pcap seen    what failed, to look at in Wireshark
  cargo lab check 01 --command 'python3 echo.py --port {port}'")]
pub struct Arguments {
    /// A lab (01) or an exercise (1.2), or both
    #[arg(required = true, num_args = 1..=2, value_name = "LAB or EXERCISE")]
    what: Vec<String>,

    /// Judge this server instead of the lab's own: `{port}` is the port it must serve on, `{args}`
    /// the options it would be given
    #[arg(long)]
    command: Option<String>,

    /// Judge this client: `{host}` and `{port}` are where it must connect to
    #[arg(long)]
    client_command: Option<String>,

    /// Judge the solution
    #[arg(long, conflicts_with_all = ["command", "client_command"])]
    solution: bool,

    /// Save what went over the wire in each promise that failed, as DIR/PROMISE.pcapng
    #[arg(long, value_name = "DIR")]
    pcap: Option<PathBuf>,
}

/// Runs the judge and shows its verdicts.
pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let asked = asked::about(&course, &arguments.what)?;
    let (lab, exercise) = asked.context("say which lab: `cargo lab check 01`")?;
    if arguments.solution && edition::is_students(&course) {
        bail!("a student edition has no solutions; judge yours: cargo lab check {:02}", lab.number);
    }
    let package = if arguments.solution { lab.solution() } else { lab.package() };
    let prefix = match exercise {
        Some(exercise) => lab.prefix(exercise.step),
        None => format!("ex{}_", lab.number),
    };
    say!("{} ...", what_is_judged(arguments, &package));
    let Some(judge) = Judge::build(&course, lab, &package)? else {
        say!("\n{package} does not compile; the compiler has said why, above.");
        say!("Next: mend the first error that it names.");
        return Ok(Answer::No);
    };
    let kept = TempDir::new().context("cannot make a folder for what the judge keeps")?;
    let folder = kept.path().to_str().context("the folder for temporary files has no name")?;
    let wanted = if arguments.pcap.is_some() { folder } else { "" };
    let environment = [
        ("WIRELAB_COMMAND", arguments.command.as_deref().unwrap_or_default()),
        ("WIRELAB_CLIENT_COMMAND", arguments.client_command.as_deref().unwrap_or_default()),
        ("WIRELAB_EVIDENCE", wanted),
    ];
    let results = results(&course, arguments);
    let records = judge.run(&prefix, &results, &environment)?;
    let answer = show(lab, &prefix, &records, arguments);
    if let Some(target) = &arguments.pcap {
        let kept = |promise: &str| kept.path().join(format!("{package}.{promise}.evidence"));
        save(lab, &records, kept, target)?;
    }
    Ok(answer)
}

/// Writes a capture for each promise that failed into the folder `target`, and says so.
fn save(lab: &Lab, records: &Records, kept: impl Fn(&str) -> PathBuf, target: &Path) -> Result<()> {
    fs::create_dir_all(target).with_context(|| format!("cannot make {}", target.display()))?;
    let (mut saved, mut without) = (Vec::new(), 0);
    for (promise, record) in records {
        let path = target.join(format!("{promise}.pcapng"));
        // What an earlier check has left tells of another program.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot replace {}", path.display()));
            }
            _ => {}
        }
        if !is_broken(record.as_ref()) {
            continue;
        }
        match evidence::save(&kept(promise), &path, lab)? {
            Some(capture) => saved.push(capture),
            None => without += 1,
        }
    }
    tell(&saved, without, target);
    Ok(())
}

/// Says which captures there are, and how to look at the first.
fn tell(saved: &[evidence::Saved], without: usize, target: &Path) {
    let target = target.display();
    match (saved, without) {
        ([], 0) => return say!("\nNothing failed: there is no capture to save in {target}."),
        ([], _) => return say!("\nNo capture: what failed did not get as far as a connection."),
        ([_], _) => say!("\nWhat went over the wire is in {target}."),
        _ => say!("\nWhat went over the wire is in {target}: {} captures.", saved.len()),
    }
    if without > 0 {
        say!("{without} more failed before there was a connection.");
    }
    let cut = saved.iter().filter(|capture| capture.is_cut).count();
    if cut > 0 {
        say!("{cut} of them have only the beginning of long pieces.");
    }
    say!("Look at the first: {}", tap::how_to_open(&saved[0].path));
}

fn what_is_judged(arguments: &Arguments, package: &str) -> String {
    match (&arguments.command, &arguments.client_command) {
        (None, None) => format!("Building and judging {package}"),
        (Some(command), None) | (None, Some(command)) => format!("Judging {command}"),
        (Some(server), Some(client)) => format!("Judging {server}, and {client}"),
    }
}

/// Only what is judged of the student's own lab counts as progress.
fn results(course: &Course, arguments: &Arguments) -> PathBuf {
    let usual = judge::usual_results(course);
    if arguments.command.is_none() && arguments.client_command.is_none() {
        return usual;
    }
    usual.with_file_name("command")
}

/// Shows the exercises with their verdicts, and the first failure in full.
fn show(lab: &Lab, asked: &str, records: &Records, arguments: &Arguments) -> Answer {
    let given = (0, "Given");
    let steps = lab.exercises.iter().map(|exercise| (exercise.step, exercise.title.as_str()));
    for (step, title) in std::iter::once(given).chain(steps) {
        show_exercise(lab, step, title, records);
    }
    let judged = records.iter().any(|(_, it)| verdict(it.as_ref()) != Some(Verdict::NotJudged));
    if !judged {
        let why = records.iter().find_map(|(_, it)| it.as_ref()?.report.as_ref());
        say!("\nNothing could be judged: {}", why.map_or("", String::as_str));
        return Answer::No;
    }
    let mut broken = records.iter().filter(|(_, it)| is_broken(it.as_ref()));
    let Some((name, first)) = broken.next() else {
        say!("\n{}", inked(Ink::Good, "Everything that was judged holds."));
        if !watch::is_watching() {
            say!("Next: cargo lab");
        }
        return Answer::Yes;
    };
    say!("\nThe first that failed:\n");
    match first.as_ref().and_then(|record| record.report.as_ref()) {
        Some(report) => say!("{report}"),
        None => say!("{name}: the judge did not finish it\n"),
    }
    let others = broken.count();
    if others > 0 {
        say!("{others} more failed; see them all: {} -- {asked}", how_to_see_all(lab, arguments));
    }
    if let Some(exercise) = lab.exercises.iter().find(|it| name.starts_with(&lab.prefix(it.step))) {
        say!("Stuck? cargo lab hint {}", lab.name(exercise));
    }
    Answer::No
}

/// One line for the promises of one step, if any was asked for.
fn show_exercise(lab: &Lab, step: u32, title: &str, records: &Records) {
    let prefix = lab.prefix(step);
    let mine = records.iter().filter(|(name, _)| name.starts_with(&prefix));
    let mine: Vec<_> = mine.map(|(_, record)| record.as_ref()).collect();
    let is_unwritten = mine.iter().flatten().any(|record| record.unwritten.is_some());
    let verdicts: Vec<_> = mine.iter().map(|record| verdict(*record)).collect();
    let count = |wanted| verdicts.iter().filter(|it| **it == Some(wanted)).count();
    let (passed, not_judged) = (count(Verdict::Passed), count(Verdict::NotJudged));
    let judged = verdicts.len() - not_judged;
    let (ink, mark) = match judged {
        0 if not_judged == 0 => return,
        0 => (Ink::Bold, "not judged"),
        _ if passed == judged => (Ink::Good, "ok"),
        _ if is_unwritten => (Ink::Bold, "not written"),
        _ => (Ink::Bad, "failed"),
    };
    let mark = inked(ink, &format!("{mark:11}"));
    let besides = if not_judged > 0 { format!(", {not_judged} not judged") } else { String::new() };
    say!("  {mark}  {}.{step}  {title}: {passed} of {judged}{besides}", lab.number);
}

fn how_to_see_all(lab: &Lab, arguments: &Arguments) -> String {
    let package = if arguments.solution { lab.solution() } else { lab.package() };
    let variable = |name: &str, command: &Option<String>| {
        command.as_ref().map(|it| format!("{name}=\"{it}\" ")).unwrap_or_default()
    };
    let server = variable("WIRELAB_COMMAND", &arguments.command);
    let client = variable("WIRELAB_CLIENT_COMMAND", &arguments.client_command);
    format!("{server}{client}cargo test -p {package}")
}

fn verdict(record: Option<&judge::Record>) -> Option<Verdict> {
    record.map(|record| record.verdict)
}

fn is_broken(record: Option<&judge::Record>) -> bool {
    !matches!(verdict(record), Some(Verdict::Passed | Verdict::NotJudged))
}
