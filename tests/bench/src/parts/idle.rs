//! What an event costs while many others say nothing: select, poll and epoll.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Result;
use socket2::SockRef;

use crate::compare::{Series, cpu_to, middle, take_turns};
use crate::contender::{Contender, ours, plain};
use crate::load::crowd::{Connection, Crowd, Talk};
use crate::load::{BATCH, be_answered, connect};
use crate::paper::Part;
use crate::plan::{Plan, say};
use crate::plot::Curve;
use crate::sample::Sample;
use crate::server::Server;
use crate::target::Target;

const IDLE: [usize; 4] = [10, 100, 1000, 10_000];

/// select ends at 1,024 descriptors.
const SELECT_MAX: usize = 1000;

const BASE: &str = "plain epoll loop";

pub fn measure(plan: &Plan) -> Result<Part> {
    plan.build(&["02", "03"])?;
    let contenders = [
        plain(plan, BASE, &["epoll"]),
        ours(plan, "03", "polling", &["--backend", "polling"]),
        plain(plan, "plain poll loop", &["poll"]),
        ours(plan, "03", "poll", &["--backend", "poll"]),
        ours(plan, "02", "select", &[]),
    ];
    let numbers = if plan.quick { &IDLE[..3] } else { &IDLE[..] };
    let numbers: Vec<usize> = numbers.iter().copied().filter(|it| *it <= plan.idle_max).collect();
    if numbers.last() < IDLE.last() {
        say(format_args!("Idle connections: {numbers:?} only."));
    }
    // All numbers of idle connections in one round: the curve compares them with each other.
    let places: Vec<(usize, &Contender)> = numbers
        .iter()
        .flat_map(|number| contenders.iter().map(move |one| (*number, one)))
        .filter(|(number, one)| *number <= SELECT_MAX || !one.name.contains("select"))
        .collect();
    let named: Vec<Contender> = places
        .iter()
        .map(|(number, one)| Contender { name: label(&one.name, *number), ..(*one).clone() })
        .collect();
    let idle = |name: &str| name.rsplit(' ').next().and_then(|number| number.parse().ok());
    let series =
        take_turns(plan, &named, |one| turn(plan, one, idle(&one.name).unwrap_or_default()))?;
    let targets = targets(&series, numbers.last().copied().unwrap_or(10));
    let curves = vec![curve(&contenders, &numbers, &series)];
    let title = "Idle connections: select, poll, epoll";
    Ok(Part { name: "idle".into(), title: title.into(), curves, targets, ..Part::default() })
}

fn label(name: &str, idle: usize) -> String {
    format!("{name}, {idle}")
}

fn turn(plan: &Plan, contender: &Contender, idle: usize) -> Result<Sample> {
    let server = Server::start(plan, contender)?;
    let rest = server.memory().resident;
    let _crowd = say_nothing(server.address, idle)?;
    let each = (server.memory().resident - rest).max(0.0) / idle as f64;
    let talk = Talk {
        clients: 1,
        request: vec![7; 64],
        reply_len: 64,
        operations: 1,
        connection: Connection::Kept,
    };
    let mut active = Crowd::new(&talk, Some(server.address))?;
    let sample = active.talk(plan.warm, plan.time / 2, || server.cpu())?;
    Ok(Sample { rest, each, ..sample })
}

/// Connections that only stay.
fn say_nothing(address: SocketAddr, count: usize) -> Result<Vec<TcpStream>> {
    let mut crowd = Vec::with_capacity(count);
    for number in 1..=count {
        let mut stream = connect(address)?;
        SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
        if number % BATCH == 0 || number == count {
            be_answered(&mut stream, b"?", 1)?;
        }
        crowd.push(stream);
    }
    Ok(crowd)
}

fn curve(contenders: &[Contender], numbers: &[usize], series: &[Series]) -> Curve {
    let base = label(BASE, numbers[0]);
    let line = |one: &Contender| {
        let value = |number: &usize| {
            let name = label(&one.name, *number);
            cpu_to(series, &name, &base)
        };
        (one.name.clone(), numbers.iter().map(value).collect())
    };
    Curve {
        title: format!("CPU of an event, as a multiple of {BASE} with {} idle", numbers[0]),
        x: "idle connections".to_string(),
        places: numbers.to_vec(),
        lines: contenders.iter().map(line).collect(),
    }
}

fn targets(series: &[Series], most: usize) -> Vec<Target> {
    let cpu = |one: &str, other: &str| cpu_to(series, one, other);
    let (few, many) = (label("lab03 polling", 10), label("lab03 polling", most));
    let poll = (label("lab03 poll", most), label("plain poll loop", most));
    vec![
        Target::at_most(
            "idle-polling",
            &format!("lab03 polling: CPU of an event at {most} idle / at 10"),
            1.05,
            " ×",
            cpu(&many, &few),
        ),
        Target::at_most(
            "idle-poll",
            &format!("lab03 poll: CPU of an event at {most} idle / plain poll loop"),
            1.1,
            " ×",
            cpu(&poll.0, &poll.1),
        ),
        Target::at_most(
            "idle-memory",
            &format!("lab03 polling: memory for each of {most} idle connections"),
            0.5,
            " KiB",
            middle(series, &many, |turn| turn.each),
        ),
    ]
}
