//! All words of a failure: what was promised, what was done, what came, what was due.
//!
//! Every symptom has one name here: *closed* (FIN), *reset* (RST), *refused*, *silent for 3.0 s*,
//! *exited with code 101*. The words say what was seen and why that matters, never how to mend it.

use std::fmt::Display;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::panic::Location;
use std::process::ExitStatus;
use std::time::Duration;

use crate::case::{Case, Failure, lock};
use crate::json;
use crate::message::Fault;
use crate::payload::{Payload, counted, escaped, grouped, quoted};
use crate::process::Testimony;
use crate::server::Deaf;
use crate::varying::{first_misfit, is_digit};
use crate::wire::Ending;

/// How many bytes around the first difference are shown: a few before it, more after.
const BEFORE_LEN: usize = 8;
const AFTER_LEN: usize = 24;

/// How many of a program's last lines are shown, and how much of each.
const LINES_MAX: usize = 6;
const LINE_LEN_MAX: usize = 200;

/// How many steps of a long conversation are shown: the last ones.
const STEPS_MAX: usize = 12;

/// The fact behind a stream that was ended, and an end that does not come back.
pub(crate) const THE_END: &str =
    "A read of 0 bytes is the end of the stream. Whoever reads again gets 0 again, for ever.";

/// The report of a failure, and the exercise that is not written yet, if that is the reason.
pub(crate) fn failure(case: &Case, failure: &Failure) -> (String, Option<String>) {
    let unwritten = failure.testimonies.iter().find_map(|seen| unwritten(&seen.errors));
    match unwritten {
        Some(unwritten) if !is_beyond(&unwritten.exercise, &case.name) => {
            (not_written_yet(case, &unwritten).join("\n"), Some(unwritten.exercise))
        }
        // It came to a later exercise only because something went wrong in this one.
        _ => (broken(case, failure).join("\n"), None),
    }
}

/// Whether `exercise` comes after the one that `promise` belongs to.
fn is_beyond(exercise: &str, promise: &str) -> bool {
    let step = |exercise: &str| exercise.rsplit_once('.')?.1.parse::<u32>().ok();
    let judged = exercise_of(promise);
    step(exercise) > judged.and_then(|judged| step(&judged))
}

/// The parts of a report, always in this order: the promise, what was done, what came, what was
/// due, the fact behind it, the program's own words, and where to go from here.
fn broken(case: &Case, failure: &Failure) -> Vec<String> {
    let mut lines = vec![headline(case), String::new()];
    let conversation = lock(&case.conversation);
    let hidden = conversation.steps.len().saturating_sub(STEPS_MAX);
    if hidden > 0 {
        lines.push(format!("         ({hidden} steps before these went well)"));
    }
    for step in &conversation.steps[hidden..] {
        lines.push(format!("  {:>6.3} {step}", step.at.as_secs_f64()));
    }
    lines.push(format!("  failed {}", failure.step));
    lines.push(String::new());
    lines.push(format!("  got    {}", indented(&failure.got)));
    lines.push(format!("  want   {}", indented(&failure.want)));
    lines.push(String::new());
    lines.push(failure.fact.unwrap_or(case.fact).to_string());
    lines.extend(failure.testimonies.iter().flat_map(last_words));
    lines.push(String::new());
    lines.push(format!("read   the book, {}", chapter(&case.name)));
    lines.push(format!("judged {}", place(failure.place)));
    lines.push(format!("again  {} -- {}", case.defendant.how_to_judge(), case.name));
    if conversation.steps.iter().any(|step| step.to_string().contains("drawn bytes")) {
        lines.push(format!("       with the same bytes: WIRELAB_SEED={}", case.seed));
    }
    lines.push(String::new());
    lines
}

fn not_written_yet(case: &Case, Unwritten { exercise, place }: &Unwritten) -> Vec<String> {
    let (package, step) = (case.defendant.package(), exercise.replace('.', "_"));
    vec![
        headline(case),
        String::new(),
        format!("  exercise {exercise} is not written yet: {place}"),
        format!("  its check: cargo test -p {package} -- ex{step}"),
        String::new(),
    ]
}

