//! The file server of lab 07: one client, fifty clients, and the whole stress table.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::compare::{Column, Table, rate_to, table_of, take_few_turns};
use crate::contender::{Contender, Way, ncat, nginx, ours, plain, python, rsync, said_by};
use crate::load::bulk::{Bulk, End};
use crate::moved::{self, download};
use crate::paper::Part;
use crate::parts::{fifty, stress};
use crate::plan::{Plan, say};
use crate::sample::Sample;
use crate::server::Server;
use crate::target::Target;

pub const MEGABYTE: usize = 1_000_000;

/// What ends a request and a reply.
pub const END: &[u8] = b"\r\n\r\n";

pub fn measure(plan: &Plan) -> Result<Part> {
    plan.build(&["07"])?;
    let megabytes = if plan.quick { 5 } else { 100 };
    plan.file(megabytes * MEGABYTE)?;
    let mut targets = Vec::new();
    let tables = vec![
        downloads(plan, megabytes)?,
        uploads(plan, megabytes)?,
        into_a_file(plan, megabytes, &mut targets)?,
        fifty::measure(plan, if plan.quick { 1 } else { megabytes }, &mut targets)?,
        stress::measure(plan, &mut targets)?,
    ];
    Ok(Part { name: "files".into(), title: "Files".into(), tables, targets, ..Part::default() })
}

pub fn lab07(plan: &Plan, name: &str, arguments: &[&str]) -> Contender {
    let storage = plan.files().display().to_string();
    let mut all = vec!["--storage", &storage];
    if !arguments.contains(&"--mode") {
        all.extend(["--mode", "thread"]);
    }
    all.extend(arguments);
    ours(plan, "07", name, &all)
}

fn json(plan: &Plan) -> Contender {
    lab07(plan, "JSON", &["--workers", "5"])
}

fn raw(plan: &Plan) -> Contender {
    lab07(plan, "raw", &["--workers", "5", "--wire", "raw"])
}

fn python_files(plan: &Plan) -> Option<Contender> {
    python(plan, "JSON", "file_server.py", &[plan.files().to_str()?])
}

/// A download in whichever language the contender speaks.
pub fn any_download(one: &Contender, address: SocketAddr, len: usize) -> Result<Bulk> {
    let (request, end) = if one.name.ends_with("JSON") {
        let unseen = len.div_ceil(3) * 4;
        (format!("GET {len}\r\n\r\n"), End { unseen, text: END })
    } else if one.name.ends_with("raw") {
        let unseen = len.to_string().len() + 2 + len;
        (format!("DOWNLOAD {len}\r\n"), End { unseen, text: b"" })
    } else {
        return download(address, len);
    };
    Ok(Bulk { request: request.into_bytes(), body: Vec::new(), end })
}

fn downloads(plan: &Plan, megabytes: usize) -> Result<Table> {
    let len = megabytes * MEGABYTE;
    let file = plan.file(len)?.display().to_string();
    let mut contenders: Vec<Contender> = nginx().into_iter().collect();
    contenders.extend([raw(plan), json(plan)]);
    contenders.push(plain(plan, "memory to socket", &["copy"]));
    contenders.push(plain(plan, "file to base64 to socket", &["parts", &file]));
    contenders.extend(python_files(plan));
    let series = take_few_turns(plan, moved::ROUNDS, &contenders, |one| {
        moved::turn(plan, one, |address| any_download(one, address, len))
    })?;
    let note = "Ratios to the first row, in files a second; the client throws everything away. \
                JSON moves a third more bytes for the same file.";
    Ok(moved::table(&format!("Downloads, {megabytes} MB"), note, &series))
}

fn uploads(plan: &Plan, megabytes: usize) -> Result<Table> {
    let len = megabytes * MEGABYTE;
    let bytes = fs::read(plan.file(len)?)?;
    let stored = plan.files().join("uploaded");
    let mut contenders = vec![raw(plan), json(plan)];
    contenders.extend(python_files(plan));
    let series = take_few_turns(plan, moved::ROUNDS, &contenders, |one| {
        let _ = fs::remove_file(&stored);
        let sample = moved::turn(plan, one, |_| Ok(upload(one, &bytes)))?;
        let arrived = fs::metadata(&stored).context("nothing was stored")?.len();
        ensure!(arrived == len as u64, "{arrived} bytes were stored");
        Ok(sample)
    })?;
    let note = "Ratios to the first row, in files a second; into the page cache.";
    Ok(moved::table(&format!("Uploads, {megabytes} MB"), note, &series))
}

