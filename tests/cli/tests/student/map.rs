//! `cargo lab`: the map.

use std::fs::File;
use std::process::Command;
use std::time::SystemTime;

use tempfile::TempDir;

use crate::desk::{Desk, assert_colours_are_asked_for};

#[test]
fn it_says_what_is_next_and_where() {
    let desk = Desk::new();
    let said = desk.lab(&[]);
    said.is(0, &["   next  1.1  Make a listener by hand  (0 of ", "Done: 0 of "]);
    said.is(0, &["Next: exercise 1.1", "labs/lab01-blocking-echo/src/listener.rs"]);
    said.is(0, &["book/src/lab01-blocking-echo.md", "cargo lab watch 1.1", "cargo lab hint 1.1"]);
}

#[test]
fn it_adds_up_what_is_done() {
    let desk = Desk::new();
    desk.keep_promises("lab01", "ex1_1_");
    desk.lab(&["map"]).is(0, &["   done  1.1  ", "   next  1.2  ", "Done: 1 of ", " 10 of "]);
}

#[test]
fn it_says_when_a_verdict_is_older_than_the_program() {
    let desk = Desk::new();
    desk.keep_promises("lab01", "ex1_1_");
    desk.lab(&[]).never_says(&["changed since"]);
    let source = desk.path("labs/lab01-blocking-echo/src/main.rs");
    let later = SystemTime::now() + std::time::Duration::from_secs(60);
    File::options().append(true).open(source).unwrap().set_modified(later).unwrap();
    desk.lab(&[]).is(0, &["changed since)"]);
}

#[test]
fn a_record_that_cannot_be_read_says_nothing() {
    let desk = Desk::new();
    desk.keep_promises("lab01", "ex1_1_");
    for entry in std::fs::read_dir(desk.path("target/wirelab/results")).unwrap() {
        std::fs::write(entry.unwrap().path(), b"\xff{").unwrap();
    }
    desk.lab(&[]).is(0, &["   next  1.1  "]);
}

#[test]
fn elsewhere_it_says_that_this_is_not_the_course() {
    let elsewhere = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-lab"));
    let output = command.current_dir(elsewhere.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.starts_with("cargo lab: this folder is not inside Wirelab; go to"), "{errors}");
}

#[test]
fn a_command_that_there_is_not_is_a_usage_mistake() {
    Desk::new().lab(&["fly"]).is(2, &["unrecognized subcommand 'fly'", "Usage: cargo lab"]);
}

#[test]
fn a_lab_or_exercise_that_there_is_not_names_those_there_are() {
    let desk = Desk::new();
    desk.lab(&["check", "99"]).is(2, &["there is no lab 99; there are 01, 02, 03"]);
    desk.lab(&["check", "5.9"]).is(2, &["there is no exercise 5.9; lab05 has 5.1, 5.2"]);
    desk.lab(&["check", "5.1", "1.2"]).is(2, &["5.1 and 1.2 are not in one lab"]);
}

#[test]
fn it_has_colours_on_a_terminal_only() {
    assert_colours_are_asked_for(&Desk::new(), &[]);
}