/// What a promise that was not judged says.
pub(crate) fn not_judged(case: &Case, why: &str) -> String {
    format!("not judged: {}\n  {why}\n", headline(case))
}

/// What is said when everything was as expected, and yet not as it was recorded.
pub(crate) fn conversation_changed(case: &Case) -> String {
    format!(
        "{}\n\n  Every expectation held, but the conversation is not the recorded one.\n  \
         The promise itself was changed. If that is meant: INSTA_UPDATE=always cargo test\n",
        headline(case)
    )
}

/// The promise in words: `exercise 1.2: a message comes back`.
fn headline(case: &Case) -> String {
    let words = promise_in_words(&case.name);
    match exercise_of(&case.name) {
        Some(exercise) if exercise.ends_with(".0") => format!("given: {words}"),
        Some(exercise) => format!("exercise {exercise}: {words}"),
        None => words,
    }
}

/// `a_message_comes_back` of `ex1_2_a_message_comes_back`, with spaces.
pub(crate) fn promise_in_words(name: &str) -> String {
    let words = match exercise_of(name) {
        Some(_) => name.splitn(3, '_').nth(2).unwrap_or_default(),
        None => name,
    };
    words.replace('_', " ")
}

/// `1.2` of `ex1_2_a_message_comes_back`.
pub(crate) fn exercise_of(name: &str) -> Option<String> {
    let mut parts = name.strip_prefix("ex")?.splitn(3, '_');
    let (lab, step) = (parts.next()?, parts.next()?);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(lab) && is_number(step)).then(|| format!("{lab}.{step}"))
}

/// File and line of a promise, as seen from the root.
fn place(place: &Location<'_>) -> String {
    let file = place.file();
    format!("{}:{}", file.rsplit_once("../").map_or(file, |(_, file)| file), place.line())
}

fn chapter(name: &str) -> String {
    match exercise_of(name) {
        Some(exercise) => {
            let lab = exercise.split('.').next().unwrap_or_default();
            format!("Lab {lab:0>2}, exercise {exercise}")
        }
        None => "How checks work".to_string(),
    }
}

/// An exercise that the program came to and found empty.
struct Unwritten {
    exercise: String,
    place: String,
}

/// Finds the panic of an exercise's `todo!` in what a program wrote.
fn unwritten(errors: &str) -> Option<Unwritten> {
    let (before, after) = errors.split_once("not yet implemented: exercise ")?;
    let exercise = after.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    let (_, place) = before.rsplit_once("panicked at ")?;
    // `file:line:column:` without the column.
    let mut parts = place.trim_end().trim_end_matches(':').rsplitn(2, ':');
    let place = cut(parts.nth(1)?);
    Some(Unwritten { exercise: exercise.trim_end_matches('.').to_string(), place })
}

/// What became of a program, and the last it wrote.
fn last_words(testimony: &Testimony) -> Vec<String> {
    let role = testimony.role;
    let mut lines = Vec::new();
    if testimony.flooded {
        lines.push(format!("\nThe {role} floods its output; we have stopped reading it."));
    }
    if testimony.exit.is_some() {
        lines.push(format!("\nThe {role} {}.", exit(testimony.exit)));
    }
    let mut words = testimony.errors.as_str();
    if let Some(Unwritten { exercise, place }) = unwritten(words) {
        lines.push(format!("It came to exercise {exercise}, which is not written yet: {place}"));
        words = words.split_once("\nthread '").map_or("", |(before, _)| before);
    }
    if role == "client" && !testimony.screen.is_empty() {
        lines.push(format!(
            "\nOn its screen, and not expected: {}",
            quoted(testimony.screen.as_bytes())
        ));
    }
    // Its output is of use where it has ended without a word of complaint.
    if words.trim().is_empty() && testimony.exit.is_some() && role != "client" {
        words = &testimony.screen;
    }
    let said: Vec<&str> = words.lines().filter(|line| !line.trim().is_empty()).collect();
    if !said.is_empty() {
        lines.push(format!("\nThe last words of the {role}:"));
    }
    let last = &said[said.len().saturating_sub(LINES_MAX)..];
    lines.extend(last.iter().map(|line| format!("  | {}", cut(line))));
    lines
}

