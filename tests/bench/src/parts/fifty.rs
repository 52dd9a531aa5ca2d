//! Fifty downloads from lab 07 at once: do all move on, and does anybody else get a word in?

use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};

use crate::compare::{
    Column, Series, Table, Value, middle, rate_to, spread, table_of, take_few_turns,
};
use crate::contender::{Contender, plain};
use crate::load::bulk::{Bulk, End, move_once};
use crate::parts::files::{END, MEGABYTE, any_download, lab07};
use crate::plan::Plan;
use crate::sample::Sample;
use crate::server::Server;
use crate::target::Target;

const CROWD: usize = 50;

/// A turn takes seconds.
const ROUNDS: usize = 3;

/// Fifty downloads at once.
pub fn measure(plan: &Plan, megabytes: usize, targets: &mut Vec<Target>) -> Result<Table> {
    let len = megabytes * MEGABYTE;
    let file = plan.file(len)?.display().to_string();
    let contenders = [
        plain(plan, "file to base64 to socket", &["parts", &file]),
        lab07(plan, "pool of 5, JSON", &["--workers", "5"]),
        // One more than there are downloads: the LIST needs a worker too.
        lab07(plan, "pool of 51, JSON", &["--workers", "51"]),
        lab07(plan, "5 processes, JSON", &["--mode", "process", "--workers", "5"]),
    ];
    let mut lists = Vec::new();
    let series = take_few_turns(plan, ROUNDS, &contenders, |one| {
        let with_list = one.name.contains("51");
        let (sample, list) = fifty(plan, one, len, with_list)?;
        lists.extend(list);
        Ok(sample)
    })?;
    targets.extend(wanted(megabytes, &series, lists));
    let columns = [
        ("rate", Column::Times(|turn| turn.rate)),
        ("CPU", Column::Times(|turn| turn.cpu)),
        ("slowest / median", Column::Itself(|turn| turn.slow / turn.median, Value::Times)),
        ("at rest", Column::Itself(|turn| turn.rest / 1024.0, Value::Mebibytes)),
        ("after", Column::Itself(|turn| turn.after / 1024.0, Value::Mebibytes)),
        ("at most", Column::Itself(|turn| turn.peak / 1024.0, Value::Mebibytes)),
    ];
    let title = format!("Fifty downloads at once, {megabytes} MB each");
    let note = "Ratios to the first row: what a download consists of, a thread each.";
    Ok(table_of(&title, note, &series, &columns))
}

fn wanted(megabytes: usize, series: &[Series], lists: Vec<f64>) -> [Target; 5] {
    let times = |one, base| rate_to(series, one, base);
    [
        Target::at_least(
            "crowd-parts",
            &format!("50 clients × {megabytes} MB, lab07 pool of 51 / its parts, rate"),
            0.8,
            " ×",
            times("lab07 pool of 51", "file to"),
        ),
        Target::at_least(
            "crowd-pools",
            "the same, pool of 51 / pool of 5",
            0.95,
            " ×",
            times("lab07 pool of 51", "lab07 pool of 5,"),
        ),
        Target::at_most(
            "crowd-slowest",
            "the same, slowest client / median, pool of 51",
            1.3,
            " ×",
            middle(series, "lab07 pool of 51", |turn| turn.slow / turn.median),
        ),
        Target::at_most(
            "crowd-processes",
            "lab07, 5 processes and their parent: each, on average",
            4.0,
            " MiB",
            middle(series, "lab07 5 processes", |turn| turn.after / 1024.0 / 6.0),
        ),
        Target::at_most(
            "crowd-list",
            "LIST meanwhile",
            100.0,
            " ms",
            spread(lists).map(|it| it.median * 1e3),
        ),
    ]
}

/// Fifty clients, and perhaps a LIST between them; with the seconds it took.
fn fifty(plan: &Plan, one: &Contender, len: usize, list: bool) -> Result<(Sample, Option<f64>)> {
    plan.go_on()?;
    let server = Server::start(plan, one)?;
    let rest = server.memory().peak;
    let bulk = any_download(one, server.address, len)?;
    let (address, before, began) = (server.address, server.cpu(), Instant::now());
    let (mut times, list) = thread::scope(|scope| {
        let clients: Vec<_> =
            (0..CROWD).map(|_| scope.spawn(|| move_once(&bulk, address))).collect();
        let ask = Bulk {
            request: b"LIST\r\n\r\n".to_vec(),
            body: Vec::new(),
            end: End { unseen: 0, text: END },
        };
        let list = list.then(|| move_once(&ask, address)).transpose();
        let joined = clients.into_iter().map(|one| one.join().expect("no client panics"));
        (joined.collect::<Result<Vec<f64>>>(), list)
    });
    let times = times.as_mut().map_err(|error| anyhow!("{error:#}"))?;
    let seconds = began.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let memory = server.memory();
    let sample = Sample {
        rate: CROWD as f64 / seconds,
        cpu: (server.cpu() - before) / CROWD as f64,
        median: times[times.len() / 2],
        slow: times[times.len() - 1],
        rest,
        after: memory.resident,
        peak: memory.peak,
        ..Sample::default()
    };
    Ok((sample, list?))
}
