//! The framings by themselves, without a socket: what holds for any messages, cut anywhere, and
//! for any bytes at all.

#[path = "../src/framing/mod.rs"]
mod framing;

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::{Index, select};

use framing::{Decoded, Error, Framing, Inbox, Kind, MESSAGE_LEN_MAX, Place};

/// The most that one `add` brings here.
const READ_LEN: usize = 64;

/// Decodes `bytes`, which come in `pieces` and then end.
fn decoded(kind: Kind, bytes: &[u8], cuts: &[usize]) -> (Vec<Vec<u8>>, Result<(), Error>) {
    let mut framing = kind.framing();
    let (mut inbox, mut messages) = (Inbox::default(), Vec::new());
    let mut from = 0;
    for to in cuts.iter().copied().chain([bytes.len()]) {
        inbox.add(&bytes[from..to]);
        from = to;
        if let Err(error) = take_all(&mut *framing, &mut inbox, &mut messages) {
            return (messages, Err(error));
        }
    }
    inbox.end();
    let outcome = take_all(&mut *framing, &mut inbox, &mut messages);
    (messages, outcome)
}

fn take_all(
    framing: &mut dyn Framing,
    inbox: &mut Inbox,
    messages: &mut Vec<Vec<u8>>,
) -> Result<(), Error> {
    while let Decoded::Complete(message) = framing.decode(inbox)? {
        messages.push(message);
    }
    Ok(())
}

fn encoded(kind: Kind, messages: &[Vec<u8>]) -> Vec<u8> {
    let mut framing = kind.framing();
    let encode = |message: &Vec<u8>| framing.encode(message).expect("short enough");
    messages.iter().flat_map(encode).collect()
}

/// Bytes that are special to somebody, and all the others.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![select(vec![0, 1, 4, 16, b'\n', b'\r', b'\\', b'n', 0xff]), any::<u8>()]
}

/// Messages that `kind` can carry on one connection.
fn messages(kind: Kind) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let (count, len) = match kind {
        Kind::Close | Kind::Streams => (1..2, 0..200),
        Kind::Fixed => (0..8, 0..17),
        Kind::Delimiter | Kind::Prefix | Kind::Blocks => (0..8, 0..60),
    };
    let not_cut_short = move |message: Vec<u8>| match kind {
        Kind::Fixed => without_padding(message),
        _ => message,
    };
    vec(vec(byte(), len).prop_map(not_cut_short), count)
}

fn without_padding(mut message: Vec<u8>) -> Vec<u8> {
    while message.last() == Some(&0) {
        message.pop();
    }
    message
}

fn kind() -> impl Strategy<Value = Kind> {
    select(<Kind as clap::ValueEnum>::value_variants())
}

fn places(cuts: &[Index], len: usize) -> Vec<usize> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(len + 1)).collect();
    places.sort_unstable();
    places
}

proptest! {
    #[test]
    fn messages_that_are_encoded_and_cut_anywhere_come_out_as_they_were(
        (kind, messages) in kind().prop_flat_map(|kind| (select(vec![kind]), messages(kind))),
        cuts in vec(any::<Index>(), 0..6),
    ) {
        let bytes = encoded(kind, &messages);
        let (came, outcome) = decoded(kind, &bytes, &places(&cuts, bytes.len()));
        prop_assert_eq!(outcome, Ok(()));
        prop_assert_eq!(came, messages);
    }

    #[test]
    fn how_bytes_are_cut_makes_no_difference(
        kind in kind(),
        bytes in vec(byte(), 0..300),
        cuts in vec(any::<Index>(), 0..6),
    ) {
        let whole = decoded(kind, &bytes, &[]);
        prop_assert_eq!(decoded(kind, &bytes, &places(&cuts, bytes.len())), whole.clone());
        let each: Vec<usize> = (0..bytes.len()).collect();
        prop_assert_eq!(decoded(kind, &bytes, &each), whole);
    }

    #[test]
    fn no_bytes_make_a_decoder_panic_or_hold_more_than_has_come(
        kind in kind(),
        pieces in vec(vec(byte(), 0..READ_LEN), 0..20),
    ) {
        let mut framing = kind.framing();
        let (mut inbox, mut messages) = (Inbox::default(), Vec::new());
        let mut came = 0;
        for piece in pieces {
            inbox.add(&piece);
            came += piece.len();
            let outcome = take_all(&mut *framing, &mut inbox, &mut messages);
            let taken: usize = messages.iter().map(Vec::len).sum();
            prop_assert!(inbox.len() + taken <= came);
            if outcome.is_err() {
                break;
            }
        }
        inbox.end();
        let _ = take_all(&mut *framing, &mut inbox, &mut messages);
    }
}