/// A line of a program, with nothing in it that a terminal would obey.
fn cut(line: &str) -> String {
    let visible: String =
        line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    match visible.char_indices().nth(LINE_LEN_MAX) {
        Some((end, _)) => format!("{}...", &visible[..end]),
        None => visible,
    }
}

/// Sets the second and later lines under the first.
fn indented(text: &str) -> String {
    text.replace('\n', "\n         ")
}

// --- bytes: got and want ---

/// What came instead of `want`: the bytes around the first difference, and how the stream went on.
pub(crate) fn difference(got: &[u8], want: &[u8], end: String) -> String {
    let same = got.iter().zip(want).take_while(|(got, want)| got == want).count();
    let end = if end.is_empty() { end } else { format!(", then {end}") };
    if got.is_empty() {
        return format!("nothing{end}");
    }
    let bytes = format!("{} ({})", window(got, same), counted(got.len()));
    match want.get(same) {
        _ if want.is_empty() => format!("{bytes}{end}"),
        None => {
            format!("{bytes}{end}\nthe first {} are right, and then there is more", counted(same))
        }
        Some(_) if same == got.len() => {
            format!("{bytes}{end}\nright so far; {} more are due", counted(want.len() - same))
        }
        Some(due) => format!(
            "{bytes}{end}\nfirst difference at byte {same}: \"{}\" came, \"{}\" was due",
            escaped(&got[same..=same]),
            escaped(&[*due])
        ),
    }
}

/// What came instead of a line like `pattern`.
pub(crate) fn unlike(got: &[u8], pattern: &str, end: String) -> String {
    let Some(place) = first_misfit(got, pattern) else {
        return difference(got, pattern.as_bytes(), end);
    };
    let end = if end.is_empty() { end } else { format!(", then {end}") };
    let bytes = format!("{} ({})", window(got, place), counted(got.len()));
    let came = escaped(&got[place..=place]);
    let due = pattern.chars().nth(place).unwrap_or_default();
    let due = if is_digit(due) { "a digit".to_string() } else { format!("{due:?}") };
    let due = due.replace('\'', "\"");
    format!("{bytes}{end}\nfirst difference at byte {place}: \"{came}\" came, {due} was due")
}

pub(crate) fn like(pattern: &str) -> String {
    format!("{}, where each small letter is a digit", quoted(pattern.as_bytes()))
}

pub(crate) fn rounds(count: usize, times: usize) -> String {
    format!("so it was in {count} of {times} rounds")
}

pub(crate) fn not_meanwhile(times: usize) -> String {
    format!("it is not so after the same {times} times")
}

pub(crate) fn not_in_time(waited: Duration) -> String {
    format!("it is not so after {:.1} s of the same", waited.as_secs_f64())
}

pub(crate) fn nothing_yet() -> String {
    "nothing yet: neither bytes nor an end".to_string()
}

/// The time of day `seconds` after midnight.
pub(crate) fn a_time(seconds: i64, place: &str) -> String {
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("the time {place}, within a few seconds: {hour:02}:{minute:02}:{second:02}")
}

/// The bytes around `place`, in quotes.
fn window(bytes: &[u8], place: usize) -> String {
    let start = place.saturating_sub(BEFORE_LEN);
    // A short beginning is shown whole.
    let start = if start <= BEFORE_LEN { 0 } else { start };
    let end = bytes.len().min(place + AFTER_LEN);
    let dots = |cut: bool| if cut { "..." } else { "" };
    let shown = escaped(&bytes[start..end]);
    format!("{}\"{shown}\"{}", dots(start > 0), dots(end < bytes.len()))
}

pub(crate) fn bytes(wanted: &Payload) -> String {
    let count = counted(wanted.bytes().len());
    let shown = wanted.shown();
    if shown.ends_with("bytes") || shown.ends_with(')') {
        shown
    } else {
        format!("{shown} ({count})")
    }
}

// --- connections ---

pub(crate) fn ending(other: &str, ending: Ending) -> String {
    match ending {
        Ending::Eof => format!("closed by the {other}"),
        Ending::Reset => format!("reset by the {other}"),
    }
}

