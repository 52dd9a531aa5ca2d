//! `cargo lab wireshark` and `cargo lab capture`, with a tshark and an unshare of the test's own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::desk::{Desk, Said};

const QUESTIONS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wireshark/questions.toml"));

/// Prints the file that has the name of the field that it is asked for.
const TSHARK: &str = r#"#!/bin/bash
while [ $# -gt 0 ]; do
    [ "$1" != -e ] || field=$2
    shift
done
cat FIELDS/said >&2 2>/dev/null
cat "FIELDS/$field" 2>/dev/null
exit 0
"#;

/// A desk with a capture of lab05, in which tshark finds two requests and a reply.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.save("wireshark/questions.toml", QUESTIONS);
    desk.save("my.pcapng", "");
    program(&desk, "tshark", &TSHARK.replace("FIELDS", &desk.path("fields").to_string_lossy()));
    for (field, values) in [
        ("tcp.srcport", "45000\n40001\n"),
        ("wirelab.time.request", "TIME\x1fTIME\n"),
        ("frame.number", "6\n"),
        ("wirelab.time.time", "0.001\n0.0125\n"),
    ] {
        desk.save(&format!("fields/{field}"), values);
    }
    desk
}

fn program(desk: &Desk, name: &str, script: &str) {
    let path = format!("bin/{name}");
    desk.save(&path, script);
    fs::set_permissions(desk.path(&path), Permissions::from_mode(0o755)).unwrap();
}

/// A command that meets the test's own programs first.
fn command(desk: &Desk, arguments: &[&str]) -> Command {
    let mut command = desk.command(arguments);
    let usual = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{usual}", desk.path("bin").display()));
    command
}

fn answers(desk: &Desk, answers: &str) -> Said {
    let arguments = ["wireshark", "05", "my.pcapng", "--answers", answers];
    Said::of(&command(desk, &arguments).output().unwrap())
}

#[test]
fn what_the_capture_says_is_right() {
    answers(&desk(), "45000,2,6,12.5").is(0, &["   right: 12.5", "4 of 4 right."]);
    answers(&desk(), "45000,2,6,12.45").is(0, &["4 of 4 right."]);
}

#[test]
fn what_is_wrong_is_sent_to_look_again_and_not_told() {
    let said = answers(&desk(), "45000,7,6,12");
    said.is(1, &["no: \"7\"", "Look again: ", "wirelab.time.request", "2 of 4 right."]);
    said.never_says(&["12.5"]);
}

#[test]
fn a_capture_without_the_answer_says_what_it_needs() {
    let desk = desk();
    fs::remove_file(desk.path("fields/wirelab.time.time")).unwrap();
    let words = ["This capture cannot tell: no request in it has a reply.", "cargo lab capture 05"];
    answers(&desk, "45000,2,6,1").is(1, &words);
    desk.save("fields/frame.number", "");
    answers(&desk, "45000,2,6,1").is(1, &["has no packet of lab05, port 45000."]);
}

#[test]
fn a_script_that_fails_inside_tshark_is_not_taken_for_an_answer() {
    let desk = desk();
    desk.save("fields/said", "tshark: Lua: Error during loading: 05-time.lua\n");
    answers(&desk, "45000,2,6,12.5").is(2, &["Lua: Error during loading"]);
}

#[test]
fn somebody_at_a_terminal_is_asked() {
    let desk = desk();
    let command = command(&desk, &["wireshark", "05", "my.pcapng"]);
    let said = desk.on_terminal(command, "45000\n2\n6\n12.5\n");
    said.is(0, &["1. Who ended first?", "4 of 4 right."]);
}

#[test]
fn as_many_answers_as_questions_and_a_file_that_is_there() {
    answers(&desk(), "1,2").is(2, &["there are 4 questions, and 2 answers"]);
    desk().lab(&["wireshark", "05", "nope.pcapng"]).is(2, &["there is no file nope.pcapng"]);
}

#[test]
fn where_nobody_may_capture_the_tap_is_offered() {
    let desk = desk();
    program(
        &desk,
        "unshare",
        "#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n",
    );
    let output = command(&desk, &["capture", "05", "--", "true"]).output().unwrap();
    let words = [
        "cannot make a private network: unshare failed: Operation not permitted",
        "cargo lab tap --listen 7007 --to 45000 --write lab05.pcapng",
    ];
    Said::of(&output).is(1, &words);
}
