//! `cargo lab capture`: a real capture of a lab's program, in a private network.

pub mod network;
pub mod program;
pub mod recorder;
pub mod tshark;
