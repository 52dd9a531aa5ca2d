//! Replies as the client reads them: what holds for any file, cut anywhere, in whatever style the
//! server writes its JSON.

#[path = "../src/client/reply.rs"]
mod reply;
mod wire {
    //! What the replies need of the rest of the program.
    pub mod request {
        //! How a reply ends.
        pub const END: &str = "\r\n\r\n";
    }
}

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::{Index, select};

use reply::Reply;

/// The content that `bytes` bring, and whether the reply is a good one, and whole.
fn read(bytes: &[u8], cuts: &[usize]) -> (Vec<u8>, Result<(), String>) {
    let (mut reply, mut content) = (Reply::default(), Vec::new());
    let (mut start, mut end) = (0, 0);
    for to in cuts.iter().copied().chain([bytes.len()]) {
        end = end.max(to);
        while start < end && !reply.is_whole() {
            match reply.take(&bytes[start..end]) {
                Ok(piece) => {
                    assert!(piece.len > 0 && piece.content.len() <= piece.len);
                    content.extend_from_slice(piece.content);
                    start += piece.len;
                }
                Err(error) => return (content, Err(error.to_string())),
            }
        }
    }
    let is_good = match reply.is_whole() {
        true if content.is_empty() => reply.finish().map(drop),
        true => reply.finish_file(),
        false => Err(anyhow::anyhow!("cut")),
    };
    (content, is_good.map_err(|error| error.to_string()))
}

/// The same reply in the styles of several servers; `CONTENT` stands for the content.
const STYLES: [&str; 4] = [
    r#"{"status": "OK", "data_namafile": "a", "data_file": "CONTENT"}"#,
    r#"{"data_file":"CONTENT","data_namafile":"\"data_file\":","status":"OK","x":{"y":["data_file"]}}"#,
    "{\r\n  \"status\" : \"OK\",\r\n  \"data_file\" :\r\n\t\"CONTENT\"\r\n}",
    "{\"a\\\"data_file\": \"no\", \"é\": \"\\u00e9\\\\\", \"data_file\": \"CONTENT\", \"status\": \"OK\"}",
];

fn places(cuts: &[Index], len: usize) -> Vec<usize> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(len + 1)).collect();
    places.sort_unstable();
    places
}

proptest! {
    // What fails is shrunk and shown; a file of old failures beside the sources helps nobody here.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_content_comes_out_of_any_style_cut_anywhere(
        style in select(STYLES.to_vec()),
        content in "[A-Za-z0-9+/]{0,80}={0,2}",
        escapes in any::<bool>(),
        cuts in vec(any::<Index>(), 0..20),
    ) {
        let written = if escapes { content.replace('/', "\\/") } else { content.clone() };
        let reply = style.replace("CONTENT", &written) + "\r\n\r\n";
        let expected = (content.into_bytes(), Ok(()));
        let places = places(&cuts, reply.len());
        prop_assert_eq!(read(reply.as_bytes(), &places), expected.clone());
        let each: Vec<usize> = (0..reply.len()).collect();
        prop_assert_eq!(read(reply.as_bytes(), &each), expected);
        let cut = &reply.as_bytes()[..reply.len() - 1];
        prop_assert!(read(cut, &[]).1.is_err());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        bytes in vec(select(b"\"\\{}:,/\r\n a".to_vec()), 0..60)
            .prop_map(|noise| [b"{\"data_file\": \"".to_vec(), noise].concat()),
        cuts in vec(any::<Index>(), 0..10),
    ) {
        let whole = read(&bytes, &[]);
        prop_assert_eq!(read(&bytes, &places(&cuts, bytes.len())).1.is_ok(), whole.1.is_ok());
    }
}

#[test]
fn an_error_is_told_in_the_words_of_the_server() {
    let error = read(b"{\"status\": \"ERROR\", \"data\": \"File tidak ditemukan\"}\r\n\r\n", &[]);
    assert_eq!(error, (Vec::new(), Err("the server says: File tidak ditemukan".to_string())));
}
