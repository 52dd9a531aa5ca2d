//! The table as people read it, given complete.

use crate::stress::rows::{Combination, MEGABYTE, Outcome};
use crate::wire::sums::Sums;

const TITLE: &str = "  no  operation   MB  clients  servers   seconds  MB/s a client  \
    clients ok/failed  server ok/failed  server memory";

/// Shows all rows, and below them why those failed that did.
pub fn show(rows: &[(Combination, Outcome)]) {
    println!("{TITLE}");
    for (row, outcome) in rows {
        println!("{}", line(row, outcome));
    }
    if rows.iter().any(|(_, outcome)| outcome.server.is_none()) {
        println!("The server's columns are empty where the server does not know STATS.");
    }
    for (row, outcome) in rows {
        if let Some(why) = &outcome.why {
            println!("{row}: {} failed, the first: {why}", outcome.clients.failed);
        }
    }
}

/// One row.
pub fn line(row: &Combination, outcome: &Outcome) -> String {
    let Combination { number, operation, volume, clients, servers } = row;
    let throughput = outcome.throughput / MEGABYTE as f64;
    let (seconds, client) = (outcome.seconds, counts(outcome.clients));
    let server = outcome.server.map_or("-".to_string(), counts);
    let memory = outcome.memory.map_or("-".to_string(), |memory| format!("{} KiB", memory / 1024));
    format!(
        "{number:4}  {operation:9} {volume:4} {clients:8} {servers:8} {seconds:9.3} \
         {throughput:14.1} {client:>18} {server:>17} {memory:>14}"
    )
}

fn counts(sums: Sums) -> String {
    format!("{}/{}", sums.succeeded, sums.failed)
}
