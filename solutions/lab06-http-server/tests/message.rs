//! The language by itself, without a socket: heads and bodies, valid and hostile, each cut at every
//! position; and any bytes at all.

#[expect(dead_code, reason = "here nobody answers what is understood")]
#[path = "../src/message/mod.rs"]
mod message;

use proptest::collection::vec;
use proptest::prelude::{
    ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::{Index, select};

use message::body::{CHUNK_LINE_LEN_MAX, Decoder, TRAILER_LEN_MAX};
use message::framing::Framing;
use message::refusal::Refusal;
use message::request::{HEAD_LEN_MAX, LINE_LEN_MAX, Request};

/// Content that no test comes near, unless it says so.
const ROOM: u64 = 1 << 20;

/// Heads that are requests: the request line, the fields, and what they mean.
const VALID: [(&str, &str, &str); 22] = [
    ("GET /a.txt HTTP/1.1", "Host: x", "Get /a.txt None open"),
    ("GET /a.txt?b=c HTTP/1.1", "Host: x", "Get /a.txt None open"),
    ("GET / HTTP/1.1", "hOST:x:8080", "Get / None open"),
    ("GET / HTTP/1.1", "Host:\t[::1]:80 \t", "Get / None open"),
    ("GET / HTTP/1.1", "Host:", "Get / None open"),
    ("GET http://x/b HTTP/1.1", "Host: y", "Get /b None open"),
    ("GET HTTP://x:80?q HTTP/1.1", "Host: y", "Get / None open"),
    ("OPTIONS * HTTP/1.1", "Host: x", "Options * None open"),
    ("CONNECT x:80 HTTP/1.1", "Host: x", "Elsewhere(\"CONNECT\") x:80 None open"),
    ("BREW /pot HTTP/1.1", "Host: x", "Unknown /pot None open"),
    ("get / HTTP/1.1", "Host: x", "Unknown / None open"),
    ("GET / HTTP/1.2", "Host: x", "Get / None open"),
    ("GET / HTTP/1.0", "X: y", "Get / None close"),
    ("GET / HTTP/1.0", "Connection: Keep-Alive", "Get / None open"),
    ("GET / HTTP/1.1", "Host: x\r\nConnection: a, CLOSE", "Get / None close"),
    ("GET / HTTP/1.1", "Host: x\r\nConnection: a\r\nConnection: close", "Get / None close"),
    ("POST /a HTTP/1.1", "Host: x\r\nContent-Length: 007", "Post /a Length(7) open"),
    ("POST /a HTTP/1.1", "Host: x\r\nTransfer-Encoding: Chunked", "Post /a Chunked open"),
    ("POST /a HTTP/1.1", "Host: x\r\nExpect: 100-Continue", "Post /a None open continue"),
    ("POST /a HTTP/1.0", "Expect: 100-continue", "Post /a None close"),
    ("DELETE /%41 HTTP/1.1", "Host: x\r\nX: \u{e9}", "Delete /%41 None open"),
    ("\r\n\r\nGET / HTTP/1.1", "Host: x", "Get / None open"),
];

/// Heads that are none: the request line, the fields, and what is wrong.
const HOSTILE: [(&str, &str, Refusal); 47] = [
    ("GET /", "Host: x", Refusal::RequestLine),
    ("GET", "Host: x", Refusal::RequestLine),
    ("GET  / HTTP/1.1", "Host: x", Refusal::RequestLine),
    ("GET / HTTP/1.1 ", "Host: x", Refusal::RequestLine),
    (" GET / HTTP/1.1", "Host: x", Refusal::RequestLine),
    ("GET / http/1.1", "Host: x", Refusal::RequestLine),
    ("GET / HTTP/1.12", "Host: x", Refusal::RequestLine),
    ("GET / HTTP/1.x", "Host: x", Refusal::RequestLine),
    ("GET /\0 HTTP/1.1", "Host: x", Refusal::RequestLine),
    ("G(T / HTTP/1.1", "Host: x", Refusal::RequestLine),
    ("GET /\ra HTTP/1.1", "Host: x", Refusal::RequestLine),
    ("GET / HTTP/2.0", "Host: x", Refusal::Version),
    ("GET / HTTP/0.9", "Host: x", Refusal::Version),
    ("GET a.txt HTTP/1.1", "Host: x", Refusal::Target),
    ("GET * HTTP/1.1", "Host: x", Refusal::Target),
    ("GET /a#b HTTP/1.1", "Host: x", Refusal::Target),
    ("GET ftp://x/ HTTP/1.1", "Host: x", Refusal::Target),
    ("GET http:///a HTTP/1.1", "Host: x", Refusal::Target),
    ("GET http://u@x/a HTTP/1.1", "Host: x", Refusal::Target),
    ("GET http://x:65536/ HTTP/1.1", "Host: x", Refusal::Target),
    ("GET x:80 HTTP/1.1", "Host: x", Refusal::Target),
    ("GET / HTTP/1.1", "X: y", Refusal::Host),
    ("GET / HTTP/1.1", "Host: x\r\nHost: x", Refusal::Host),
    ("GET / HTTP/1.1", "Host: x y", Refusal::Host),
    ("GET / HTTP/1.1", "Host: x:80a", Refusal::Host),
    ("GET / HTTP/1.1", "Host: x:65536", Refusal::Host),
    ("GET / HTTP/1.1", "Host: [::1", Refusal::Host),
    ("GET / HTTP/1.1", "Host: u@x", Refusal::Host),
    ("GET / HTTP/1.1", "Host: x/y", Refusal::Host),
    ("GET / HTTP/1.1", "Host : x", Refusal::FieldLine),
    ("GET / HTTP/1.1", " Host: x", Refusal::FieldLine),
    ("GET / HTTP/1.1", "Host: x\r\nX: a\r\n b", Refusal::FieldLine),
    ("GET / HTTP/1.1", "Host: x\r\nX: a\rb", Refusal::FieldLine),
    ("GET / HTTP/1.1", "Host: x\r\nX: a\0b", Refusal::FieldLine),
    ("GET / HTTP/1.1", "Host: x\r\nno colon", Refusal::FieldLine),
    ("GET / HTTP/1.1", "Host: x\r\n: no name", Refusal::FieldLine),
    ("POST / HTTP/1.1", "Host: x\r\nContent-Length: 3\r\nContent-Length: 3", Refusal::Length),
    ("POST / HTTP/1.1", "Host: x\r\nContent-Length: 3, 3", Refusal::Length),
    ("POST / HTTP/1.1", "Host: x\r\nContent-Length: +3", Refusal::Length),
    ("POST / HTTP/1.1", "Host: x\r\nContent-Length:", Refusal::Length),
    ("POST / HTTP/1.1", "Host: x\r\nContent-Length: 18446744073709551616", Refusal::Length),
    (
        "POST / HTTP/1.1",
        "Host: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked",
        Refusal::Coding,
    ),
    ("POST / HTTP/1.1", "Host: x\r\nTransfer-Encoding: chunked, gzip", Refusal::Coding),
    ("POST / HTTP/1.1", "Host: x\r\nTransfer-Encoding:", Refusal::Coding),
    ("POST / HTTP/1.0", "Host: x\r\nTransfer-Encoding: chunked", Refusal::Coding),
    ("POST / HTTP/1.1", "Host: x\r\nTransfer-Encoding: gzip, chunked", Refusal::UnknownCoding),
    ("POST / HTTP/1.1", "Host: x\r\nExpect: coffee", Refusal::Expectation),
];

/// Bodies in chunks: the bytes, and the content or what is wrong. Whatever stands behind `|` is not
/// part of the body.
const CHUNKED: [(&str, Result<&str, Refusal>); 21] = [
    ("0\r\n\r\n|", Ok("")),
    ("5\r\nhello\r\n0\r\n\r\n|GET", Ok("hello")),
    ("5\r\nhello\r\n001\r\n!\r\n0\r\n\r\n|0\r\n\r\n", Ok("hello!")),
    ("a;x=y;z=\"q\" ; v\r\n0123456789\r\n0;x\r\nField: value\r\nOther:\r\n\r\n|", Ok("0123456789")),
    ("2 \r\n\r\n\r\n0\r\n\r\n|", Ok("\r\n")),
    ("5\nhello\n0\n\n", Err(Refusal::Chunk)),
    ("5\r\nhello!", Err(Refusal::Chunk)),
    ("5\r\nhello\r!", Err(Refusal::Chunk)),
    ("\r\n", Err(Refusal::Chunk)),
    (";x\r\n", Err(Refusal::Chunk)),
    (" 5\r\n", Err(Refusal::Chunk)),
    ("5 5\r\n", Err(Refusal::Chunk)),
    ("+5\r\n", Err(Refusal::Chunk)),
    ("-1\r\n", Err(Refusal::Chunk)),
    ("0x5\r\n", Err(Refusal::Chunk)),
    ("g\r\n", Err(Refusal::Chunk)),
    ("5\rx\r\n", Err(Refusal::Chunk)),
    ("5;\0\r\n", Err(Refusal::Chunk)),
    ("10000000000000000\r\n", Err(Refusal::Chunk)),
    ("ffffffffffffffff\r\n", Err(Refusal::BodyTooLong)),
    ("100000\r\n|", Ok("")),
];

/// A head of this request line and these fields.
fn head(line: &str, fields: &str) -> Vec<u8> {
    format!("{line}\r\n{fields}\r\n\r\n").into_bytes()
}

/// What a request means, in a few words.
fn meaning(request: &Request) -> String {
    let Request { method, path, framing, keeps_open, expects_continue, .. } = request;
    let open = if *keeps_open { "open" } else { "close" };
    let waits = if *expects_continue { " continue" } else { "" };
    format!("{method:?} {path} {framing:?} {open}{waits}")
}

#[test]
fn a_request_is_understood_as_soon_as_its_head_is_whole() {
    for (line, fields, wanted) in VALID {
        let whole = head(line, fields);
        for cut in 0..whole.len() {
            assert_eq!(Request::parse(&whole[..cut]), Ok(None), "{line} {fields} cut at {cut}");
        }
        for rest in ["", "GET /next HTTP/1.1\r\n", "\0"] {
            let bytes = [&whole, rest.as_bytes()].concat();
            let (request, len) = Request::parse(&bytes).unwrap().expect(line);
            assert_eq!((meaning(&request).as_str(), len), (wanted, whole.len()), "{line} {fields}");
        }
    }
}

#[test]
fn a_line_end_may_be_a_line_feed_alone() {
    for (line, fields, wanted) in VALID {
        let whole = format!("{line}\n{fields}\n\n").replace("\r\n", "\n");
        let (request, len) = Request::parse(whole.as_bytes()).unwrap().expect(line);
        assert_eq!((meaning(&request).as_str(), len), (wanted, whole.len()), "{line} {fields}");
    }
}

#[test]
fn a_hostile_head_is_refused_for_the_same_reason_wherever_it_is_cut() {
    for (line, fields, wanted) in HOSTILE {
        let whole = head(line, fields);
        assert_eq!(Request::parse(&whole), Err(wanted), "{line} {fields}");
        for cut in 0..whole.len() {
            match Request::parse(&whole[..cut]) {
                Ok(None) => {}
                other => assert_eq!(other, Err(wanted), "{line} {fields} cut at {cut}"),
            }
        }
    }
}

#[test]
fn a_request_line_has_a_limit() {
    let line = |len: usize| format!("GET /{} HTTP/1.1", "a".repeat(len - 14));
    // The line feed is the last byte that may be the next.
    let longest = line(LINE_LEN_MAX - 1);
    assert!(matches!(Request::parse(&head(&longest, "Host: x")), Ok(Some(_))));
    let longer = line(LINE_LEN_MAX + 1);
    assert_eq!(Request::parse(longer.as_bytes()), Err(Refusal::LineTooLong));
    assert_eq!(Request::parse(&head(&longer, "Host: x")), Err(Refusal::LineTooLong));
}

#[test]
fn a_head_has_a_limit() {
    let len = head("GET / HTTP/1.1", "Host: x\r\nX: ").len();
    let filled = |len: usize| head("GET / HTTP/1.1", &format!("Host: x\r\nX: {}", "a".repeat(len)));
    assert!(matches!(Request::parse(&filled(HEAD_LEN_MAX - len)), Ok(Some(_))));
    let longer = filled(HEAD_LEN_MAX - len + 1);
    assert_eq!(Request::parse(&longer), Err(Refusal::HeadTooLong));
    assert_eq!(Request::parse(&longer[..HEAD_LEN_MAX]), Err(Refusal::HeadTooLong));
    assert_eq!(Request::parse(&longer[..HEAD_LEN_MAX - 1]), Ok(None));
    let many = head("GET / HTTP/1.1", &format!("Host: x{}", "\r\nX: y".repeat(100)));
    assert_eq!(Request::parse(&many), Err(Refusal::HeadTooLong));
}

/// Decodes a body that comes in pieces which end at `cuts`: the content, and how many bytes belong
/// to the body; or why not.
fn decode(framing: Framing, bytes: &[u8], cuts: &[usize]) -> Result<(Vec<u8>, usize), Refusal> {
    let mut decoder = Decoder::new(framing, ROOM)?;
    let (mut content, mut taken) = (Vec::new(), 0);
    for end in cuts.iter().copied().chain([bytes.len()]) {
        loop {
            let decoded = decoder.decode(&bytes[taken..end])?;
            content.extend_from_slice(decoded.content);
            taken += decoded.taken;
            if decoded.taken == 0 {
                break;
            }
        }
        let held = if decoder.is_done() { 0 } else { end - taken };
        assert!(held < CHUNK_LINE_LEN_MAX.max(TRAILER_LEN_MAX), "{held} bytes are held");
    }
    Ok((content, taken))
}

#[test]
fn a_chunked_body_has_the_same_content_wherever_it_is_cut() {
    for (body, wanted) in CHUNKED {
        let (body, rest) = body.split_once('|').unwrap_or((body, ""));
        let bytes = [body, rest].concat().into_bytes();
        let wanted = wanted.map(|content| (content.as_bytes().to_vec(), body.len()));
        assert_eq!(decode(Framing::Chunked, &bytes, &[]), wanted, "{body:?}");
        for cut in 0..=bytes.len() {
            assert_eq!(decode(Framing::Chunked, &bytes, &[cut]), wanted, "{body:?} cut at {cut}");
        }
        let every: Vec<usize> = (0..bytes.len()).collect();
        assert_eq!(decode(Framing::Chunked, &bytes, &every), wanted, "{body:?} byte by byte");
    }
}

#[test]
fn a_counted_body_ends_where_it_says() {
    for cut in 0..=8 {
        let five = decode(Framing::Length(5), b"helloGET", &[cut]);
        assert_eq!(five, Ok((b"hello".to_vec(), 5)));
    }
    assert_eq!(decode(Framing::Length(0), b"GET", &[]), Ok((Vec::new(), 0)));
    assert_eq!(decode(Framing::None, b"GET", &[]), Ok((Vec::new(), 0)));
    assert!(Decoder::new(Framing::Length(ROOM), ROOM).is_ok());
    assert_eq!(Decoder::new(Framing::Length(ROOM + 1), ROOM).err(), Some(Refusal::BodyTooLong));
}

#[test]
fn what_stands_between_chunks_has_a_limit() {
    let extension = |len: usize| format!("1;{}\r\n", "x".repeat(len - 4)).into_bytes();
    assert_eq!(
        decode(Framing::Chunked, &extension(CHUNK_LINE_LEN_MAX), &[]),
        Ok((Vec::new(), 1024))
    );
    let longer = extension(CHUNK_LINE_LEN_MAX + 1);
    assert_eq!(decode(Framing::Chunked, &longer, &[]), Err(Refusal::Chunk));
    let trailer = format!("0\r\n{}\r\n", "X: y\r\n".repeat(TRAILER_LEN_MAX / 6 + 1));
    assert_eq!(decode(Framing::Chunked, trailer.as_bytes(), &[]), Err(Refusal::HeadTooLong));
}

/// Pieces of messages: words, line ends of all kinds, noise, lengths around the limits.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "GET ",
        "POST ",
        "/",
        "/a",
        "http://x",
        " HTTP/1.1",
        " HTTP/1.2",
        " HTTP/2.0",
        "\r\n",
        "\r\n",
        "\r\n\r\n",
        "\r",
        "\n",
        "Host: x",
        "Content-Length: ",
        "Transfer-Encoding: chunked",
        "Expect: ",
        "5",
        "0",
        "f",
        ";",
        ":",
        " ",
        "\t",
        "\0",
    ];
    prop_oneof![
        12 => select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..20),
        1 => (LINE_LEN_MAX - 30..LINE_LEN_MAX + 4).prop_map(|len| vec![b'x'; len]),
        1 => (CHUNK_LINE_LEN_MAX - 4..CHUNK_LINE_LEN_MAX + 4).prop_map(|len| vec![b'x'; len]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_request_or_refused_or_not_yet_whole(parts in vec(part(), 0..24), cut: Index) {
        let bytes = parts.concat();
        let whole = Request::parse(&bytes);
        let cut = cut.index(bytes.len() + 1);
        match Request::parse(&bytes[..cut]) {
            // What has been decided does not change with what follows.
            Ok(Some(request)) => prop_assert_eq!(whole, Ok(Some(request))),
            Err(_) => prop_assert!(whole.is_err()),
            Ok(None) => prop_assert!(cut < HEAD_LEN_MAX),
        }
    }

    #[test]
    fn any_bytes_are_a_body_or_refused_wherever_they_are_cut(parts in vec(part(), 0..24), cut: Index) {
        let bytes = parts.concat();
        let cut = cut.index(bytes.len() + 1);
        let whole = decode(Framing::Chunked, &bytes, &[]);
        prop_assert_eq!(decode(Framing::Chunked, &bytes, &[cut]), whole);
    }
}
