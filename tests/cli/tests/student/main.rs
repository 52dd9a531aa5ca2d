//! `cargo lab` as students meet it: the real program, in a copy of the course of its own.
//!
//! Nothing is built here: where a command would build and judge, a `cargo` and a judge of the test's
//! own say what they are told to.

// What is for tests may unwrap.
#[cfg(test)]
mod check;
#[cfg(test)]
mod desk;
mod doctor;
mod hint;
mod map;
mod reset;
mod solution;
#[cfg(test)]
mod stage;
mod watch;
#[cfg(test)]
mod wireshark;
