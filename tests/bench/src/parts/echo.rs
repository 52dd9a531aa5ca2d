//! Who sends bytes back: loops, threads and Python; then lines, then frames.

use anyhow::Result;

use crate::compare::{Series, Table, cpu_to, middle, rate_to, table, take_turns, turn_or_alone};
use crate::contender::{Contender, nobody, ours, plain, python, tokio};
use crate::load::crowd::{Connection, Talk};
use crate::paper::Part;
use crate::plan::Plan;
use crate::target::Target;

const MESSAGE_LEN: usize = 64;
const HEADER_LEN: usize = 4;

/// Frames of which a client sends so many before it waits.
const IN_FLIGHT: usize = 16;

const NOTE: &str = "Ratios to the first row; 64 bytes there and back, one message in flight each. \
                    The last row is the load, connected to itself.";

pub fn measure(plan: &Plan) -> Result<Part> {
    plan.build(&["02", "03", "04", "05", "08"])?;
    let mut targets = Vec::new();
    let tables = vec![
        few(plan, &mut targets)?,
        many(plan, &mut targets)?,
        lines(plan, &mut targets)?,
        frames(plan, &mut targets)?,
    ];
    let title = "Echo: event loops, threads, Python";
    Ok(Part { name: "echo".into(), title: title.into(), tables, targets, ..Part::default() })
}

fn talk(clients: usize) -> Talk {
    let (request, reply_len) = (vec![7; MESSAGE_LEN], MESSAGE_LEN);
    Talk { clients, request, reply_len, operations: 1, connection: Connection::Kept }
}

fn echo(plan: &Plan, contenders: &[Contender], clients: usize) -> Result<Vec<Series>> {
    take_turns(plan, contenders, |one| turn_or_alone(plan, one, &talk(clients)))
}

/// 100 clients: everybody can.
fn few(plan: &Plan, targets: &mut Vec<Target>) -> Result<Table> {
    let mut contenders = vec![
        plain(plan, "plain epoll loop", &["epoll"]),
        tokio(plan),
        ours(plan, "03", "polling", &["--backend", "polling"]),
        ours(plan, "03", "poll", &["--backend", "poll"]),
        ours(plan, "02", "select", &[]),
        plain(plan, "plain threads", &["threads"]),
        ours(plan, "08", "threads", &["--run", "threads", "--handler", "echo"]),
    ];
    contenders.extend(python(plan, "select", "select_echo.py", &[]));
    contenders.extend(python(plan, "threads", "thread_echo.py", &[]));
    contenders.push(nobody());
    let series = echo(plan, &contenders, 100)?;
    let python = |kind: &str| {
        let found = |one: &&Series| one.name.starts_with("Python") && one.name.ends_with(kind);
        series.iter().find(found).map_or(String::new(), |one| one.name.clone())
    };
    let (select, threads) = (python("select"), python("threads"));
    targets.extend(polling_targets(100, &series));
    targets.push(Target::at_least(
        "echo-select",
        "echo, lab02 select / Python select, rate",
        3.0,
        " ×",
        rate_to(&series, "lab02", &select),
    ));
    targets.push(Target::at_least(
        "echo-threads",
        "echo, lab08 threads / Python threads, rate",
        1.4,
        " ×",
        rate_to(&series, "lab08", &threads),
    ));
    Ok(table("Echo, 100 clients", NOTE, &series))
}

/// 1,000 clients: without Python's select, which ends at 1,024 descriptors.
fn many(plan: &Plan, targets: &mut Vec<Target>) -> Result<Table> {
    let contenders = [
        plain(plan, "plain epoll loop", &["epoll"]),
        tokio(plan),
        ours(plan, "03", "polling", &["--backend", "polling"]),
        ours(plan, "03", "poll", &["--backend", "poll"]),
        plain(plan, "plain threads", &["threads"]),
        ours(plan, "08", "threads", &["--run", "threads", "--handler", "echo"]),
        nobody(),
    ];
    let series = echo(plan, &contenders, 1000)?;
    targets.extend(polling_targets(1000, &series));
    targets.push(Target::at_most(
        "echo-threads-memory",
        "1,000 threads of lab08, peak",
        32.0,
        " MiB",
        middle(&series, "lab08", |turn| turn.peak / 1024.0),
    ));
    Ok(table("Echo, 1,000 clients", NOTE, &series))
}

