//! `cargo lab solution`.

use crate::desk::{Desk, assert_colours_are_asked_for};

/// A line of the reference for 1.1.
const LINE: &str = "set_reuse_address(true)";

#[test]
fn it_is_shown_once_the_exercise_holds() {
    let desk = Desk::new();
    let early = desk.lab(&["solution", "1.1"]);
    early.is(1, &["1.1 does not hold yet: 0 of its ", "cargo lab hint 1.1", "--anyway"]);
    early.never_says(&[LINE]);
    desk.keep_promises("lab01", "ex1_1_");
    desk.lab(&["solution", "1.1"]).is(0, &[LINE, "src/listener.rs, from line "]);
}

#[test]
fn it_is_shown_anyway_to_who_insists() {
    let desk = Desk::new();
    let said = desk.lab(&["solution", "1.1", "--anyway"]);
    said.is(0, &[LINE, "labs/lab01-blocking-echo/"]).never_says(&["ANCHOR"]);
}

#[test]
fn every_body_of_an_exercise_is_shown_with_its_line() {
    let desk = Desk::new();
    let said = desk.lab(&["solution", "5.1", "--anyway"]);
    for place in said.out.lines().filter_map(|line| line.strip_suffix(':')) {
        let (file, line) = place.split_once(", from line ").unwrap();
        let marker =
            desk.text(file).lines().nth(line.parse::<usize>().unwrap() - 2).unwrap().to_string();
        assert!(marker.contains("// ANCHOR: ex5_1"), "{place}: {marker}");
    }
    assert!(said.out.matches(", from line ").count() > 1, "{}", said.out);
}

#[test]
fn every_exercise_has_one() {
    let desk = Desk::new();
    for line in desk.lab(&[]).out.lines().filter(|line| line.ends_with(')')) {
        let words = line.split_whitespace();
        let Some(name) = words.take(2).find(|word| word.contains('.')) else { continue };
        desk.lab(&["solution", name, "--anyway"]).is(0, &[", from line "]);
    }
}

#[test]
fn a_student_edition_says_who_has_it() {
    let desk = Desk::of_a_student();
    desk.lab(&["solution", "1.1", "--anyway"]).is(1, &["your instructor", "cargo lab hint 1.1"]);
    desk.lab(&["check", "01", "--solution"]).is(2, &["a student edition has no solutions"]);
    desk.save(".wirelab/instructor", "Ibu Sari,\nroom 12\u{7}\n");
    desk.lab(&["solution", "1.1", "--anyway"]).is(1, &["1.1: Ibu Sari, room 12\n"]);
}

#[test]
fn what_is_no_exercise_names_those_there_are() {
    let desk = Desk::new();
    desk.lab(&["solution", "01"]).is(2, &["say which exercise; lab01 has 1.1"]);
    desk.lab(&["solution", "1.7"]).is(2, &["there is no exercise 1.7; lab01 has 1.1"]);
    desk.lab(&["solution"]).is(2, &["Usage: cargo lab solution"]);
}

#[test]
fn it_has_colours_on_a_terminal_only() {
    assert_colours_are_asked_for(&Desk::new(), &["solution", "1.1", "--anyway"]);
}
