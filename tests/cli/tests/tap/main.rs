//! `cargo lab tap` as its users meet it: the real program between a client and a server of ours.

mod passing;
mod saying;
// What is for tests may unwrap.
#[cfg(test)]
mod stage;
mod writing;
