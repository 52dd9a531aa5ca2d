//! Which of the labs' ports are in use, and by whom.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;

use super::Finding::{self, Without, Works};
use crate::catalogue::{Course, Lab};

/// The state of a listening socket in the kernel's table.
const LISTENS: &str = "0A";

pub fn all(course: &Course) -> Vec<Finding> {
    let ports = |lab: &Lab| std::iter::once(lab.port).chain(lab.more_ports.clone());
    let labs = course.labs.iter();
    let mut free = Vec::new();
    let mut findings = Vec::new();
    for (lab, port) in labs.flat_map(|lab| ports(lab).map(move |port| (lab, port))) {
        match TcpListener::bind(("127.0.0.1", port)) {
            Ok(_) => free.push(port.to_string()),
            Err(error) if error.kind() == ErrorKind::AddrInUse => findings.push(in_use(lab, port)),
            Err(error) => findings.push(Without(
                format!("port {port} of {}: {error}", lab.package()),
                elsewhere(lab),
            )),
        }
    }
    if !free.is_empty() {
        findings.insert(0, Works(format!("free: {}", free.join(", "))));
    }
    findings
}

fn in_use(lab: &Lab, port: u16) -> Finding {
    let (by, end) = match holder(port) {
        Some((pid, name)) => {
            (format!("{name} (process {pid})"), format!("end it: kill {pid}; or "))
        }
        None => {
            let whose = "a program that we may not look at".to_string();
            (whose, format!("see which: sudo ss -ltnp 'sport = :{port}'; or "))
        }
    };
    let what = format!("port {port} of {}: {by} has it", lab.package());
    Without(what, format!("{end}{}", elsewhere(lab)))
}

/// How to do without the port. The judge never needs it.
fn elsewhere(lab: &Lab) -> String {
    format!("serve elsewhere: cargo run -p {} -- --listen 127.0.0.1:0", lab.package())
}

/// The process that listens on `port`, and its name, where the system tells.
fn holder(port: u16) -> Option<(u32, String)> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let tables = tables.map(|table| fs::read_to_string(table).unwrap_or_default());
    let inodes: Vec<String> = tables.iter().flat_map(|table| listeners(table, port)).collect();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let pid: u32 = numbers.find(|pid| inodes.iter().any(|inode| has_socket(*pid, inode)))?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let name: String = name.trim().chars().filter(|c| !c.is_control()).collect();
    Some((pid, name))
}

/// The sockets that listen on `port`, from a table of the kernel's (proc(5)).
fn listeners(table: &str, port: u16) -> Vec<String> {
    let socket = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (_, local) = columns.get(1)?.rsplit_once(':')?;
        let is_it = u16::from_str_radix(local, 16) == Ok(port) && columns.get(3) == Some(&LISTENS);
        is_it.then(|| columns.get(9).map(ToString::to_string)).flatten()
    };
    table.lines().filter_map(socket).collect()
}

fn has_socket(pid: u32, inode: &str) -> bool {
    let wanted = format!("socket:[{inode}]");
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    descriptors
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .any(|it| it.as_os_str() == wanted.as_str())
}

#[cfg(test)]
mod tests {
    use super::listeners;

    #[test]
    fn who_listens_stands_in_the_kernels_table() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:AFC8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1\n\
             1: 0100007F:AFC8 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1\n";
        assert_eq!(listeners(table, 45000), ["4711"]);
        assert!(listeners(table, 45001).is_empty());
    }
}