pub(crate) fn silence(waited: Duration) -> String {
    format!("silent for {:.1} s", waited.as_secs_f64())
}

pub(crate) fn out_of_time(limit: Duration) -> String {
    format!("no end of it after {:.0} s, the time of a whole promise", limit.as_secs_f64())
}

pub(crate) fn an_end(other: &str) -> String {
    format!("the end of the stream, and nothing before it: the {other} closes its side")
}

/// What a peer gets from whoever refuses it.
pub(crate) const GONE: &str = "end of stream, or a reset";

pub(crate) fn no_more(other: &str) -> String {
    format!("the end of the stream or a reset, and nothing before it: the {other} closes")
}

/// Bytes that may be written in several ways: what they mean, and in which form.
pub(crate) fn in_form(bytes: &str, form: &str) -> String {
    format!("{bytes} {form}")
}

pub(crate) fn meant(form: &str, bytes: &str) -> String {
    format!("{form}: {bytes}")
}

pub(crate) fn no_connection(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "refused: nobody listens there any more".to_string(),
        io::ErrorKind::TimedOut => "silent: the handshake did not end".to_string(),
        _ => format!("no connection: {error}"),
    }
}

pub(crate) fn a_connection() -> String {
    "a connection".to_string()
}

pub(crate) fn nobody_came(waited: Duration) -> String {
    format!("nobody connected in {:.1} s", waited.as_secs_f64())
}

pub(crate) fn takes_no_more(other: &str, done: usize, silence: &str) -> String {
    format!("the {other} takes no more after {}, {silence}", counted(done))
}

pub(crate) fn takes_all(other: &str, len: usize) -> String {
    format!("the {other} takes all {}", counted(len))
}

pub(crate) fn has_gone(other: &str) -> String {
    format!("the {other} has closed the connection")
}

/// What is left unread after all, by somebody who `reads` on or does not.
pub(crate) fn does_not_read(unread: usize, reads: bool, waited: Duration) -> String {
    let slowly = if reads { "; it reads, but slowly" } else { "" };
    format!("after {:.1} s still unread: {}{slowly}", waited.as_secs_f64(), counted(unread))
}

pub(crate) fn reads_on(other: &str) -> String {
    format!("the {other} reads what has arrived")
}

pub(crate) fn never_full(sent: usize) -> String {
    format!("after {} something still moves", counted(sent))
}

pub(crate) fn a_full_connection() -> String {
    "the server stops taking bytes from a peer that reads nothing".to_string()
}

pub(crate) fn takes_anything(sent: usize) -> String {
    format!("it has taken {}, and takes more", counted(sent))
}

pub(crate) fn owes_nothing(sent: usize) -> String {
    format!("after {} it still owes nothing", counted(sent))
}

pub(crate) fn a_debt() -> String {
    "a server that has taken more than it can send back to a peer that reads nothing".to_string()
}

pub(crate) fn still_there(waited: Duration) -> String {
    format!("after {:.1} s the connection is still there", waited.as_secs_f64())
}

pub(crate) fn let_go() -> String {
    "the server ends a connection on which nothing moves".to_string()
}

pub(crate) fn its_own(len: usize) -> String {
    format!("its own {} and nothing else, for every peer", counted(len))
}

pub(crate) fn too_few_descriptors(count: usize, limit: u64) -> String {
    let count = grouped(count);
    format!("this promise needs {count} connections, and the system allows {limit} descriptors")
}

// --- datagrams ---

pub(crate) fn a_datagram(wanted: &Payload) -> String {
    format!("one datagram with just this in it: {}", bytes(wanted))
}

pub(crate) fn a_datagram_sent() -> String {
    "a datagram on its way".to_string()
}

pub(crate) fn an_empty_datagram() -> String {
    "a datagram with nothing in it".to_string()
}

pub(crate) fn no_datagram(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "refused: nobody is at that address".to_string(),
        _ => format!("no datagram: {error}"),
    }
}

pub(crate) fn no_datagram_yet() -> String {
    "no datagram yet".to_string()
}

pub(crate) fn nothing_then(end: &str) -> String {
    format!("nothing, then {end}")
}