fn polling_targets(clients: usize, series: &[Series]) -> [Target; 3] {
    let rate = |base| rate_to(series, "lab03 polling", base);
    let cpu = |base| cpu_to(series, "lab03 polling", base);
    let what = |rest: &str| format!("echo, lab03 polling, {clients} clients, {rest}");
    [
        Target::at_most("echo-cpu", &what("CPU / plain loop"), 1.05, " ×", cpu("plain epoll")),
        Target::at_least("echo-rate", &what("rate / plain loop"), 0.95, " ×", rate("plain epoll")),
        Target::at_least("echo-tokio", &what("rate / tokio"), 1.0, " ×", rate("tokio")),
    ]
}

/// The time server: lines instead of bytes, and a thread for each client.
fn lines(plan: &Plan, targets: &mut Vec<Target>) -> Result<Table> {
    let talk = |clients| Talk {
        request: b"TIME\r\n".to_vec(),
        reply_len: b"JAM hh:mm:ss\r\n".len(),
        ..talk(clients)
    };
    let mut contenders = vec![ours(plan, "05", "threads", &[])];
    contenders.extend(python(plan, "time, threads", "thread_time.py", &[]));
    contenders.push(nobody());
    let series = take_turns(plan, &contenders, |one| turn_or_alone(plan, one, &talk(100)))?;
    targets.push(Target::at_least(
        "time-threads",
        "lab05 / Python's time server, rate at 100 clients",
        1.4,
        " ×",
        rate_to(&series, "lab05", "Python"),
    ));
    let crowd = take_turns(plan, &contenders[..1], |one| turn_or_alone(plan, one, &talk(1000)))?;
    targets.push(Target::at_most(
        "time-threads-memory",
        "1,000 threads of lab05, peak",
        32.0,
        " MiB",
        middle(&crowd, "lab05", |turn| turn.peak / 1024.0),
    ));
    let note = "Both log each line, to nowhere. TIME and its answer, one in flight each.";
    Ok(table("The time server, 100 clients", note, &series))
}

/// Frames, several in flight: what parsing costs beside moving the same bytes.
fn frames(plan: &Plan, targets: &mut Vec<Target>) -> Result<Table> {
    let mut frame = u32::try_from(MESSAGE_LEN)?.to_be_bytes().to_vec();
    frame.extend([7; MESSAGE_LEN]);
    let talk = Talk {
        request: frame.repeat(IN_FLIGHT),
        reply_len: IN_FLIGHT * (HEADER_LEN + MESSAGE_LEN),
        operations: u32::try_from(IN_FLIGHT)?,
        ..talk(100)
    };
    let contenders = [
        plain(plan, "plain threads, bytes", &["threads"]),
        plain(plan, "plain epoll loop, bytes", &["epoll"]),
        ours(plan, "04", "prefix, threads", &["--framing", "prefix"]),
        nobody(),
    ];
    let series = take_turns(plan, &contenders, |one| turn_or_alone(plan, one, &talk))?;
    let ratio = |base| rate_to(&series, "lab04", base);
    targets.push(Target::at_least(
        "frames",
        "lab04 prefix, 16 in flight × 100 clients / plain threads on bytes, rate",
        0.85,
        " ×",
        ratio("plain threads"),
    ));
    targets.push(Target::at_least(
        "frames-loop",
        "the same / plain epoll loop on bytes",
        0.85,
        " ×",
        ratio("plain epoll"),
    ));
    let note = "Ratios to the first row; 16 frames of 64 bytes in flight for each client. The \
                plain programs send the bytes back and look at nothing.";
    Ok(table("Frames, 100 clients", note, &series))
}
