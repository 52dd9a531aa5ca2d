//! Taking turns, and what comes of it: ratios with their spread.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::contender::{Contender, Way};
use crate::load::crowd::{Crowd, Talk};
use crate::plan::{Plan, say};
use crate::sample::Sample;
use crate::server::Server;

/// All turns of one contender, by round.
pub struct Series {
    pub name: String,
    samples: Vec<Option<Sample>>,
}

/// The middle of several ratios, and the quarter below and above.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Spread {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

/// What a cell of a table says.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    Ratio(Spread),
    Mebibytes(f64),
    Kibibytes(f64),
    Percent(f64),
    Seconds(f64),
    Number(f64),
    Times(f64),
}

/// A comparison: all ratios are to the first row.
#[derive(Serialize, Deserialize)]
pub struct Table {
    pub title: String,
    pub note: String,
    pub columns: Vec<String>,
    pub rows: Vec<(String, Vec<Option<Value>>)>,
}

/// Gives everybody a turn in each round. Who fails is left out from then on, aloud.
///
/// # Errors
///
/// When the user has had enough.
pub fn take_turns(
    plan: &Plan,
    contenders: &[Contender],
    turn: impl FnMut(&Contender) -> Result<Sample>,
) -> Result<Vec<Series>> {
    take_few_turns(plan, plan.rounds, contenders, turn)
}

/// The same in at most so many rounds, where a turn takes long.
///
/// # Errors
///
/// When the user has had enough.
pub fn take_few_turns(
    plan: &Plan,
    rounds: usize,
    contenders: &[Contender],
    mut turn: impl FnMut(&Contender) -> Result<Sample>,
) -> Result<Vec<Series>> {
    let new = |one: &Contender| Series { name: one.name.clone(), samples: Vec::new() };
    let mut series: Vec<Series> = contenders.iter().map(new).collect();
    let mut failed = vec![false; contenders.len()];
    for round in 0..rounds.min(plan.rounds) {
        for step in 0..contenders.len() {
            plan.go_on()?;
            // Nobody always follows the same one.
            let place = (round + step) % contenders.len();
            let sample = (!failed[place]).then(|| turn(&contenders[place]));
            if let Some(Err(error)) = &sample {
                plan.go_on()?;
                say(format_args!("{} is left out: {error:#}", contenders[place].name));
                failed[place] = true;
            }
            series[place].samples.push(sample.and_then(Result::ok));
        }
    }
    Ok(series)
}

/// One turn against a crowd: started, measured, ended.
///
/// # Errors
///
/// When the server does not start or does not answer.
pub fn turn(
    plan: &Plan,
    contender: &Contender,
    talk: impl FnOnce(&Server) -> Result<Talk>,
) -> Result<Sample> {
    let server = Server::start(plan, contender)?;
    let talk = talk(&server)?;
    let rest = server.memory().resident;
    let mut crowd = Crowd::new(&talk, Some(server.address))?;
    let mut sample = crowd.talk(plan.warm, plan.time, || server.cpu())?;
    let memory = server.memory();
    sample.rest = rest;
    sample.peak = memory.peak;
    sample.after = memory.resident;
    sample.each = (memory.resident - rest).max(0.0) / talk.clients as f64;
    Ok(sample)
}

/// One turn of the load with itself, if there is no server: its own ceiling.
///
/// # Errors
///
/// When the server does not start or does not answer.
pub fn turn_or_alone(plan: &Plan, contender: &Contender, talk: &Talk) -> Result<Sample> {
    if contender.way != Way::Nobody {
        return turn(plan, contender, |_| Ok(talk.clone()));
    }
    // What comes back is what was sent.
    let talk = Talk { request: vec![7; talk.reply_len], ..talk.clone() };
    let sample = Crowd::new(&talk, None)?.talk(plan.warm, plan.time, || f64::NAN)?;
    Ok(Sample { rest: f64::NAN, each: f64::NAN, ..sample })
}

/// The ratio of `name` to `base`, round by round, of what `of` takes from a turn.
fn ratio(series: &[Series], name: &str, base: &str, of: impl Fn(&Sample) -> f64) -> Option<Spread> {
    let pairs = find(series, name)?.samples.iter().zip(&find(series, base)?.samples);
    let ratios = pairs.filter_map(|(one, other)| Some(of(one.as_ref()?) / of(other.as_ref()?)));
    spread(ratios.collect())
}

/// The rate of `name` as a multiple of that of `base`: the middle of the rounds.
pub fn rate_to(series: &[Series], name: &str, base: &str) -> Option<f64> {
    Some(ratio(series, name, base, |turn| turn.rate)?.median)
}

/// The same of the CPU for each operation.
pub fn cpu_to(series: &[Series], name: &str, base: &str) -> Option<f64> {
    Some(ratio(series, name, base, |turn| turn.cpu)?.median)
}

