//! `cargo lab watch`, with a judge that says what it is told to.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::desk::{Desk, ESCAPE, PASSED};

/// How long anything may take here.
const LIMIT: Duration = Duration::from_secs(30);

const LISTENER: &str = "labs/lab01-blocking-echo/src/listener.rs";

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
    [ "$promise" = --exact ] || cp VERDICT "$WIRELAB_RESULTS/lab01.$promise.json"
done
"#;

/// A record about a promise that does not hold.
fn failed() -> String {
    PASSED
        .replace("\"passed\"", "\"failed\"")
        .replace("\"report\": null", "\"report\": \"it is silent\"")
}

/// A course in which that judge says `verdict`.
fn desk(verdict: &str) -> Desk {
    let desk = Desk::new();
    for (name, script) in [("cargo", CARGO), ("judge", JUDGE)] {
        let place = |name: &str| desk.path(&format!("stage/{name}")).display().to_string();
        let names = ["ERROR", "JUDGE", "HOLD", "PROGRAM", "VERDICT"];
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

/// The command with the stage's cargo before the real one.
fn command(desk: &Desk, arguments: &[&str]) -> Command {
    let path = std::env::var("PATH").unwrap();
    let mut command = desk.command(&[&["watch"], arguments].concat());
    command.env("PATH", format!("{}:{path}", desk.path("stage").display()));
    command
}

/// A watch that is running.
struct Watch {
    child: Child,
    keys: ChildStdin,
    lines: Receiver<String>,
}

impl Watch {
    fn start(desk: &Desk, arguments: &[&str]) -> Self {
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
    fn until(&self, words: &str) -> String {
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

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    #[track_caller]
    fn ends_well(mut self) {
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
fn program(desk: &Desk) -> i32 {
    until(|| fs::read_to_string(desk.path("stage/program")).ok()?.trim().parse().ok())
}

/// Waits until a process has ended; that its parent has not noticed does not matter.
#[track_caller]
fn assert_ends(pid: i32) {
    until(|| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit_once(") ").map_or("gone", |(_, rest)| rest);
        ["gone", "Z", "X"].iter().any(|it| state.starts_with(it)).then_some(())
    });
}

#[test]
fn each_save_is_judged() {
    let desk = desk(&failed());
    let mut watch = Watch::start(&desk, &["1.1"]);
    let said = watch.until("Waiting for a save in labs/lab01-blocking-echo/.");
    assert!(said.starts_with("Run 1: 1.1, Make a listener by hand\n"), "{said}");
    assert!(said.contains("it is silent") && said.contains("Not yet."), "{said}");
    desk.save("stage/verdict", PASSED);
    desk.save(LISTENER, "// mine\n");
    let said = watch.until("Waiting for a save");
    assert!(said.starts_with("Run 2: 1.1"), "{said}");
    assert!(said.contains("1.1 is done. Next: 1.2, "), "{said}");
    assert!(said.contains("cargo lab watch 1.2"), "{said}");
    watch.press("q\n");
    watch.until("Ended. Next: cargo lab");
    watch.ends_well();
}

#[test]
fn without_a_name_it_goes_on_to_the_next_exercise() {
    let desk = desk(PASSED);
    let mut watch = Watch::start(&desk, &[]);
    let said = watch.until("Waiting");
    assert!(said.contains("Run 1: 1.1,"), "{said}");
    assert!(said.contains("1.1 is done. Next: 1.2,") && said.contains("press Enter"), "{said}");
    watch.press("\n");
    let said = watch.until("Waiting");
    assert!(said.contains("Run 2: 1.2,"), "{said}");
    watch.press("q\n");
    watch.ends_well();
}

#[test]
fn after_the_last_exercise_of_a_lab_it_waits_for_the_next_lab() {
    let desk = desk(PASSED);
    desk.keep_promises("lab01", "ex1_");
    for record in fs::read_dir(desk.path("target/wirelab/results")).unwrap() {
        let path = record.unwrap().path();
        if path.display().to_string().contains(".ex1_6_") {
            fs::remove_file(path).unwrap();
        }
    }
    desk.save("labs/lab02-select-server/src/server.rs", "");
    let watch = Watch::start(&desk, &[]);
    let said = watch.until("Waiting for a save in labs/lab02-select-server/.");
    assert!(said.contains("Run 1: 1.6,") && said.contains("1.6 is done. Next: 2.1,"), "{said}");
    desk.save("labs/lab02-select-server/src/server.rs", "// mine\n");
    watch.until("Run 2: 2.1,");
}

#[test]
fn when_a_lab_is_done_all_of_it_is_judged() {
    let desk = desk(PASSED);
    desk.keep_promises("lab01", "ex1_");
    let watch = Watch::start(&desk, &["01"]);
    let said = watch.until("Waiting");
    assert!(said.contains("Run 1: lab01, ") && said.contains("1.6  "), "{said}");
    assert!(said.contains("lab01 is done."), "{said}");
    desk.save("stage/verdict", &failed());
    desk.save(LISTENER, "// mine\n");
    assert!(watch.until("Waiting").contains("Not yet."));
    desk.save(LISTENER, "// mine again\n");
    watch.until("Run 3: 1.1,");
}

#[test]
fn when_everything_is_done_it_says_so() {
    let desk = desk(PASSED);
    for number in 1..=8 {
        let package = format!("lab{number:02}");
        if desk.path(&format!("tests/labs/{package}.rs")).exists() {
            desk.keep_promises(&package, "ex");
        }
    }
    Watch::start(&desk, &[]).ends_well();
}

#[test]
fn where_nobody_tells_of_saves_it_looks() {
    let desk = desk(&failed());
    let watch = Watch::start(&desk, &["1.1", "--poll"]);
    watch.until("looking twice a second");
    desk.save(LISTENER, "// mine\n");
    watch.until("Run 2: 1.1");
}

#[test]
fn a_program_that_does_not_compile_waits_for_the_next_save() {
    let desk = desk(PASSED);
    // It held before, but that does not count now.
    desk.keep_promises("lab01", "ex1_1_");
    desk.save("stage/error", "error: expected one of\n");
    let watch = Watch::start(&desk, &["1.1"]);
    let said = watch.until("Waiting");
    assert!(said.contains("lab01 does not compile") && said.contains("Not yet."), "{said}");
    fs::remove_file(desk.path("stage/error")).unwrap();
    desk.save(LISTENER, "// mine\n");
    assert!(watch.until("Waiting").contains("1.1 is done."));
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells of processes in /proc")]
fn a_save_during_a_run_ends_it_with_all_it_has_started() {
    let desk = desk(PASSED);
    desk.save("stage/hold", "");
    let watch = Watch::start(&desk, &["1.1"]);
    let program = program(&desk);
    fs::remove_file(desk.path("stage/hold")).unwrap();
    desk.save(LISTENER, "// mine\n");
    assert!(watch.until("is done.").contains("Run 2: 1.1"));
    assert_ends(program);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells of processes in /proc")]
fn ctrl_c_during_a_run_ends_everything() {
    let desk = desk(PASSED);
    desk.save("stage/hold", "");
    let watch = Watch::start(&desk, &["1.1"]);
    let program = program(&desk);
    let pid = i32::try_from(watch.child.id()).unwrap();
    kill(Pid::from_raw(pid), Signal::SIGINT).unwrap();
    watch.until("Ended.");
    watch.ends_well();
    assert_ends(program);
}

#[test]
fn a_run_has_a_screen_of_its_own_on_a_terminal_only() {
    let desk = desk(PASSED);
    let clear = "\x1b[2J\x1b[H";
    let live = desk.on_terminal(command(&desk, &["1.1"]), "\n\nq\n");
    assert!(live.out.contains(&format!("{clear}Run 1: 1.1")), "{}", live.out);
    assert_eq!(live.code, Some(0));
    let mut plain = command(&desk, &["1.1"]);
    plain.env("NO_COLOR", "1");
    let plain = desk.on_terminal(plain, "q\n");
    assert!(!plain.out.replace(clear, "").contains(ESCAPE), "{}", plain.out);
    let mut watch = Watch::start(&desk, &["1.1"]);
    let said = watch.until("Waiting");
    assert!(!said.contains(ESCAPE), "{said}");
    watch.press("q\n");
    watch.ends_well();
}

#[test]
fn what_is_no_exercise_names_those_there_are() {
    let desk = Desk::new();
    desk.lab(&["watch", "1.9"]).is(2, &["there is no exercise 1.9; lab01 has 1.1"]);
    desk.lab(&["watch", "1.1", "2.1"]).is(2, &["1.1 and 2.1 are not in one lab"]);
}
