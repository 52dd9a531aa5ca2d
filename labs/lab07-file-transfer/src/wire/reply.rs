//! The replies of the base64 protocol, given complete: a JSON object and CR LF CR LF.
//!
//! ```text
//!   {"status": "OK", "data": ["a.txt", "b.bin"]}\r\n\r\n
//!   {"status": "OK", "data_namafile": "a.txt", "data_file": "aGVsbG8K"}\r\n\r\n
//!   {"status": "ERROR", "data": "File tidak ditemukan"}\r\n\r\n
//! ```

use crate::wire::json;
use crate::wire::refusal::Refusal;
use crate::wire::request::END;
use crate::wire::sums::Sums;

/// What stands behind the content of a file; in front of it stands [`file_head`].
pub const FILE_TAIL: &[u8] = b"\"}\r\n\r\n";

/// The reply to LIST.
pub fn list(names: &[String]) -> String {
    let mut reply = r#"{"status": "OK", "data": "#.to_string();
    json::push_list(&mut reply, names);
    ended(reply)
}

/// What stands in front of the content of the file `name`.
pub fn file_head(name: &str) -> String {
    let mut head = r#"{"status": "OK", "data_namafile": "#.to_string();
    json::push_string(&mut head, name);
    head.push_str(r#", "data_file": ""#);
    head
}

/// The reply to an UPLOAD that is done.
pub fn uploaded(name: &str) -> String {
    text("OK", &format!("File {name} berhasil diunggah"))
}

/// The reply to a DELETE that is done.
pub fn deleted(name: &str) -> String {
    text("OK", &format!("File {name} berhasil dihapus"))
}

/// The reply to STATS.
pub fn stats(sums: Sums) -> String {
    let Sums { succeeded, failed } = sums;
    ended(format!(r#"{{"status": "OK", "data": {{"succeeded": {succeeded}, "failed": {failed}}}"#))
}

/// The reply to what is not done.
pub fn error(refusal: &Refusal) -> String {
    text("ERROR", &refusal.to_string())
}

fn text(status: &str, words: &str) -> String {
    let mut reply = format!(r#"{{"status": "{status}", "data": "#);
    json::push_string(&mut reply, words);
    ended(reply)
}

fn ended(mut reply: String) -> String {
    reply.push('}');
    reply.push_str(END);
    reply
}
