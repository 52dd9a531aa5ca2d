//! `cargo lab capture`: a real capture of a lab's program, in a private network, by anybody.
//!
//! ```text
//!   cargo lab capture 05 -- nc 127.0.0.1 45000
//!     |
//!     +-- a private network ---------------------------------+
//!     |     the lab's program, on its port   <--->  the client |
//!     |                          dumpcap                       |
//!     +------------------------------|-------------------------+
//!                                    v
//!                             lab05.pcapng
//! ```

pub mod network;
pub mod program;
pub mod recorder;
pub mod server;
pub mod tshark;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::catalogue::{Course, Lab};
use crate::{Answer, edition};
use network::Way;
use recorder::Recorder;
use server::Server;

/// How long connections may take to end when the client has gone.
const GOODBYE: Duration = Duration::from_secs(2);

/// Capture what a client and your lab's program say to each other
#[derive(Args)]
#[command(after_help = "Examples:
  cargo lab capture 05                           a shell beside your server: talk to it, then `exit`
  cargo lab capture 05 -- nc 127.0.0.1 45000
  cargo lab capture 04 --server '--framing prefix' -- cargo run -p lab04 -- client --framing prefix halo
  cargo lab capture 05 --solution --write /tmp/time.pcapng -- nc 127.0.0.1 45000

It needs Linux, `unshare` and `dumpcap` (which comes with tshark), and no rights at all.")]
pub struct Arguments {
    /// The lab (05)
    lab: String,

    /// What talks to the server; without it you get a shell from which you can
    #[arg(last = true, value_name = "CLIENT COMMAND")]
    client: Vec<String>,

    /// Where the capture goes [default: target/wirelab/lab05.pcapng]
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,

    /// Further arguments of the server, as in a shell
    #[arg(long, value_name = "ARGUMENTS", default_value = "", allow_hyphen_values = true)]
    server: String,

    /// Capture the solution
    #[arg(long)]
    solution: bool,

    /// We are in a private network already, and this is the server's program
    #[arg(long, hide = true, value_name = "PROGRAM")]
    inside: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let lab = course.lab(&arguments.lab)?;
    let capture = file(arguments, &course, lab);
    if let Some(program) = &arguments.inside {
        record(arguments, program, &capture)?;
        return Ok(Answer::Yes);
    }
    if arguments.solution && edition::is_students(&course) {
        bail!(
            "a student edition has no solutions; capture yours: cargo lab capture {}",
            lab.number
        );
    }
    let way = match Way::find() {
        Ok(way) => way,
        Err(why) => return Ok(refuse(&format!("{why:#}"), lab)),
    };
    let package = if arguments.solution { lab.solution() } else { lab.package() };
    let program = program::build(&course, &package)?;
    if let Some(folder) = capture.parent().filter(|folder| *folder != Path::new("")) {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    // Ctrl+C is for the client; what it has said is captured all the same.
    recorder::let_ctrl_c_pass()?;
    let status = way
        .command(env::current_exe()?)
        .args(["capture", &arguments.lab, "--server", &arguments.server, "--inside"])
        .arg(program)
        .arg("--write")
        .arg(&capture)
        .arg("--")
        .args(&arguments.client)
        .status()
        .context("cannot start ourselves")?;
    Ok(if status.success() { show(&course, lab, &capture)? } else { Answer::No })
}

/// Where the capture goes.
fn file(arguments: &Arguments, course: &Course, lab: &Lab) -> PathBuf {
    arguments.write.clone().unwrap_or_else(|| usual_place(course, lab))
}

/// Where the last capture of `lab` is, unless the user wanted it elsewhere.
pub fn usual_place(course: &Course, lab: &Lab) -> PathBuf {
    course.root.join("target/wirelab").join(format!("{}.pcapng", lab.package()))
}

/// Records, in the private network, what the client and the server say.
fn record(arguments: &Arguments, program: &Path, capture: &Path) -> Result<()> {
    let recorder = Recorder::start(capture, None)?;
    let words = shell_words::split(&arguments.server).context("--server")?;
    let server = Server::start(Command::new(program).args(words))?;
    let client = arguments.client.split_first();
    let mut command = match client {
        Some((name, rest)) => {
            let mut command = Command::new(name);
            command.args(rest);
            command
        }
        None => shell(&server),
    };
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if client.is_some() && !status.success() {
        eprintln!("cargo lab: the client ended with {status}; what it said is captured");
    }
    // Who has been silent for so long will stay silent.
    let _ = network::await_rest(GOODBYE);
    recorder.finish(capture)
}

/// A shell for people, in the private network.
fn shell(server: &Server) -> Command {
    eprintln!("\nYou are in a network of its own, and the server is {}.", server.said);
    eprintln!("Talk to it, with `nc` or with a client of yours; leave with `exit` or Ctrl+D.\n");
    Command::new(env::var_os("SHELL").unwrap_or_else(|| "sh".into()))
}

/// Says what there is now, and what to do with it.
fn show(course: &Course, lab: &Lab, capture: &Path) -> Result<Answer> {
    let packets = tshark::values(course, capture, "frame", "frame.number")?.len();
    let name = from_here(capture).display();
    say!("\n{packets} packets are in {name}");
    let ours = course.root.join("wireshark");
    let ours = from_here(&ours).display();
    say!("Next: look at them   WIRESHARK_CONFIG_DIR={ours} wireshark -C wirelab {name}");
    say!("      questions      cargo lab wireshark {:02} {name}", lab.number);
    Ok(Answer::Yes)
}

/// The path as somebody would type it who is where we are.
fn from_here(path: &Path) -> &Path {
    let here = env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path)
}

/// Says why it cannot be done here, and what can.
fn refuse(why: &str, lab: &Lab) -> Answer {
    let (number, port) = (lab.number, lab.port);
    say!("This machine does not let us capture: {why}");
    say!("A tap needs no rights. It stands between client and server, and writes what passes.\n");
    say!("Next: the server   cargo run -p {}", lab.package());
    say!(
        "      the tap      cargo lab tap --listen 7007 --to {port} --write lab{number:02}.pcapng"
    );
    say!("      the client   connects to 127.0.0.1:7007, instead of {port}");
    Answer::No
}
