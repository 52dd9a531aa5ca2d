//! `cargo lab reset`.

use crate::desk::{Desk, ESCAPE};

const SERVER: &str = "labs/lab05-time-server/src/server.rs";
const PROTOCOL: &str = "labs/lab05-time-server/src/protocol.rs";
const KEPT: &str = ".wirelab/kept/lab05-time-server-1/src";

#[test]
fn a_lab_is_as_it_was_handed_out_and_what_was_there_is_kept() {
    let desk = Desk::new();
    let pristine = desk.text(SERVER);
    desk.save(SERVER, "// an evening\n");
    desk.save("labs/lab05-time-server/src/more/mine.rs", "// mine\n");
    let said = desk.lab(&["reset", "05", "--yes"]);
    said.is(0, &[SERVER, "more/mine.rs", KEPT, "cp -r ", "cargo lab check 5.1"]);
    said.never_says(&[PROTOCOL]);
    assert_eq!(desk.text(SERVER), pristine);
    assert!(!desk.path("labs/lab05-time-server/src/more/mine.rs").exists());
    assert_eq!(desk.text(&format!("{KEPT}/server.rs")), "// an evening\n");
    assert_eq!(desk.text(&format!("{KEPT}/more/mine.rs")), "// mine\n");
    desk.lab(&["reset", "05"]).is(0, &["lab05 is as it was handed out"]);
}

#[test]
fn what_was_kept_before_stays() {
    let desk = Desk::new();
    for evening in ["// first\n", "// second\n"] {
        desk.save(SERVER, evening);
        desk.lab(&["reset", "05", "--yes"]).is(0, &["Done."]);
    }
    assert_eq!(desk.text(&format!("{KEPT}/server.rs")), "// first\n");
    let second = ".wirelab/kept/lab05-time-server-2/src/server.rs";
    assert_eq!(desk.text(second), "// second\n");
}

#[test]
fn the_files_of_one_exercise_alone() {
    let desk = Desk::new();
    desk.save(SERVER, "// mine\n");
    desk.save(PROTOCOL, "// mine\n");
    // 5.2 is written in protocol.rs, where other exercises are written too.
    desk.lab(&["reset", "5.2", "--yes"]).is(0, &[PROTOCOL, "also has 5.1"]).never_says(&[SERVER]);
    assert_eq!(desk.text(SERVER), "// mine\n");
    assert!(desk.text(PROTOCOL).contains("exercise 5.2"));
}

#[test]
fn what_the_judge_said_is_forgotten_with_it() {
    let desk = Desk::new();
    desk.keep_promises("lab01", "ex1_1_");
    desk.lab(&[]).is(0, &["   done  1.1"]);
    desk.save("labs/lab01-blocking-echo/src/listener.rs", "// mine\n");
    desk.lab(&["reset", "1.1", "--yes"]).is(0, &["Done."]);
    desk.lab(&[]).is(0, &["   next  1.1"]);
}

#[test]
fn a_file_that_is_gone_comes_back() {
    let desk = Desk::new();
    desk.remove("labs/lab05-time-server");
    let said = desk.lab(&["reset", "05", "--yes"]);
    said.is(0, &[SERVER, PROTOCOL]).never_says(&["kept"]);
    assert!(desk.text(PROTOCOL).contains("exercise 5.2"));
}

#[test]
fn where_nobody_can_be_asked_it_wants_to_be_told() {
    let desk = Desk::new();
    desk.save(SERVER, "// mine\n");
    desk.lab(&["reset", "05"]).is(2, &["nobody to ask", "--yes"]);
    assert_eq!(desk.text(SERVER), "// mine\n");
}

#[test]
fn on_a_terminal_it_asks_and_only_yes_is_yes() {
    let desk = Desk::new();
    desk.save(SERVER, "// mine\n");
    for no in ["\n", "n\n", "yellow\n"] {
        desk.lab_on_terminal(&["reset", "05"], no).is(1, &["[y/N]", "Nothing was changed."]);
    }
    assert_eq!(desk.text(SERVER), "// mine\n");
    desk.lab_on_terminal(&["reset", "05"], "Yes\n").is(0, &["[y/N]", "Done."]);
    assert_ne!(desk.text(SERVER), "// mine\n");
}

#[test]
fn a_lab_that_nobody_touched_is_left_alone() {
    let desk = Desk::new();
    let said = desk.lab(&["reset", "05"]);
    said.is(0, &["as it was handed out", "cargo lab check 5.1"]).never_says(&[ESCAPE]);
    assert!(!desk.path(".wirelab").exists());
}

#[test]
fn a_student_edition_resets_from_its_pristine_copy() {
    let desk = Desk::of_a_student();
    let pristine = desk.text(SERVER);
    desk.save(SERVER, "// mine\n");
    desk.lab(&["reset", "5", "--yes"]).is(0, &[SERVER, KEPT]);
    assert_eq!(desk.text(SERVER), pristine);
    desk.remove(".wirelab/pristine/lab01-blocking-echo");
    desk.lab(&["reset", "1", "--yes"]).is(2, &["no pristine copy of lab01"]);
}

#[test]
fn what_is_no_lab_names_those_there_are() {
    let desk = Desk::new();
    desk.lab(&["reset", "9", "--yes"]).is(2, &["there is no lab 9; there are 01"]);
    desk.lab(&["reset"]).is(2, &["Usage: cargo lab reset"]);
}