// --- HTTP ---

/// What is wrong with the bytes of a message.
pub(crate) fn fault(fault: &Fault) -> String {
    let quoted = |text: &String| quoted(text.as_bytes());
    match fault {
        Fault::LineEnd => "no HTTP: a line of the head ends in LF alone".to_string(),
        Fault::HeadLen => "no HTTP: the head has no end".to_string(),
        Fault::Start(line) => format!("no HTTP: {} is not how a message begins", quoted(line)),
        Fault::Field(line) => format!("no HTTP: {} is no field", quoted(line)),
        Fault::Length(value) => format!("no HTTP: Content-Length is {}", quoted(value)),
        Fault::TwoFramings => "no HTTP: both Content-Length and Transfer-Encoding".to_string(),
        Fault::Chunk(line) => format!("no HTTP: {} where a chunk was due", quoted(line)),
    }
}

/// A field that tells the time.
pub(crate) const NOW: &str = "the time, as \"Sun, 06 Nov 1994 08:49:37 GMT\"";

/// A message of which the head has come, and not all of the body.
pub(crate) fn cut_body(seen: &str, came: usize, len: Option<usize>, end: &str) -> String {
    let of = len.map(|len| format!(" of {}", grouped(len))).unwrap_or_default();
    let body = format!("{}{of} bytes of the body have come", grouped(came));
    format!("{seen}, then {end}\n{body}")
}

pub(crate) fn field_differs(name: &str, there: Option<&str>) -> String {
    match there {
        None => format!("the field {name} is missing"),
        Some(value) => format!("the field {name} is {}", quoted(value.as_bytes())),
    }
}

pub(crate) fn body_differs(difference: &str) -> String {
    format!("the body is {difference}")
}

pub(crate) fn body_lacks(part: &str) -> String {
    format!("{} is not in the body", quoted(part.as_bytes()))
}

pub(crate) fn body_holds(part: &str) -> String {
    format!("{part} is in the body")
}

/// Status codes, of which any will do: `400, 403 or 404`.
pub(crate) fn one_of(statuses: &[u16]) -> String {
    let words: Vec<String> = statuses.iter().map(ToString::to_string).collect();
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => words.concat(),
    }
}

pub(crate) fn listed_all(words: &[String]) -> String {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    listed(&words)
}

// --- JSON ---

/// What a text that should be JSON is instead.
pub(crate) fn no_json(text: &[u8], fault: json::Fault) -> String {
    match fault {
        json::Fault::End => "no JSON: it ends too early".to_string(),
        json::Fault::NotText(at) => format!("no JSON: not UTF-8 at byte {at}"),
        json::Fault::Depth(at) => format!("no JSON that anybody needs: too deep at byte {at}"),
        json::Fault::Unexpected(at) => {
            format!("no JSON: {} at byte {at} is not due there", quoted(&text[at..=at]))
        }
    }
}

pub(crate) fn member_differs(key: &str, there: Option<String>) -> String {
    match there {
        None => format!("\"{key}\" is missing"),
        Some(value) => format!("\"{key}\" is {value}"),
    }
}

pub(crate) fn not_in_the_list(name: &str) -> String {
    format!("{name} is not in the list")
}

pub(crate) fn too_much_in_the_list(item: &str) -> String {
    format!("{item} is too much in the list")
}

pub(crate) fn no_base64(text: &str) -> String {
    format!("\"data_file\" is no base64: {}", quoted(text.as_bytes()))
}

pub(crate) fn content_differs(difference: &str) -> String {
    format!("the content is {difference}")
}

/// A reply that is not whole.
pub(crate) fn cut_reply(came: &[u8], end: String) -> String {
    let came_and_end = difference(came, &[], end);
    if came.is_empty() { came_and_end } else { format!("{came_and_end}\nno CR LF CR LF ends it") }
}

// --- folders ---

pub(crate) fn file(bytes: Option<&[u8]>) -> String {
    match bytes {
        None => "no such file".to_string(),
        Some(bytes) => format!("a file with {} ({})", window(bytes, 0), counted(bytes.len())),
    }
}

