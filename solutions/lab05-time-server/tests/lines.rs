//! The protocol by itself, without a socket: what holds for any conversation, cut anywhere, and for
//! any bytes at all.

#[expect(dead_code, reason = "here the time is given, and nobody looks at a clock")]
#[path = "../src/clock.rs"]
mod clock;
#[path = "../src/protocol.rs"]
mod protocol;

use proptest::collection::vec;
use proptest::prelude::{
    ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::{Index, select};

use clock::Time;
use protocol::{Answer, LINE_LEN_MAX, Line, Lines, answer};

const NOW: Time = Time { hour: 3, minute: 5, second: 59 };

/// The lines of `conversation`, which comes in pieces that end at `cuts`.
fn lines_of(conversation: &[u8], cuts: &[usize]) -> Vec<Line> {
    let mut lines = Lines::default();
    let mut all = Vec::new();
    let mut from = 0;
    for to in cuts.iter().copied().chain([conversation.len()]) {
        lines.push(&conversation[from..to]);
        from = to;
        all.extend(std::iter::from_fn(|| lines.next_line()));
        assert!(lines.held.len() <= LINE_LEN_MAX + 1, "{} bytes are held", lines.held.len());
    }
    all
}

/// The same by the definition: what stands before each CR LF is a line.
fn lines_by_definition(conversation: &[u8]) -> Vec<Line> {
    let mut rest = conversation;
    let mut all = Vec::new();
    while let Some(len) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let line = &rest[..len];
        all.push(if len > LINE_LEN_MAX { Line::TooLong } else { Line::Whole(line.to_vec()) });
        rest = &rest[len + 2..];
    }
    // A line that is too long need not be whole to be known for one. What is one byte over the
    // limit may still be a line at the limit, and the first half of its end.
    if rest.len() > LINE_LEN_MAX + 1 {
        all.push(Line::TooLong);
    }
    all
}

/// Pieces of conversations: requests, line ends of all kinds, noise, lengths around the limit.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let words =
        vec![&b"TIME"[..], b"QUIT", b"time", b"\r\n", b"\r\n", b"\r", b"\n", b"\0", b"\xff"];
    prop_oneof![
        6 => select(words).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..20),
        1 => (LINE_LEN_MAX - 3..LINE_LEN_MAX + 4).prop_map(|len| vec![b'x'; len]),
        1 => (0..3 * LINE_LEN_MAX).prop_map(|len| vec![b'x'; len]),
    ]
}

fn conversation() -> impl Strategy<Value = Vec<u8>> {
    vec(part(), 0..10).prop_map(|parts| parts.concat())
}

/// Places to cut a conversation of `len` bytes, in order.
fn places(cuts: &[Index], len: usize) -> Vec<usize> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(len + 1)).collect();
    places.sort_unstable();
    places
}

proptest! {
    // What fails is shrunk and shown; a file of old failures beside the sources helps nobody here.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_conversation_cut_anywhere_has_the_same_lines(
        conversation in conversation(),
        cuts in vec(any::<Index>(), 0..40),
    ) {
        let places = places(&cuts, conversation.len());
        prop_assert_eq!(lines_of(&conversation, &places), lines_by_definition(&conversation));
    }

    #[test]
    fn a_conversation_byte_by_byte_has_the_same_lines(conversation in conversation()) {
        let places: Vec<usize> = (0..conversation.len()).collect();
        prop_assert_eq!(lines_of(&conversation, &places), lines_by_definition(&conversation));
    }

    #[test]
    fn any_line_is_answered_and_only_the_two_commands_are_not_invalid(
        bytes in prop_oneof![vec(any::<u8>(), 0..40), conversation()],
    ) {
        let is_command = bytes == b"TIME" || bytes == b"QUIT";
        let invalid = Answer::Reply("Invalid command\r\n".to_string());
        prop_assert_eq!(answer(&Line::Whole(bytes), NOW) == invalid, !is_command);
    }

    #[test]
    fn a_time_takes_fourteen_bytes(hour in 0..24_i8, minute in 0..60_i8, second in 0..60_i8) {
        let answer = answer(&Line::Whole(b"TIME".to_vec()), Time { hour, minute, second });
        let Answer::Reply(reply) = answer else { panic!("no reply") };
        prop_assert_eq!(reply.len(), 14);
        prop_assert!(reply.starts_with("JAM ") && reply.ends_with("\r\n"));
    }
}

#[test]
fn the_commands_are_answered() {
    let said = |line: &[u8]| answer(&Line::Whole(line.to_vec()), NOW);
    assert_eq!(said(b"TIME"), Answer::Reply("JAM 03:05:59\r\n".to_string()));
    assert_eq!(said(b"QUIT"), Answer::Close);
    assert_eq!(answer(&Line::TooLong, NOW), said(b""));
}

#[test]
fn the_limit_is_1024_bytes_without_the_end() {
    let line = |len| [vec![b'x'; len], b"\r\n".to_vec()].concat();
    assert_eq!(lines_of(&line(1024), &[]), [Line::Whole(vec![b'x'; 1024])]);
    assert_eq!(lines_of(&line(1025), &[]), [Line::TooLong]);
}