fn upload(one: &Contender, bytes: &[u8]) -> Bulk {
    if one.name.ends_with("raw") {
        let request = format!("UPLOAD uploaded {}\r\n", bytes.len()).into_bytes();
        return Bulk { request, body: bytes.to_vec(), end: End { unseen: 0, text: b"200 OK\r\n" } };
    }
    let mut body = base64_simd::STANDARD.encode_to_string(bytes).into_bytes();
    body.extend(END);
    Bulk { request: b"UPLOAD uploaded ".to_vec(), body, end: End { unseen: 0, text: END } }
}

/// Programs as people use them: a client that writes a file.
fn into_a_file(plan: &Plan, megabytes: usize, targets: &mut Vec<Target>) -> Result<Table> {
    let len = megabytes * MEGABYTE;
    let curl = said_by(Path::new("curl"), &["--version"]);
    if curl.is_none() {
        say("curl is not here: it is left out.");
    }
    let mut contenders: Vec<Contender> = nginx().filter(|_| curl.is_some()).into_iter().collect();
    contenders.extend([raw(plan), json(plan)]);
    contenders.extend(ncat(len).into_iter().chain(rsync()));
    let series = take_few_turns(plan, moved::ROUNDS, &contenders, |one| {
        // The first time the file may have to be brought into memory.
        bring(plan, one, len)?;
        bring(plan, one, len)
    })?;
    for (id, wire, rival, wanted) in [
        ("files-json", "JSON", "nginx and curl", 0.8),
        ("files-raw", "raw", "nginx and curl", 0.95),
        ("files-ncat", "JSON", "ncat", 1.5),
        ("files-rsync", "JSON", "rsync", 2.0),
    ] {
        let what = format!("lab07 {wire} and its client / {rival}, into a file, rate");
        let base = rival.split(' ').next().unwrap_or_default();
        let got = rate_to(&series, &format!("lab07 {wire}"), base);
        targets.push(Target::at_least(id, &what, wanted, " ×", got));
    }
    let columns = [
        ("rate", Column::Times(|turn| turn.rate)),
        ("CPU of the server", Column::Times(|turn| turn.cpu)),
    ];
    let title = format!("Into a file, {megabytes} MB");
    let note = "Ratios to the first row, which is asked by curl, the others by their own client. \
                What ends with its client leaves no figures of CPU.";
    Ok(table_of(&title, note, &series, &columns))
}

/// Has a client program bring the file from a server of its own.
fn bring(plan: &Plan, one: &Contender, len: usize) -> Result<Sample> {
    let server = Server::start(plan, one)?;
    let output = plan.scratch("brought");
    let _ = fs::remove_file(&output);
    let mut client = client(one, server.address, len, &output);
    client.stdin(Stdio::null()).stderr(Stdio::null());
    client.stdout(match one.way {
        Way::Ncat(_) => File::create(&output)?.into(),
        _ => Stdio::null(),
    });
    let before = server.cpu();
    let began = Instant::now();
    let status = client.status()?;
    let seconds = began.elapsed().as_secs_f64();
    let has_stayed = matches!(one.way, Way::Says | Way::Nginx);
    let cpu = if has_stayed { server.cpu() - before } else { f64::NAN };
    let brought = fs::metadata(&output).map_or(0, |file| file.len());
    ensure!(status.success() && brought == len as u64, "the client has brought {brought} bytes");
    Ok(Sample { rate: 1.0 / seconds, cpu, ..Sample::default() })
}

/// The client that goes with a server, to bring the file named by its length.
fn client(one: &Contender, address: SocketAddr, len: usize, output: &Path) -> Command {
    let name = len.to_string();
    match one.way {
        Way::Nginx => {
            let mut curl = Command::new("curl");
            curl.args(["-s", "-f", "--noproxy", "*", "-o"]).arg(output);
            curl.arg(format!("http://{address}/{name}"));
            curl
        }
        Way::Ncat(_) => {
            let mut ncat = Command::new(&one.program);
            ncat.args(["--recv-only", &address.ip().to_string(), &address.port().to_string()]);
            ncat
        }
        Way::Rsync => {
            let mut rsync = Command::new(&one.program);
            rsync.arg("--whole-file").arg(format!("rsync://{address}/files/{name}")).arg(output);
            rsync
        }
        Way::Says | Way::Nobody => {
            let mut own = Command::new(&one.program);
            own.args(["client", &address.to_string()]);
            if one.name.ends_with("raw") {
                own.args(["--wire", "raw"]);
            }
            own.args(["get", &name, "--output"]).arg(output);
            own
        }
    }
}
