//! HTTP: small answers over kept and fresh connections, pools, downloads.

use anyhow::Result;

use crate::compare::{
    Series, Table, cpu_to, middle, rate_to, table, take_few_turns, take_turns, turn,
};
use crate::contender::{Contender, nginx, ours, plain, python};
use crate::load::crowd::{Connection, Talk};
use crate::load::http_reply_len;
use crate::moved::{self, download};
use crate::paper::Part;
use crate::plan::Plan;
use crate::server::Server;
use crate::target::Target;

const CLIENTS: usize = 50;

const KIBIBYTE: usize = 1024;
const MEBIBYTE: usize = 1024 * KIBIBYTE;

/// An answer that took longer than this was held back by somebody's delayed ACK.
const STALL_MILLISECONDS: f64 = 40.0;

pub fn measure(plan: &Plan) -> Result<Part> {
    plan.build(&["06"])?;
    plan.file(KIBIBYTE)?;
    let mut targets = Vec::new();
    let mut tables = vec![
        kept(plan, &mut targets)?,
        closed(plan, &mut targets)?,
        pools(plan, &mut targets)?,
        downloads(plan, 10, &mut targets)?,
    ];
    if !plan.quick {
        tables.push(downloads(plan, 100, &mut targets)?);
    }
    Ok(Part { name: "http".into(), title: "HTTP".into(), tables, targets, ..Part::default() })
}

/// The server of lab 06 in one of its models.
fn lab06(plan: &Plan, model: &str) -> Contender {
    let root = plan.files().display().to_string();
    ours(plan, "06", model, &["--model", model, "--root", &root])
}

/// A kilobyte, again and again.
fn talk(server: &Server, clients: usize, connection: Connection) -> Result<Talk> {
    let head = match connection {
        Connection::Kept => "",
        _ => "Connection: close\r\n",
    };
    let request = format!("GET /1024 HTTP/1.1\r\nHost: bench\r\n{head}\r\n").into_bytes();
    let reply_len = http_reply_len(server.address, &request)?;
    Ok(Talk { clients, request, reply_len, operations: 1, connection })
}

fn ask(
    plan: &Plan,
    contenders: &[Contender],
    clients: usize,
    connection: Connection,
) -> Result<Vec<Series>> {
    let one = |one: &Contender| turn(plan, one, |server| talk(server, clients, connection));
    take_turns(plan, contenders, one)
}

fn kept(plan: &Plan, targets: &mut Vec<Target>) -> Result<Table> {
    let mut contenders: Vec<Contender> = nginx().into_iter().collect();
    contenders.push(lab06(plan, "events"));
    contenders.push(lab06(plan, "threads"));
    contenders.push(plain(plan, "plain epoll loop, fixed answer", &["http"]));
    let series = ask(plan, &contenders, CLIENTS, Connection::Kept)?;
    targets.push(Target::at_least(
        "http-kept",
        "HTTP 1 KiB, keep-alive, lab06 events / nginx, rate",
        1.0,
        " ×",
        rate_to(&series, "lab06 events", "nginx"),
    ));
    targets.push(Target::at_most(
        "http-kept-cpu",
        "the same, CPU",
        1.0,
        " ×",
        cpu_to(&series, "lab06 events", "nginx"),
    ));
    let one = ask(plan, &[lab06(plan, "events")], 1, Connection::Kept)?;
    targets.push(Target::at_most(
        "http-stall",
        "one client, the slowest of a hundred answers: no delayed ACK",
        STALL_MILLISECONDS,
        " ms",
        middle(&one, "lab06", |turn| turn.slow * 1e3),
    ));
    let note = "Ratios to the first row; 1 KiB, 50 clients. The plain loop reads no request: it \
                is what sockets alone cost.";
    Ok(table("HTTP, connections kept", note, &series))
}

