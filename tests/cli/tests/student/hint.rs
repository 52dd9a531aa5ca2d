//! `cargo lab hint`.

use crate::desk::{Desk, assert_colours_are_asked_for};

#[test]
fn they_come_one_at_a_time_and_are_remembered() {
    let desk = Desk::new();
    let first = desk.lab(&["hint", "5.2"]);
    first.is(0, &["Hint 1 of 3 (a question)", "cargo lab hint 5.2"]).never_says(&["Hint 2"]);
    desk.lab(&["hint", "ex5_2"]).is(0, &["Hint 2 of 3 (a direction)"]).never_says(&["Hint 1"]);
    desk.lab(&["hint", "05", "5.2"]).is(0, &["Hint 3 of 3 (the way)", "the last"]);
    let spent = desk.lab(&["hint", "5.2"]);
    spent.is(0, &["all three", "--again", "book/src/lab05", "cargo lab solution 5.2"]);
    spent.never_says(&["Hint 1", "Hint 2", "Hint 3"]);
}

#[test]
fn those_of_one_exercise_do_not_count_for_another() {
    let desk = Desk::new();
    desk.lab(&["hint", "5.2"]).is(0, &["Hint 1 of 3"]);
    desk.lab(&["hint", "5.3"]).is(0, &["Hint 1 of 3"]);
    desk.lab(&["hint", "5.2"]).is(0, &["Hint 2 of 3"]);
}

#[test]
fn those_seen_are_shown_again_and_no_other() {
    let desk = Desk::new();
    desk.lab(&["hint", "5.2", "--again"]).is(0, &["not seen one yet"]).never_says(&["Hint 1"]);
    desk.lab(&["hint", "5.2"]);
    desk.lab(&["hint", "5.2"]);
    let again = desk.lab(&["hint", "5.2", "--again"]);
    again.is(0, &["Hint 1 of 3", "Hint 2 of 3"]).never_says(&["Hint 3"]);
    desk.lab(&["hint", "5.2"]).is(0, &["Hint 3 of 3"]);
}

#[test]
fn without_a_name_it_is_for_the_next_on_the_map() {
    let desk = Desk::new();
    desk.keep_promises("lab01", "ex1_1_");
    desk.lab(&["hint"]).is(0, &["Exercise 1.2, ", "Hint 1 of 3"]);
}

#[test]
fn a_memory_that_makes_no_sense_is_forgotten() {
    let desk = Desk::new();
    desk.save("target/wirelab/hints", "5.2 many\n5.3 4000000000000\nnothing\n\u{0}\n5.4 1\n");
    desk.lab(&["hint", "5.2"]).is(0, &["Hint 1 of 3"]);
    desk.lab(&["hint", "5.3"]).is(0, &["all three"]);
    desk.lab(&["hint", "5.4"]).is(0, &["Hint 2 of 3"]);
    std::fs::write(desk.path("target/wirelab/hints"), b"\xff\xfe").unwrap();
    desk.lab(&["hint", "5.2"]).is(0, &["Hint 1 of 3"]);
}

#[test]
fn what_is_no_exercise_names_those_there_are() {
    let desk = Desk::new();
    desk.lab(&["hint", "05"]).is(2, &["say which exercise; lab05 has 5.1, 5.2"]);
    desk.lab(&["hint", "5.x"]).is(2, &["there is no exercise 5.x; lab05 has 5.1"]);
    desk.lab(&["hint", "x"]).is(2, &["there is no lab x; there are 01"]);
}

#[test]
fn it_has_colours_on_a_terminal_only() {
    assert_colours_are_asked_for(&Desk::new(), &["hint", "1.1"]);
}
