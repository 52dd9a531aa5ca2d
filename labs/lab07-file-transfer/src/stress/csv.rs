//! The table as a file, given complete: with the columns of the course's assignment. It is read
//! again when a run is to be resumed.

use std::fs;
use std::io;
use std::path::Path;

use clap::ValueEnum;

use crate::arguments::stress::Headers;
use crate::stress::rows::{Combination, Operation, Outcome};
use crate::wire::sums::Sums;

const INDONESIAN: &str = "Nomor,Operasi,Volume,Jumlah client worker pool,\
    Jumlah server worker pool,Waktu total per client,Throughput per client,\
    Jumlah worker client yang sukses dan gagal,Jumlah worker server yang sukses dan gagal";

const ENGLISH: &str = "Number,Operation,Volume,Client worker pool,Server worker pool,\
    Total time per client (s),Throughput per client (bytes/s),\
    Client workers succeeded and failed,Server workers succeeded and failed";

/// Writes all rows. No field needs quotes.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write(path: &Path, rows: &[(Combination, Outcome)], headers: Headers) -> io::Result<()> {
    let title = match headers {
        Headers::Id => INDONESIAN,
        Headers::En => ENGLISH,
    };
    let mut lines = vec![title.to_string()];
    for (row, outcome) in rows {
        let Combination { number, operation, volume, clients, servers } = row;
        let Outcome { seconds, throughput, .. } = outcome;
        let client = counts(outcome.clients, headers);
        let server = outcome.server.map(|sums| counts(sums, headers)).unwrap_or_default();
        lines.push(format!(
            "{number},{operation},{volume} MB,{clients},{servers},{seconds:.6},{throughput:.0},\
             {client},{server}"
        ));
    }
    fs::write(path, lines.join("\n") + "\n")
}

/// Reads the rows that are there; those that cannot be read are not there.
pub fn read(path: &Path) -> Vec<(Combination, Outcome)> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().skip(1).filter_map(parse).collect()
}

fn parse(line: &str) -> Option<(Combination, Outcome)> {
    let fields: Vec<&str> = line.split(',').collect();
    let [number, operation, volume, clients, servers, seconds, throughput, client, server] =
        fields.try_into().ok()?;
    let row = Combination {
        number: number.parse().ok()?,
        operation: Operation::from_str(operation, true).ok()?,
        volume: volume.strip_suffix(" MB")?.parse().ok()?,
        clients: clients.parse().ok()?,
        servers: servers.parse().ok()?,
    };
    let (seconds, throughput) = (seconds.parse().ok()?, throughput.parse().ok()?);
    let (clients, server) = (parse_counts(client)?, parse_counts(server));
    Some((row, Outcome { seconds, throughput, clients, server, ..Outcome::default() }))
}

/// Two counts in one field, in such a way that no spreadsheet takes them for a date.
fn counts(sums: Sums, headers: Headers) -> String {
    let Sums { succeeded, failed } = sums;
    match headers {
        Headers::Id => format!("{succeeded} sukses {failed} gagal"),
        Headers::En => format!("{succeeded} succeeded {failed} failed"),
    }
}

fn parse_counts(field: &str) -> Option<Sums> {
    let words: Vec<&str> = field.split(' ').collect();
    let [succeeded, _, failed, _] = words.try_into().ok()?;
    Some(Sums { succeeded: succeeded.parse().ok()?, failed: failed.parse().ok()? })
}
