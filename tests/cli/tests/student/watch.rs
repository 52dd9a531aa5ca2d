//! `cargo lab watch`, with a judge that says what it is told to.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::desk::{Desk, ESCAPE, PASSED};
use crate::stage::{LISTENER, Watch, assert_ends, command, desk, failed, program};

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
