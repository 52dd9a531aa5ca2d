//! The judge of Wirelab: it starts a program, talks to it over real sockets, and says what it saw.
//!
//! A promise is an ordinary test that holds a conversation:
//!
//! ```text
//! #[test]
//! fn ex1_2_a_message_comes_back_byte_for_byte() {
//!     promise!("TCP carries bytes and changes none of them.", |lab| {
//!         let server = lab.server();
//!         let mut peer = server.peer();
//!         peer.send("halo\r\n").expect("halo\r\n").half_close().expect_eof();
//!     });
//! }
//! ```
//!
//! # Layout
//!
//! Read in this order:
//!
//! - [`promise!`] and `promise`: what happens around a conversation: verdict, record, snapshot.
//! - [`Lab`]: what a promise starts from: the program under judgement, on either side of a socket.
//! - [`Peer`]: one end of a connection, ours. The four verbs, and what makes bugs show every time.
//! - [`Crowd`]: many peers at once. [`UdpPeer`]: one who sends datagrams.
//! - [`Server`] and [`Program`]: the program under judgement, seen from outside.
//! - [`Host`]: a server of ours, for programs that are clients.
//! - [`Payload`]: bytes, and how they are shown.
//! - [`Message`] and [`Wanted`]: HTTP, as it is meant and not as it is written.
//! - [`Reply`]: the same for the file server, whose replies are JSON.
//! - [`Folder`]: the files that a server serves, seen from outside.
//! - [`Varying`] and [`Zone`]: lines of which a part varies, and what time it is where.
//! - `conversation`, `report`, `record`: what was said, in words, in a file. All words of a
//!   failure stand in `report`.
//! - `evidence`: what went over our sockets, in a file, for Wireshark.
//! - `wire`, `process`, `output`: the same without words or verdicts: a socket, a process, its
//!   standard streams.
//! - `defendant`, `patience`, `kernel`, `limits`: which program, how long to wait, what Linux
//!   knows, how many descriptors there are.
//!
//! Every wait has a deadline, and every verb that fails ends the promise there and then.

#[cfg(not(unix))]
compile_error!("the judge needs Unix sockets and signals; on Windows, work inside WSL2");

mod base64;
mod case;
mod conversation;
mod crowd;
mod defendant;
#[cfg(target_os = "linux")]
mod diag;
mod evidence;
mod folder;
mod json;
mod kernel;
mod lab;
mod limits;
mod message;
mod output;
mod patience;
mod payload;
mod peer;
mod process;
mod program;
mod promise;
mod record;
mod reply;
mod report;
mod server;
mod sockets;
mod udp_peer;
mod varying;
mod wanted;
mod wire;
mod zone;

pub use crowd::Crowd;
pub use defendant::Defendant;
pub use folder::Folder;
pub use lab::{FullHouse, Host, Lab, Nobody};
pub use message::Message;
pub use patience::Patience;
pub use payload::{Payload, counted};
pub use peer::Peer;
pub use program::Program;
pub use promise::{Verdict, hear, judge};
pub use reply::Reply;
pub use server::{Server, Worker};
pub use udp_peer::UdpPeer;
pub use varying::Varying;
pub use wanted::Wanted;
pub use zone::Zone;
