//! What a promise wants of a reply of the file server: a JSON object and CR LF CR LF.
//!
//! Only what it means is judged. Its keys may have any order and any company, its blanks and its
//! escapes any style, and why something is refused may be said in any words.

use std::io::BufRead;

use crate::json::Json;
use crate::payload::{SHOWN_LEN_MAX, grouped, quoted};
use crate::{Payload, base64, report};

/// What ends a reply.
const END: &[u8] = b"\r\n\r\n";

/// How much of a list is shown.
const SHOWN_MAX: usize = 10;

/// What a promise wants of a reply.
#[derive(Clone)]
pub struct Reply {
    /// Whether what was asked for is done; `None` if that does not matter.
    is_ok: Option<bool>,
    brings: Brings,
    /// Whether the end of the connection will do as well.
    pub(crate) or_gone: bool,
    /// Said instead of what it brings, where that is too much to be said.
    label: Option<String>,
}

#[derive(Clone)]
enum Brings {
    Anything,
    /// A few words, whichever.
    Words,
    /// Exactly these names, in any order.
    List(Vec<String>),
    File {
        name: String,
        content: Payload,
    },
}

impl Reply {
    /// It is done, or it is not.
    pub fn any() -> Self {
        Self::new(None, Brings::Anything)
    }

    /// It is done.
    pub fn ok() -> Self {
        Self::new(Some(true), Brings::Anything)
    }

    /// It is not done, and a text says why.
    pub fn error() -> Self {
        Self::new(Some(false), Brings::Words)
    }

    /// A list of exactly these names, in any order.
    pub fn list(names: &[&str]) -> Self {
        Self::new(Some(true), Brings::List(names.iter().map(ToString::to_string).collect()))
    }

    /// The file `name` with exactly this content.
    pub fn file(name: &str, content: impl Into<Payload>) -> Self {
        Self::new(Some(true), Brings::File { name: name.to_string(), content: content.into() })
    }

    fn new(is_ok: Option<bool>, brings: Brings) -> Self {
        Self { is_ok, brings, or_gone: false, label: None }
    }

    /// Or there is no reply, and the connection has ended.
    pub fn or_gone(mut self) -> Self {
        self.or_gone = true;
        self
    }

    /// The same, shown as `label`: for what is too long to be shown.
    pub fn shown_as(mut self, label: &str) -> Self {
        self.label = Some(label.to_string());
        self
    }

    /// What is wanted, in words.
    pub(crate) fn shown(&self) -> String {
        let words = match (&self.label, &self.brings) {
            (Some(label), _) => format!("OK, {label}"),
            (None, Brings::Anything) if self.is_ok.is_none() => "OK or ERROR".to_string(),
            (None, Brings::Anything) => "OK".to_string(),
            (None, Brings::Words) => "ERROR, and why".to_string(),
            (None, Brings::List(names)) => format!("OK, the list {}", listed(names)),
            (None, Brings::File { name, content }) => {
                format!("OK, the file {}: {}", shown_text(name), content.shown())
            }
        };
        if self.or_gone { format!("{words}, or {}", report::GONE) } else { words }
    }

    /// What is otherwise in the reply `text`, in words; `None` if nothing is.
    pub(crate) fn otherwise(&self, text: &[u8]) -> Option<String> {
        let json = match Json::parse(text) {
            Ok(json) => json,
            Err(fault) => return Some(report::no_json(text, fault)),
        };
        let status = json.get("status");
        let is_ok = match status.and_then(Json::text) {
            Some("OK") => Some(true),
            Some("ERROR") => Some(false),
            _ => None,
        };
        if is_ok.is_none() || self.is_ok.is_some_and(|wanted| Some(wanted) != is_ok) {
            return Some(report::member_differs("status", status.map(shown)));
        }
        let data = json.get("data");
        let is_right = match &self.brings {
            Brings::Anything => true,
            Brings::Words => data.and_then(Json::text).is_some_and(|words| !words.is_empty()),
            Brings::List(names) => return list_otherwise(data, names),
            Brings::File { name, content } => return file_otherwise(&json, name, content),
        };
        (!is_right).then(|| report::member_differs("data", data.map(shown)))
    }
}

fn list_otherwise(data: Option<&Json>, names: &[String]) -> Option<String> {
    let Some(Json::List(items)) = data else {
        return Some(report::member_differs("data", data.map(shown)));
    };
    let mut left: Vec<&Json> = items.iter().collect();
    for name in names {
        let Some(place) = left.iter().position(|it| it.text() == Some(name)) else {
            return Some(report::not_in_the_list(&shown_text(name)));
        };
        left.swap_remove(place);
    }
    left.first().map(|item| report::too_much_in_the_list(&shown(item)))
}

fn file_otherwise(json: &Json, name: &str, content: &Payload) -> Option<String> {
    let there = json.get("data_namafile");
    if there.and_then(Json::text) != Some(name) {
        return Some(report::member_differs("data_namafile", there.map(shown)));
    }
    let file = json.get("data_file");
    let Some(text) = file.and_then(Json::text) else {
        return Some(report::member_differs("data_file", file.map(shown)));
    };
    if text.as_bytes() == base64::encode(content.bytes()) {
        return None;
    }
    Some(match base64::decode(text.as_bytes()) {
        None => report::no_base64(text),
        Some(bytes) => {
            report::content_differs(&report::difference(&bytes, content.bytes(), String::new()))
        }
    })
}