/// Names of files, which may hold anything that a terminal would obey.
pub(crate) fn listed_names(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{:?}", name.as_ref())).collect();
    quoted.join(" and ")
}

pub(crate) fn names(names: &[String]) -> String {
    if names.is_empty() { "an empty folder".to_string() } else { listed_names(names) }
}

/// A line of a file, by its place from 0.
pub(crate) fn line_of_file(at: usize, line: Option<&str>) -> String {
    match line {
        None => format!("no line {}", at + 1),
        Some(line) => format!("line {}: {}", at + 1, cut(line)),
    }
}

// --- programs ---

pub(crate) fn log_lines(lines: &[String]) -> String {
    let count = counted_lines(lines.len());
    let lines: String = lines.iter().map(|line| format!("\n| {}", cut(line))).collect();
    format!("{count}{lines}")
}

pub(crate) fn so_many_lines(count: usize) -> String {
    format!("{}: one that it came, one that it left or failed", counted_lines(count))
}

pub(crate) fn a_log_line(words: &str) -> String {
    format!("a line about this client with \"{words}\" in it")
}

fn counted_lines(count: usize) -> String {
    if count == 1 { "1 line".to_string() } else { format!("{count} lines") }
}

pub(crate) fn cannot_start(program: &str, error: &io::Error) -> String {
    format!("cannot start {program}: {error}")
}

pub(crate) fn a_running_program() -> String {
    "a program that starts".to_string()
}

pub(crate) fn deaf(deaf: &Deaf) -> String {
    match deaf {
        Deaf::Gone => "the program ended before it listened".to_string(),
        Deaf::PortTaken => "the program ended: it says that its port is in use".to_string(),
        Deaf::Elsewhere(ports) => {
            let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
            format!("the program listens on another port: {}", ports.join(", "))
        }
        Deaf::Nowhere(seconds) => {
            format!("the program runs, but after {seconds:.1} s it listens on no port")
        }
    }
}

/// The fact behind a program that does not listen, if it ended for a reason of its own.
pub(crate) fn why_deaf(deaf: &Deaf) -> Option<&'static str> {
    let gone = "Nobody can talk to a program that has ended; its last words say why it did.";
    matches!(deaf, Deaf::Gone).then_some(gone)
}

pub(crate) fn a_listener(port: u16) -> String {
    match port {
        0 => "a server that listens".to_string(),
        _ => format!("a server that listens on port {port}"),
    }
}

pub(crate) fn exit(exit: Option<ExitStatus>) -> String {
    match exit.map(|status| (status.code(), status.signal())) {
        None => "still runs".to_string(),
        Some((Some(code), _)) => format!("exited with code {code}"),
        Some((None, signal)) => format!("was ended by signal {}", signal.unwrap_or_default()),
    }
}

/// A program that was to end; `sleeps` is whether it does, where the system tells.
pub(crate) fn runs_on(waited: Duration, sleeps: Option<bool>) -> String {
    let state = match sleeps {
        Some(true) => ", and waits for something",
        Some(false) => ", and is busy",
        None => "",
    };
    format!("still runs after {:.1} s{state}", waited.as_secs_f64())
}

pub(crate) fn gives_up(limit: Duration) -> String {
    format!("gives up after {:.1} s", limit.as_secs_f64())
}

pub(crate) fn too_soon(waited: Duration) -> String {
    format!("it ended after {:.3} s already", waited.as_secs_f64())
}

pub(crate) fn a_failure() -> String {
    "an end by itself, with another exit code than 0".to_string()
}

pub(crate) fn exits(code: i32) -> String {
    format!("exits with code {code}")
}

pub(crate) fn screen_end(closed: bool, waited: Duration) -> String {
    if closed { "the end of its output".to_string() } else { silence(waited) }
}

pub(crate) fn quoted_output(text: &str) -> String {
    if text.is_empty() { "nothing".to_string() } else { quoted(text.as_bytes()) }
}

pub(crate) fn a_line(line: &Payload) -> String {
    format!("the line {} on standard output", quoted(line.bytes()))
}

