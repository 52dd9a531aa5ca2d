//! A cargo and a judge that say what they are told to, and a watch that runs before them.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::desk::{Desk, PASSED};

/// How long anything may take here.
const LIMIT: Duration = Duration::from_secs(60);

pub const LISTENER: &str = "labs/lab01-blocking-echo/src/listener.rs";

/// Says that it has built the judge of lab01.
const CARGO: &str = r#"#!/usr/bin/env bash
[ ! -e ERROR ] || { cat ERROR >&2; exit 101; }
echo '{"reason":"compiler-artifact","target":{"name":"lab01","kind":["test"]},"executable":"JUDGE"}'
"#;

/// Records one verdict for every promise. While there is a file `hold`, it starts a program in a
/// group of its own, as the judge does, and waits for it.
const JUDGE: &str = r#"#!/usr/bin/env bash
set -m
if [ -e HOLD ]; then
    sleep 300 &
    echo $! >PROGRAM.new && mv PROGRAM.new PROGRAM
    wait
fi
mkdir -p "$WIRELAB_RESULTS"
for promise in "$@"; do
    [ "$promise" = --exact ] && continue
    cp VERDICT "$WIRELAB_RESULTS/lab01.$promise.json"
    [ -z "$WIRELAB_EVIDENCE" ] || cp SEEN "$WIRELAB_EVIDENCE/lab01.$promise.evidence"
done
"#;

/// A record about a promise that does not hold.
pub fn failed() -> String {
    PASSED
        .replace("\"passed\"", "\"failed\"")
        .replace("\"report\": null", "\"report\": \"it is silent\"")
}

/// A course in which that judge says `verdict`.
pub fn desk(verdict: &str) -> Desk {
    let desk = Desk::new();
    for (name, script) in [("cargo", CARGO), ("judge", JUDGE)] {
        let place = |name: &str| desk.path(&format!("stage/{name}")).display().to_string();
        let names = ["ERROR", "SEEN", "JUDGE", "HOLD", "PROGRAM", "VERDICT"];
        let filled =
            |script: String, name: &&str| script.replace(name, &place(&name.to_lowercase()));
        let script = names.iter().fold(script.to_string(), filled);
        desk.save(&format!("stage/{name}"), &script);
        fs::set_permissions(desk.path(&format!("stage/{name}")), Permissions::from_mode(0o755))
            .unwrap();
    }
    desk.save("stage/verdict", verdict);
    desk
}

/// A watch with the stage's cargo before the real one.
pub fn command(desk: &Desk, arguments: &[&str]) -> Command {
    on_stage(desk, &[&["watch"], arguments].concat())
}

/// Any command with the stage's cargo before the real one.
pub fn on_stage(desk: &Desk, arguments: &[&str]) -> Command {
    let path = std::env::var("PATH").unwrap();
    let mut command = desk.command(arguments);
    command.env("PATH", format!("{}:{path}", desk.path("stage").display()));
    command
}

/// A watch that is running.
pub struct Watch {
    pub child: Child,
    keys: ChildStdin,
    lines: Receiver<String>,
}

impl Watch {
    pub fn start(desk: &Desk, arguments: &[&str]) -> Self {
        let mut child = command(desk, arguments).stdin(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|it| sender.send(it))
        });
        Self { keys: child.stdin.take().unwrap(), child, lines }
    }

    /// Reads on to a line with these words, and returns everything up to there.
    #[track_caller]
    pub fn until(&self, words: &str) -> String {
        let mut said = String::new();
        let limit = Instant::now() + LIMIT;
        while !said.contains(words) {
            match self.lines.recv_timeout(limit.saturating_duration_since(Instant::now())) {
                Ok(line) => said += &format!("{line}\n"),
                Err(error) => panic!("no {words:?} ({error}) in\n{said}"),
            }
        }
        said
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    #[track_caller]
    pub fn ends_well(mut self) {
        let ended = until(|| self.child.try_wait().unwrap());
        assert_eq!(ended.code(), Some(0));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks until there is an answer.
#[track_caller]
fn until<T>(mut question: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + LIMIT;
    loop {
        if let Some(answer) = question() {
            return answer;
        }
        assert!(Instant::now() < limit, "nothing has happened");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The program that the judge has started.
#[track_caller]
pub fn program(desk: &Desk) -> i32 {
    until(|| fs::read_to_string(desk.path("stage/program")).ok()?.trim().parse().ok())
}

/// Waits until a process has ended; that its parent has not noticed does not matter.
#[track_caller]
pub fn assert_ends(pid: i32) {
    until(|| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit_once(") ").map_or("gone", |(_, rest)| rest);
        ["gone", "Z", "X"].iter().any(|it| state.starts_with(it)).then_some(())
    });
}
