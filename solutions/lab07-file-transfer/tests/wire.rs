//! The languages of the server by themselves, without a socket and a disk: what holds for any
//! requests, cut anywhere, and for any bytes at all.

#[path = "../src/store/name.rs"]
mod name;
#[expect(dead_code, reason = "the replies that bring counts have nobody to count for here")]
#[path = "../src/wire/mod.rs"]
mod wire;

use proptest::collection::vec;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::{Index, select};

use wire::base64::{self, Decoder, Error};
use wire::json;
use wire::raw;
use wire::refusal::Refusal;
use wire::reply;
use wire::request::{self, END, HEAD_LEN_MAX, Request};

/// What a server takes a conversation for: what is wanted, or the words of the refusal; and the
/// content that follows, if it is all there.
type Step = (Result<Request, String>, Option<Vec<u8>>);

/// The requests of `conversation`, which comes in pieces that end at `cuts`.
fn steps_of(conversation: &[u8], cuts: &[usize]) -> Vec<Step> {
    let (mut steps, mut held) = (Vec::new(), Vec::new());
    let mut open: Option<(Step, Vec<u8>)> = None;
    let mut from = 0;
    for to in cuts.iter().copied().chain([conversation.len()]) {
        held.extend_from_slice(&conversation[from..to]);
        from = to;
        while take_step(&mut held, &mut open, &mut steps) {}
        assert!(held.len() < HEAD_LEN_MAX + END.len(), "{} bytes are held", held.len());
    }
    steps.extend(open.map(|(step, _)| step));
    steps
}

/// Takes what can be taken; `false` if that is nothing.
fn take_step(
    held: &mut Vec<u8>,
    open: &mut Option<(Step, Vec<u8>)>,
    steps: &mut Vec<Step>,
) -> bool {
    if let Some(((wanted, _), content)) = open {
        let came = request::content(held);
        content.extend(held.drain(..came.len));
        if came.is_last {
            held.drain(..END.len());
            steps.push((wanted.clone(), Some(std::mem::take(content))));
            *open = None;
        }
        return came.is_last;
    }
    let Some(head) = request::head(held) else { return false };
    held.drain(..head.len);
    let wanted = head.request.map_err(|refusal| refusal.to_string());
    if head.has_content {
        *open = Some(((wanted, None), Vec::new()));
    } else {
        steps.push((wanted, None));
    }
    true
}

/// Pieces of conversations: requests, ends of all kinds, noise, lengths around the limit.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "LIST",
        "get ",
        "GET a.txt",
        "UPLOAD x",
        "UPLOAD ",
        "UPLOAD x aGVsbG8K",
        "DELETE b",
        "STATS",
        END,
        END,
        END,
        "\r\n",
        "\r",
        "\n",
        " ",
        " ",
        "=",
        "é",
    ];
    prop_oneof![
        8 => select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..20),
        1 => (HEAD_LEN_MAX - 8..HEAD_LEN_MAX + 8).prop_map(|len| vec![b'x'; len]),
    ]
}

fn conversation() -> impl Strategy<Value = Vec<u8>> {
    vec(part(), 0..16).prop_map(|parts| parts.concat())
}

/// Places to cut something of `len` bytes, in order.
fn places(cuts: &[Index], len: usize) -> Vec<usize> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(len + 1)).collect();
    places.sort_unstable();
    places
}

/// Base64 by the book: character by character, all at once.
fn decoded_by_definition(text: &[u8]) -> Result<Vec<u8>, Error> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = |byte: u8| alphabet.iter().position(|it| *it == byte);
    let groups = text.chunks_exact(4);
    let (rest, count) = (groups.remainder().len(), groups.len());
    let mut bytes = Vec::new();
    for (place, group) in groups.enumerate() {
        let fill = group.iter().rev().take_while(|byte| **byte == b'=').count();
        if fill > 2 || (fill > 0 && (place + 1 < count || rest > 0)) {
            return Err(Error::Alphabet);
        }
        let mut bits = 0;
        for byte in &group[..4 - fill] {
            bits = bits << 6 | value(*byte).ok_or(Error::Alphabet)?;
        }
        bits <<= 6 * fill;
        let three = &bits.to_be_bytes()[size_of::<usize>() - 3..];
        if three[3 - fill..].iter().any(|byte| *byte != 0) {
            return Err(Error::Alphabet);
        }
        bytes.extend_from_slice(&three[..3 - fill]);
    }
    match rest {
        0 => Ok(bytes),
        1 => Err(Error::OneMore(text.len() as u64)),
        _ => Err(Error::Padding),
    }
}

fn decoded(text: &[u8], cuts: &[usize]) -> Result<Vec<u8>, Error> {
    let (mut decoder, mut bytes, mut from) = (Decoder::default(), Vec::new(), 0);
    for to in cuts.iter().copied().chain([text.len()]) {
        decoder.decode(&text[from..to], &mut bytes)?;
        from = to;
    }
    decoder.finish().map(|()| bytes)
}

