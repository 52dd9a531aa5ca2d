//! Programs of others that help: to talk by hand, to see packets, to keep what is judged apart.

use std::process::Command;

use super::Finding::{self, Without, Works};
use super::tools::{answer, install, is_here, output};

/// The loopback's name.
const LOOPBACK: &str = if cfg!(target_os = "linux") { "lo" } else { "lo0" };

/// What the chapters use to talk and to look.
pub fn wire() -> Vec<Finding> {
    let netcat = install("netcat-openbsd", "netcat", "openbsd-netcat", "it comes with macOS");
    let strace = install("strace", "strace", "strace", "use dtruss, which comes with macOS");
    let mut findings = vec![
        tool("nc", "talks to a server by hand", netcat),
        tool("strace", "shows the system calls of a program", strace),
    ];
    let tshark = install("tshark", "wireshark-cli", "wireshark-cli", "brew install wireshark");
    findings.push(shark("tshark", "tshark, which shows packets as text", tshark));
    let wireshark =
        install("wireshark", "wireshark", "wireshark-qt", "brew install --cask wireshark");
    findings.push(shark("wireshark", "Wireshark, which shows packets in windows", wireshark));
    findings.push(capture());
    findings
}

fn tool(name: &str, does: &str, advice: String) -> Finding {
    match is_here(name) {
        true => Works(format!("{name}, which {does}")),
        false => Without(format!("{name}, which {does}"), advice),
    }
}

fn shark(name: &str, what: &str, advice: String) -> Finding {
    match answer(Command::new(name).arg("--version")) {
        Some(version) => Works(version),
        None => Without(what.to_string(), advice),
    }
}

/// Whether packets may be captured on the loopback.
fn capture() -> Finding {
    let what = format!("capturing on the loopback ({LOOPBACK})");
    // To tell the link types of an interface, dumpcap must open it.
    let may = output(Command::new("dumpcap").args(["-L", "-i", LOOPBACK]));
    if may.as_ref().is_some_and(|output| output.status.success()) {
        return Works(what);
    }
    let advice = match may {
        None => "dumpcap comes with tshark: install that first",
        Some(_) if cfg!(target_os = "macos") => "install ChmodBPF, which comes with Wireshark",
        Some(_) => {
            "sudo dpkg-reconfigure wireshark-common (or your system's way), \
             sudo usermod -aG wireshark \"$USER\", and log in again"
        }
    };
    let namespace = match has_namespaces() {
        true => {
            "; until then, programs started in a network of their own can be captured there: \
                 unshare -rn"
        }
        false => "",
    };
    Without(what, format!("{advice}{namespace}"))
}

/// What keeps the programs of others apart from the judge and from the machine.
pub fn isolation() -> Vec<Finding> {
    let spaces = match has_namespaces() {
        true => Works("namespaces: a network and a user of one's own".into()),
        false => Without(
            "namespaces: not for you on this machine".into(),
            "only instructors need them; some systems have a switch: \
             sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns"
                .into(),
        ),
    };
    let arguments = ["--ro-bind", "/", "/", "--unshare-net", "--unshare-pid", "--proc", "/proc"];
    let sandbox = match answer(Command::new("bwrap").arg("--version")) {
        None => Without(
            "bubblewrap, which keeps a program in".into(),
            format!("only instructors need it: {}", bubblewrap()),
        ),
        Some(version) => {
            let tried =
                output(Command::new("bwrap").args(arguments).args(["--dev", "/dev", "true"]));
            match tried.is_some_and(|output| output.status.success()) {
                true => Works(version),
                false => Without(
                    format!("{version} is here, and does not run"),
                    "only instructors need it; it needs the namespaces above".into(),
                ),
            }
        }
    };
    vec![spaces, sandbox]
}

fn bubblewrap() -> String {
    install("bubblewrap", "bubblewrap", "bubblewrap", "there is none for macOS")
}

fn has_namespaces() -> bool {
    let tried =
        output(Command::new("unshare").args(["--user", "--map-root-user", "--net", "true"]));
    tried.is_some_and(|output| output.status.success())
}
