//! Turns in which one client moves much.

use std::net::SocketAddr;

use anyhow::Result;

use crate::compare::{Column, Series, Table, Value, table_of};
use crate::contender::Contender;
use crate::load::bulk::{Bulk, End, move_once};
use crate::load::http_reply_len;
use crate::plan::Plan;
use crate::sample::Sample;
use crate::server::Server;
use crate::tree;

/// How often each has its turn, at most: a turn takes long.
pub const ROUNDS: usize = 7;

/// An HTTP download of the file named by its length.
pub fn download(address: SocketAddr, len: usize) -> Result<Bulk> {
    let request = format!("GET /{len} HTTP/1.1\r\nHost: bench\r\n\r\n").into_bytes();
    let head = String::from_utf8_lossy(&request).replace("GET", "HEAD").into_bytes();
    // Only plain programs, which know no HEAD, get the whole question once more.
    let len = http_reply_len(address, &head).or_else(|_| http_reply_len(address, &request))?;
    Ok(Bulk { request, body: Vec::new(), end: End { unseen: len, text: b"" } })
}

/// One turn of one client that moves something a few times.
pub fn turn(
    plan: &Plan,
    contender: &Contender,
    bulk: impl FnOnce(SocketAddr) -> Result<Bulk>,
) -> Result<Sample> {
    let server = Server::start(plan, contender)?;
    let rest = server.memory();
    let bulk = bulk(server.address)?;
    move_once(&bulk, server.address)?;
    let (server_before, load_before) = (server.cpu(), tree::own_cpu());
    let (mut seconds, mut times) = (0.0, 0.0);
    // A large file once or twice, a small one as often as there is time for.
    while seconds < plan.time.as_secs_f64() {
        seconds += move_once(&bulk, server.address)?;
        times += 1.0;
    }
    let cpu = server.cpu() - server_before;
    let memory = server.memory();
    Ok(Sample {
        rate: times / seconds,
        cpu: cpu / times,
        load: (tree::own_cpu() - load_before) / times,
        busy: cpu / seconds,
        rest: rest.peak,
        after: memory.resident,
        peak: memory.peak,
        ..Sample::default()
    })
}

/// The table of such turns.
pub fn table(title: &str, note: &str, series: &[Series]) -> Table {
    let columns = [
        ("rate", Column::Times(|turn| turn.rate)),
        ("CPU", Column::Times(|turn| turn.cpu)),
        ("server busy", Column::Itself(|turn| turn.busy * 100.0, Value::Percent)),
        ("load busy", Column::Itself(|turn| turn.load * turn.rate * 100.0, Value::Percent)),
        ("at rest", Column::Itself(|turn| turn.rest / 1024.0, Value::Mebibytes)),
        ("grew by", Column::Itself(|turn| (turn.peak - turn.rest) / 1024.0, Value::Mebibytes)),
    ];
    table_of(title, note, series, &columns)
}