fn encoded(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    base64::encode(bytes, &mut text);
    text
}

/// A text that is base64, or nearly.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let noise = select(b"Ab9+/==@\r\n\0".to_vec());
    let spoil = prop_oneof![Just(None), (any::<Index>(), noise).prop_map(Some)];
    (vec(any::<u8>(), 0..60), spoil, 0..5_usize).prop_map(|(bytes, spoil, cut)| {
        let mut text = encoded(&bytes);
        text.truncate(text.len().saturating_sub(cut.saturating_sub(2)));
        if let Some((place, byte)) = spoil {
            let place = place.index(text.len() + 1);
            text.insert(place, byte);
        }
        text
    })
}

proptest! {
    // What fails is shrunk and shown; a file of old failures beside the sources helps nobody here.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests_cut_anywhere_are_the_same(
        conversation in conversation(),
        cuts in vec(any::<Index>(), 0..40),
    ) {
        let whole = steps_of(&conversation, &[]);
        let places = places(&cuts, conversation.len());
        prop_assert_eq!(steps_of(&conversation, &places), whole.clone());
        let each: Vec<usize> = (0..conversation.len()).collect();
        prop_assert_eq!(steps_of(&conversation, &each), whole);
    }

    #[test]
    fn an_upload_has_the_content_that_was_sent(
        bytes in vec(any::<u8>(), 0..2000),
        cuts in vec(any::<Index>(), 0..20),
    ) {
        let text = encoded(&bytes);
        let sent = [b"UPLOAD x ", text.as_slice(), END.as_bytes(), b"LIST\r\n\r\n"].concat();
        let steps = steps_of(&sent, &places(&cuts, sent.len()));
        let upload = (Ok(Request::Upload("x".to_string())), Some(encoded(&bytes)));
        prop_assert_eq!(steps, [upload, (Ok(Request::List), None)]);
    }

    #[test]
    fn base64_in_pieces_is_what_it_is_in_one(text in text(), cuts in vec(any::<Index>(), 0..30)) {
        let whole = decoded_by_definition(&text);
        prop_assert_eq!(decoded(&text, &places(&cuts, text.len())), whole.clone());
        let each: Vec<usize> = (0..text.len()).collect();
        prop_assert_eq!(decoded(&text, &each), whole);
    }

    #[test]
    fn what_is_encoded_in_threes_is_what_it_is_in_one(
        bytes in vec(any::<u8>(), 0..300),
        threes in 1..20_usize,
    ) {
        let mut text = Vec::new();
        bytes.chunks(3 * threes).for_each(|piece| base64::encode(piece, &mut text));
        prop_assert_eq!(text.len(), base64::encoded_len(bytes.len()));
        prop_assert_eq!(decoded_by_definition(&text), Ok(bytes));
    }

    #[test]
    fn any_text_is_a_json_string_of_plain_characters(text in any::<String>()) {
        let mut json = String::new();
        json::push_string(&mut json, &text);
        prop_assert!(json.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        prop_assert_eq!(serde_json::from_str::<String>(&json).ok(), Some(text));
    }

    #[test]
    fn no_bytes_make_the_raw_protocol_panic_or_take_more_than_is_there(
        bytes in prop_oneof![vec(any::<u8>(), 0..60), conversation()],
    ) {
        if let Some(line) = raw::line(&bytes) {
            prop_assert!(0 < line.len && line.len <= bytes.len());
        }
    }
}

#[test]
fn requests_are_what_they_say() {
    let step = |line: &str| steps_of(format!("{line}{END}").as_bytes(), &[]);
    let wanted = |request| vec![(Ok(request), None)];
    let refused = |words: &str| vec![(Err(words.to_string()), None)];
    assert_eq!(step("LIST"), wanted(Request::List));
    assert_eq!(step("stats"), wanted(Request::Stats));
    assert_eq!(step("GET a b"), wanted(Request::Get("a b".to_string())));
    assert_eq!(step("delete A"), wanted(Request::Delete("A".to_string())));
    assert_eq!(step(""), refused("Format perintah tidak valid"));
    assert_eq!(step("FOO"), refused("Perintah tidak valid"));
    assert_eq!(step("GET"), refused("Nama file tidak disediakan"));
    assert_eq!(step("UPLOAD"), refused("Tidak ada data untuk diunggah"));
    assert_eq!(step("UPLOAD x"), refused("Tidak ada data untuk diunggah"));
    let empty = (Ok(Request::Upload("x".to_string())), Some(Vec::new()));
    assert_eq!(step("UPLOAD x "), [empty]);
}