/// Feeds `byte` again and again, after `start`, until the decoder refuses; says how much it held.
fn held_at_most(kind: Kind, start: &[u8], again: &[u8]) -> usize {
    let mut framing = kind.framing();
    let mut inbox = Inbox::default();
    inbox.add(start);
    let mut most = 0;
    for _ in 0..4 * MESSAGE_LEN_MAX / again.len() {
        match framing.decode(&mut inbox) {
            Ok(Decoded::Complete(message)) => most = most.max(message.len()),
            Ok(Decoded::Partial) => inbox.add(again),
            Err(error) => {
                assert!(matches!(error, Error::TooLong(_)), "{error}");
                return most;
            }
        }
        most = most.max(inbox.len());
    }
    most
}

#[test]
fn endless_input_is_refused_at_the_limit_and_not_held() {
    let piece = [b'x'; 4096];
    let room = 4096 + 8;
    assert!(held_at_most(Kind::Close, b"", &piece) <= MESSAGE_LEN_MAX + room);
    assert!(held_at_most(Kind::Streams, b"", &piece) <= MESSAGE_LEN_MAX + room);
    assert!(held_at_most(Kind::Fixed, b"", &piece) <= room);
    assert!(held_at_most(Kind::Delimiter, b"", &piece) <= 65_536 + room);
    assert!(held_at_most(Kind::Prefix, &[0, 16, 0, 0], &piece) <= MESSAGE_LEN_MAX + room);
    assert!(held_at_most(Kind::Blocks, &[0, 16, 0, 0], &piece) <= MESSAGE_LEN_MAX + room);
    // One byte a block: the wire carries five times what the message holds.
    assert!(held_at_most(Kind::Blocks, b"", b"\0\0\0\x01x") <= MESSAGE_LEN_MAX + room);
}

#[test]
fn what_is_refused_is_told_by_its_place() {
    let error = |kind, bytes: &[u8]| decoded(kind, bytes, &[]).1;
    let too_long = Err(Error::TooLong(MESSAGE_LEN_MAX));
    assert_eq!(error(Kind::Fixed, b"short"), Err(Error::Cut(Place::Record)));
    assert_eq!(error(Kind::Delimiter, b"no line end"), Ok(()));
    assert_eq!(error(Kind::Delimiter, &[b'x'; 65_537]), Err(Error::TooLong(65_536)));
    assert_eq!(error(Kind::Prefix, &[0, 0, 0]), Err(Error::Cut(Place::Header)));
    assert_eq!(error(Kind::Prefix, &[0, 0, 0, 2, b'h']), Err(Error::Cut(Place::Body)));
    assert_eq!(error(Kind::Prefix, &[0, 16, 0, 1]), too_long);
    assert_eq!(error(Kind::Prefix, &[0xff; 4]), too_long);
    assert_eq!(error(Kind::Blocks, &[0, 0, 0, 1, b'h']), Err(Error::Cut(Place::Run)));
    assert_eq!(error(Kind::Blocks, &[0, 0, 0, 1, b'h', 0]), Err(Error::Cut(Place::Header)));
    assert_eq!(error(Kind::Blocks, &[0, 0, 0, 1, b'h', 0, 16, 0, 0]), too_long);
    assert_eq!(error(Kind::Close, &vec![0; MESSAGE_LEN_MAX + 1]), too_long);
    assert_eq!(error(Kind::Streams, &vec![0; MESSAGE_LEN_MAX]), Ok(()));
}

#[test]
fn lengths_at_the_limit_are_carried_and_one_above_is_refused() {
    let limits = [
        (Kind::Close, MESSAGE_LEN_MAX),
        (Kind::Streams, MESSAGE_LEN_MAX),
        (Kind::Fixed, 16),
        (Kind::Delimiter, 65_536),
        (Kind::Prefix, MESSAGE_LEN_MAX),
        (Kind::Blocks, MESSAGE_LEN_MAX),
    ];
    for (kind, limit) in limits {
        for len in [0, 1, limit] {
            let message = vec![b'x'; len];
            let bytes = encoded(kind, std::slice::from_ref(&message));
            assert_eq!(decoded(kind, &bytes, &[]), (vec![message], Ok(())), "{kind:?}, {len}");
        }
        let refused = kind.framing().encode(&vec![b'x'; limit + 1]);
        assert_eq!(refused, Err(Error::TooLong(limit)), "{kind:?}");
    }
}

#[test]
fn escapes_are_two_bytes_and_everything_else_stays() {
    let table: [(&[u8], &[u8]); 7] = [
        (br"a\nb", b"a\nb"),
        (br"a\\nb", br"a\nb"),
        (br"a\\\nb", b"a\\\nb"),
        (br"\t\x", br"\t\x"),
        (br"dangling\", br"dangling\"),
        (b"carriage return\r", b"carriage return\r"),
        (b"", b""),
    ];
    for (line, message) in table {
        let bytes = [line, b"\n"].concat();
        let each: Vec<usize> = (0..bytes.len()).collect();
        assert_eq!(decoded(Kind::Delimiter, &bytes, &each), (vec![message.to_vec()], Ok(())));
    }
}