/// The reply `text` in short, for people.
pub(crate) fn seen(text: &[u8]) -> String {
    match Json::parse(text) {
        Ok(Json::Object(members)) => {
            let member = |(key, value): &(String, Json)| format!("\"{key}\": {}", shown(value));
            members.iter().map(member).collect::<Vec<_>>().join(", ")
        }
        _ => quoted(text),
    }
}

/// A value of JSON, in words.
fn shown(json: &Json) -> String {
    match json {
        Json::Null => "null".to_string(),
        Json::Truth(truth) => truth.to_string(),
        Json::Number(number) => number.clone(),
        Json::Text(text) => shown_text(text),
        Json::List(items) => {
            let mut words: Vec<String> = items.iter().take(SHOWN_MAX).map(shown).collect();
            if items.len() > SHOWN_MAX {
                words.push(format!("... {} in all", grouped(items.len())));
            }
            format!("the list [{}]", words.join(", "))
        }
        Json::Object(members) => format!("an object of {}", grouped(members.len())),
    }
}

/// A short text as it is, but for what is invisible; of a long one, the bytes at its front.
fn shown_text(text: &str) -> String {
    if text.len() <= SHOWN_LEN_MAX { format!("{text:?}") } else { quoted(text.as_bytes()) }
}

fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| shown_text(name)).collect();
    format!("[{}]", names.join(", "))
}

/// Where the first reply in `bytes` ends: the length of its text, without its END. It is not looked
/// for again in front of `from`, which is moved on.
pub(crate) fn end(bytes: &[u8], from: &mut usize) -> Option<usize> {
    loop {
        // A large file has no CR in it: it is skipped at the speed of memory.
        let skipped = (&bytes[*from..]).skip_until(END[0]).unwrap_or_default();
        *from += skipped;
        if skipped == 0 || bytes[*from - 1] != END[0] {
            return None;
        }
        let place = *from - 1;
        if bytes[place..].starts_with(END) {
            return Some(place);
        }
        if END.starts_with(&bytes[place..]) {
            *from = place;
            return None;
        }
    }
}

/// How many bytes a reply has whose text has `len`.
pub(crate) fn whole_len(len: usize) -> usize {
    len + END.len()
}

#[cfg(test)]
mod tests {
    use super::{Reply, end};

    #[test]
    fn a_reply_ends_where_cr_lf_cr_lf_begins_in_whatever_pieces_it_comes() {
        for (bytes, wanted) in [
            ("", None),
            ("{}", None),
            ("{}\r\n\r\n", Some(2)),
            ("{\r\n\r}\r\n\r\n{}\r\n\r\n", Some(5)),
            ("{\r}\r\n\r", None),
            ("\r\r\n\r\n", Some(1)),
        ] {
            assert_eq!(end(bytes.as_bytes(), &mut 0), wanted, "{bytes:?}");
            let mut from = 0;
            let found = (0..=bytes.len()).find_map(|len| end(&bytes.as_bytes()[..len], &mut from));
            assert_eq!(found, wanted, "{bytes:?} byte by byte");
        }
    }

    #[test]
    fn a_reply_is_judged_by_what_it_means() {
        let otherwise = |reply: &Reply, text: &str| reply.otherwise(text.as_bytes());
        let file = Reply::file("a.txt", "halo");
        for text in [
            r#"{"status": "OK", "data_namafile": "a.txt", "data_file": "aGFsbw=="}"#,
            "{\n \"size\": 4,\n \"data_file\": \"aGFsbw\\u003d=\", \"data_namafile\":\"a.txt\",\n \"status\":\"OK\"}",
        ] {
            assert_eq!(otherwise(&file, text), None);
        }
        for (text, words) in [
            (r#"{"status": "OK", "data_namafile": "a.txt"}"#, "\"data_file\" is missing"),
            (
                r#"{"status": "OK", "data_namafile": "b.txt", "data_file": "aGFsbw=="}"#,
                "\"data_namafile\" is \"b.txt\"",
            ),
            (
                r#"{"status": "OK", "data_namafile": "a.txt", "data_file": "aGFsbw"}"#,
                "\"data_file\" is no base64: \"aGFsbw\"",
            ),
            (r#"{"status": "ERROR", "data": "no"}"#, "\"status\" is \"ERROR\""),
            ("{'status': 'OK'}", "no JSON: \"'\" at byte 1 is not due there"),
        ] {
            assert_eq!(otherwise(&file, text).as_deref(), Some(words));
        }
        let content = r#"{"status": "OK", "data_namafile": "a.txt", "data_file": "aGFsYQ=="}"#;
        let words = otherwise(&file, content).unwrap_or_default();
        assert!(words.contains("first difference at byte 3: \"a\" came, \"o\" was due"), "{words}");
        let list = Reply::list(&["a", "b"]);
        assert_eq!(otherwise(&list, r#"{"data": ["b", "a"], "status": "OK"}"#), None);
        let words = otherwise(&list, r#"{"data": ["b", "a", "a"], "status": "OK"}"#);
        assert_eq!(words.as_deref(), Some("\"a\" is too much in the list"));
        let words = otherwise(&list, r#"{"data": ["b"], "status": "OK"}"#);
        assert_eq!(words.as_deref(), Some("\"a\" is not in the list"));
        let words = otherwise(&list, r#"{"data": "a", "status": "OK"}"#);
        assert_eq!(words.as_deref(), Some("\"data\" is \"a\""));
        assert_eq!(otherwise(&Reply::error(), r#"{"status": "ERROR", "data": "no"}"#), None);
        let words = otherwise(&Reply::error(), r#"{"status": "ERROR", "data": ""}"#);
        assert_eq!(words.as_deref(), Some("\"data\" is \"\""));
    }
}