fn closed(plan: &Plan, targets: &mut Vec<Target>) -> Result<Table> {
    let mut contenders: Vec<Contender> = nginx().into_iter().collect();
    contenders.push(lab06(plan, "events"));
    let series = ask(plan, &contenders, CLIENTS, Connection::Closed)?;
    targets.push(Target::at_least(
        "http-close",
        "HTTP 1 KiB, a connection each, lab06 events / nginx, rate",
        0.95,
        " ×",
        rate_to(&series, "lab06", "nginx"),
    ));
    let note = "Ratios to the first row; 1 KiB, 50 clients. A client waits until the server has \
                closed.";
    Ok(table("HTTP, a connection for each request", note, &series))
}

fn pools(plan: &Plan, targets: &mut Vec<Target>) -> Result<Table> {
    let root = plan.files().display().to_string();
    let script = |words: &[&str]| {
        let name = format!("{}, 20{}", words[0], words.get(1).map_or("", |_| ", counting"));
        python(plan, &name, "pool_http.py", &[&[words[0], &root], &words[1..]].concat())
    };
    let kinds: [&[&str]; 4] =
        [&["threads", "counting"], &["processes", "counting"], &["threads"], &["processes"]];
    let mut contenders: Vec<Contender> = kinds.into_iter().filter_map(script).collect();
    // As many workers as the course's.
    contenders.extend(["threads", "processes"].map(|model| {
        let mut one = lab06(plan, model);
        one.arguments.extend(["--workers".to_string(), "20".to_string()]);
        one
    }));
    let series = ask(plan, &contenders, CLIENTS, Connection::Fresh)?;
    let pythons: Vec<String> = contenders
        .iter()
        .filter(|one| one.name.starts_with("Python"))
        .map(|one| one.name.clone())
        .collect();
    let times = |one: &str, python: usize| rate_to(&series, one, pythons.get(python)?);
    targets.push(Target::at_least(
        "http-threads",
        "HTTP, thread pool, a connection each: lab06 / the course's Python, rate",
        20.0,
        " ×",
        times("lab06 threads", 0),
    ));
    targets.push(Target::at_least(
        "http-processes",
        "HTTP, process pool, a connection each: lab06 / the course's Python, rate",
        30.0,
        " ×",
        times("lab06 processes", 1),
    ));
    targets.push(Target::at_most(
        "http-processes-memory",
        "process pool of lab06, all together",
        60.0,
        " MB",
        middle(&series, "lab06 processes", |turn| turn.after * 1024.0 / 1e6),
    ));
    let note = "Ratios to the first row; 1 KiB, 50 clients. A client does not wait for the end: \
                Python's process pool does not send one. `counting`: as published, asking at each \
                connection all requests so far whether they still run.";
    Ok(table("HTTP, pools", note, &series))
}

fn downloads(plan: &Plan, mebibytes: usize, targets: &mut Vec<Target>) -> Result<Table> {
    let len = mebibytes * MEBIBYTE;
    plan.file(len)?;
    let mut contenders: Vec<Contender> = nginx().into_iter().collect();
    contenders.push(lab06(plan, "events"));
    contenders.push(plain(plan, "memory to socket", &["copy"]));
    let turn = |one: &Contender| moved::turn(plan, one, |at| download(at, len));
    let series = take_few_turns(plan, moved::ROUNDS, &contenders, turn)?;
    targets.push(Target::at_least(
        if mebibytes == 10 { "http-10" } else { "http-100" },
        &format!("HTTP, {mebibytes} MiB, lab06 events / nginx, rate"),
        0.95,
        " ×",
        rate_to(&series, "lab06", "nginx"),
    ));
    targets.push(Target::at_most(
        "http-memory",
        &format!("lab06 events grows in {mebibytes} MiB downloads by"),
        4.0,
        " MiB",
        middle(&series, "lab06", |turn| (turn.peak - turn.rest) / 1024.0),
    ));
    let note = "Ratios to the first row; one client, which throws everything away.";
    Ok(moved::table(&format!("HTTP, {mebibytes} MiB"), note, &series))
}
