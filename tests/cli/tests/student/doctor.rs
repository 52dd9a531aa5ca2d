//! `cargo lab doctor`.

use std::net::TcpListener;

use crate::desk::{Desk, assert_colours_are_asked_for};

#[test]
fn where_these_tests_run_nothing_is_missing() {
    let said = Desk::new().lab(&["doctor"]);
    said.is(0, &["  works    Rust ", "a small program was built, and runs", "Next: cargo lab"]);
    said.never_says(&["  missing  "]);
}

#[test]
fn without_rust_it_says_how_to_get_it() {
    let desk = Desk::new();
    let mut command = desk.command(&["doctor"]);
    let output = command.env("PATH", desk.path("empty")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("  missing  Rust: rustc does not answer\n"), "{said}");
    assert!(said.contains("do: install Rust with rustup"), "{said}");
    assert!(said.contains("things are missing."), "{said}");
}

#[test]
fn a_port_in_use_is_named_with_its_holder() {
    let desk = Desk::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let catalogue =
        desk.text("tests/exercises.toml").replace("port = 5001", &format!("port = {port}"));
    desk.save("tests/exercises.toml", &catalogue);
    let said = desk.lab(&["doctor"]);
    said.is(0, &[&format!("port {port} of lab01: "), "cargo run -p lab01 -- --listen"]);
    if cfg!(target_os = "linux") {
        said.is(0, &[&format!("(process {}) has it", std::process::id())]);
    }
}

#[test]
fn it_takes_no_arguments() {
    Desk::new()
        .lab(&["doctor", "05"])
        .is(2, &["unexpected argument '05'", "Usage: cargo lab doctor"]);
}

#[test]
fn it_has_colours_on_a_terminal_only() {
    assert_colours_are_asked_for(&Desk::new(), &["doctor"]);
}