/// The series of that name, or else the first whose name begins so: some end in a version.
pub fn find<'a>(series: &'a [Series], name: &str) -> Option<&'a Series> {
    let exact = series.iter().find(|one| one.name == name);
    exact.or_else(|| series.iter().find(|one| one.name.starts_with(name)))
}

/// The middle of what `of` takes from the turns of `name`.
pub fn middle(series: &[Series], name: &str, of: impl Fn(&Sample) -> f64) -> Option<f64> {
    let one = find(series, name)?;
    Some(spread(one.samples.iter().flatten().map(of).collect())?.median)
}

/// The middle and the quarters; `None` of nothing.
pub fn spread(mut values: Vec<f64>) -> Option<Spread> {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let middle = f64::midpoint(values[last / 2], values[last.div_ceil(2)]);
    Some(Spread { median: middle, low: values[last / 4], high: values[last - last / 4] })
}

/// Below this part of the time, on the busier of the two cores, something else was in the way.
const QUIET: f64 = 0.8;

/// What a column shows of each series: how often the base's value, or the value itself.
pub enum Column {
    Times(fn(&Sample) -> f64),
    Itself(fn(&Sample) -> f64, fn(f64) -> Value),
}

/// The usual table of a crowd.
pub fn table(title: &str, note: &str, series: &[Series]) -> Table {
    let columns = [
        ("rate", Column::Times(|turn| turn.rate)),
        ("CPU", Column::Times(|turn| turn.cpu)),
        ("wait", Column::Times(|turn| turn.median)),
        ("1 % wait", Column::Times(|turn| turn.slow)),
        ("server busy", Column::Itself(|turn| turn.busy * 100.0, Value::Percent)),
        ("load busy", Column::Itself(|turn| turn.load * turn.rate * 100.0, Value::Percent)),
        ("at rest", Column::Itself(|turn| turn.rest / 1024.0, Value::Mebibytes)),
        ("a client", Column::Itself(|turn| turn.each, Value::Kibibytes)),
    ];
    let busier = |turn: &Sample| turn.busy.max(turn.load * turn.rate);
    let busy = series.iter().filter_map(|one| middle(series, &one.name, busier));
    let least = busy.fold(1.0, f64::min);
    if least < QUIET {
        say(format_args!(
            "{title}: one contender had only {:.0} % of a core. Is the machine busy with something \
             else? Then rates say little, and CPU says more.",
            least * 100.0
        ));
    }
    table_of(title, note, series, &columns)
}

/// A table with such columns; its first row is the base.
pub fn table_of(
    title: &str,
    note: &str,
    series: &[Series],
    columns: &[(&'static str, Column)],
) -> Table {
    let base = series.first().map_or("", |one| &one.name);
    let cell = |one: &Series, column: &Column| match column {
        Column::Times(of) => ratio(series, &one.name, base, of).map(Value::Ratio),
        Column::Itself(of, value) => middle(series, &one.name, of).map(value),
    };
    let cells = |one: &Series| columns.iter().map(|(_, column)| cell(one, column)).collect();
    Table {
        title: title.to_string(),
        note: note.to_string(),
        columns: columns.iter().map(|(name, _)| (*name).to_string()).collect(),
        rows: series.iter().map(|one| (one.name.clone(), cells(one))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, rates: &[Option<f64>]) -> Series {
        let sample = |rate: &Option<f64>| rate.map(|rate| Sample { rate, ..Sample::default() });
        Series { name: name.to_string(), samples: rates.iter().map(sample).collect() }
    }

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        let spread = spread(vec![4.0, 1.0, 3.0, 2.0]).unwrap();
        assert!((spread.median - 2.5).abs() < 1e-9);
        assert!(spread.low <= spread.median && spread.median <= spread.high);
    }

    #[test]
    fn nothing_and_nonsense_have_no_middle() {
        assert!(spread(Vec::new()).is_none());
        assert!(spread(vec![f64::NAN, f64::INFINITY]).is_none());
    }

    #[test]
    fn only_turns_of_the_same_round_are_compared() {
        // The second round was four times as fast for both; the third has no base.
        let all = [
            series("base 1.2", &[Some(10.0), Some(40.0), None]),
            series("ours", &[Some(20.0), Some(80.0), Some(1.0)]),
        ];
        let found = ratio(&all, "ours", "base", |turn| turn.rate).unwrap();
        assert!((found.median - 2.0).abs() < 1e-9 && (found.high - found.low).abs() < 1e-9);
    }

    #[test]
    fn a_whole_name_goes_before_the_beginning_of_another() {
        let all = [series("poll, 100", &[Some(1.0)]), series("poll, 10", &[Some(3.0)])];
        assert_eq!(middle(&all, "poll, 10", |turn| turn.rate), Some(3.0));
    }
}