/// What a program wrote on standard error, line by line.
pub(crate) fn written(text: &str) -> String {
    if text.is_empty() {
        return "not a word on standard error".to_string();
    }
    log_lines(&text.lines().map(ToString::to_string).collect::<Vec<_>>())
}

pub(crate) fn this_line(line: &str) -> String {
    format!("this line on standard error\n| {line}")
}

pub(crate) fn complaint(text: &str, crashed: bool, missing: &[&str]) -> String {
    match text.trim().is_empty() {
        _ if crashed => "a crash".to_string(),
        true => "not a word on standard error".to_string(),
        false => format!("an error message without {}", listed(missing)),
    }
}

pub(crate) fn an_error_message(words: &[&str]) -> String {
    match words {
        [] => "an error message".to_string(),
        _ => format!("an error message with {}", listed(words)),
    }
}

pub(crate) fn a_sentence(words: &[&str]) -> String {
    match words {
        [] => "an error message for the user".to_string(),
        _ => format!("an error message for the user with {} in it", listed(words)),
    }
}

pub(crate) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    quoted.join(" and ")
}

pub(crate) fn still_runs(waited: Duration) -> String {
    format!("it still runs after {:.1} s", waited.as_secs_f64())
}

pub(crate) fn does_not_stop() -> String {
    "some of its threads still run".to_string()
}

pub(crate) fn still_busy(waited: Duration) -> String {
    format!("it is still busy after {:.1} s, and nobody asks anything of it", waited.as_secs_f64())
}

pub(crate) fn holds_more(more: usize) -> String {
    format!("it holds {} more than before", counted(more))
}

pub(crate) fn little_memory(limit: usize) -> String {
    format!("holds at most {} more", counted(limit))
}

pub(crate) fn a_resting_program() -> String {
    "a program that sleeps until something happens".to_string()
}

pub(crate) fn a_stopped_server() -> String {
    "a server that can be stopped (SIGSTOP)".to_string()
}

pub(crate) fn has_workers(count: usize) -> String {
    format!("has at least {count} workers")
}

pub(crate) fn workers(count: usize) -> String {
    match count {
        0 => "one process, and no other".to_string(),
        _ => format!("so many processes besides the first: {count}"),
    }
}

pub(crate) fn no_workers() -> String {
    "no living process besides the first: each ends with its client".to_string()
}

pub(crate) fn so_many_workers(count: usize) -> String {
    format!("at least {count} living processes besides the first")
}

pub(crate) fn no_worker_holds() -> String {
    "no process but the first holds the connection".to_string()
}

pub(crate) fn a_worker() -> String {
    "a worker process that holds the connection of its client".to_string()
}

pub(crate) fn holders(count: usize, first: bool) -> String {
    let first = if first { ", and the server's first process is one of them" } else { "" };
    format!("so many processes hold it: {count}{first}")
}

pub(crate) fn one_holder() -> String {
    "one process holds the connection, and it is not the server's first".to_string()
}

pub(crate) fn children(alive: usize, dead: usize) -> String {
    format!("alive: {alive}, dead and never asked for: {dead}")
}

pub(crate) fn no_children() -> String {
    "no process but the first, not even a dead one in the kernel's list".to_string()
}

pub(crate) fn more_descriptors(more: usize) -> String {
    format!("so many descriptors more than before: {more}")
}

pub(crate) fn descriptors_back() -> String {
    "a server that has closed what it has opened".to_string()
}

pub(crate) fn left_over(strays: usize, listens: bool) -> String {
    let listens = if listens { "somebody still listens" } else { "nobody listens" };
    format!("{listens}, and so many processes are left: {strays}")
}

pub(crate) fn screen_is_open(workers: usize) -> String {
    format!("somebody holds it open; so many processes live on: {workers}")
}

pub(crate) fn screen_has_ended() -> String {
    "the end of its standard output, for whoever reads that".to_string()
}

pub(crate) fn nothing_left() -> String {
    "no process is left, and nobody listens".to_string()
}

/// A value that is shown as it is: for what the judge itself did wrong.
pub(crate) fn judge_failed(case: &Case, why: impl Display) -> String {
    format!("{}\n\n  The judge itself failed: {why}\n", headline(case))
}