#[test]
fn a_head_has_at_most_1024_bytes() {
    let step = |len| steps_of(&[vec![b'x'; len], END.into()].concat(), &[]);
    assert_eq!(step(1024), [(Err(Refusal::Unknown.to_string()), None)]);
    let too_long = Refusal::TooLong.to_string();
    assert_eq!(step(1025), [(Err(too_long.clone()), Some(vec![b'x'; 1025]))]);
    let endless = steps_of(&vec![b'x'; 1_000_000], &[2000, 5000]);
    assert_eq!(endless, [(Err(too_long), None)]);
}

#[test]
fn bad_base64_is_told_in_the_words_of_python() {
    let words = |text: &[u8]| decoded(text, &[]).map_err(|error| error.to_string());
    let alphabet = Err("Only base64 data is allowed".to_string());
    assert_eq!(words(b"aGVsbG8K"), Ok(b"hello\n".to_vec()));
    assert_eq!(words(b"YQ="), Err("Incorrect padding".to_string()));
    let one_more = "Invalid base64-encoded string: number of data characters (2001) cannot be \
                    1 more than a multiple of 4";
    assert_eq!(words(&[b'A'; 2001]), Err(one_more.to_string()));
    for text in [&b"@@@@"[..], b"YQ==YQ==", b"YQ==Y", b"YR==", b"Y=Q=", b"====", b"YWJ\n"] {
        assert_eq!(words(text), alphabet, "{}", text.escape_ascii());
    }
}

#[test]
fn strings_are_what_pythons_json_dumps_writes() {
    let table = [
        ("", r#""""#),
        ("a \"b\" \\ /", r#""a \"b\" \\ /""#),
        ("\u{8}\t\n\u{c}\r", r#""\b\t\n\f\r""#),
        ("\0\u{1}\u{1f}\u{7f}", r#""\u0000\u0001\u001f\u007f""#),
        ("é ÿ Ā €", r#""\u00e9 \u00ff \u0100 \u20ac""#),
        ("😀", r#""\ud83d\ude00""#),
        ("\u{2028}\u{feff}\u{ffff}", r#""\u2028\ufeff\uffff""#),
    ];
    for (text, expected) in table {
        let mut json = String::new();
        json::push_string(&mut json, text);
        assert_eq!(json, expected);
    }
}

#[test]
fn replies_are_those_of_the_first_file_server() {
    let names = ["B.bin".to_string(), "a.txt".to_string()];
    let whole = |json: &str| format!("{json}\r\n\r\n");
    assert_eq!(reply::list(&names), whole(r#"{"status": "OK", "data": ["B.bin", "a.txt"]}"#));
    assert_eq!(reply::list(&[]), whole(r#"{"status": "OK", "data": []}"#));
    let file = reply::file_head("a.txt") + "aGVsbG8K" + str::from_utf8(reply::FILE_TAIL).unwrap();
    let expected = r#"{"status": "OK", "data_namafile": "a.txt", "data_file": "aGVsbG8K"}"#;
    assert_eq!(file, whole(expected));
    let expected = r#"{"status": "OK", "data": "File u.bin berhasil diunggah"}"#;
    assert_eq!(reply::uploaded("u.bin"), whole(expected));
    let expected = r#"{"status": "ERROR", "data": "File tidak ditemukan"}"#;
    assert_eq!(reply::error(&Refusal::NotFound), whole(expected));
    let sums = "12 3".parse().unwrap();
    let expected = r#"{"status": "OK", "data": {"succeeded": 12, "failed": 3}}"#;
    assert_eq!(reply::stats(sums), whole(expected));
}

#[test]
fn names_stay_in_the_folder() {
    let longest = "x".repeat(255);
    for good in ["a", "a.txt", "a b", "..a".trim_start_matches('.'), "\"é😀\n", &longest] {
        assert!(name::plain(good).is_ok(), "{good}");
    }
    let long = "x".repeat(256);
    for bad in ["", ".", "..", "../a", "/a", "a/b", "a/", ".a", "a\0", &long] {
        assert!(name::plain(bad).is_err(), "{bad}");
    }
}

#[test]
fn lines_of_the_raw_protocol_are_what_they_say() {
    let wanted = |line: &[u8]| raw::line(line).map(|line| (line.len, line.request.ok()));
    let upload = raw::Request::Upload("a b".to_string(), 5);
    assert_eq!(wanted(b"UPLOAD a b 5\r\nhello"), Some((14, Some(upload))));
    assert_eq!(wanted(b"LIST\r\nLIST\r\n"), Some((6, Some(raw::Request::List))));
    assert_eq!(wanted(b"UPLOAD a -1\r\n"), Some((13, None)));
    assert_eq!(wanted(b"UPLOAD a 99999999999999999999\r\n"), Some((31, None)));
    assert_eq!(wanted(b"LIST\r"), None);
    assert_eq!(wanted(&[b'x'; 1026]), Some((1026, None)));
}
