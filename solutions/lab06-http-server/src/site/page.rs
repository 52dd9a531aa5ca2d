//! The lab's own page, given complete: a folder for people. It works without scripts; with them,
//! files can be uploaded and deleted too.

use std::fmt::Write;

use httpdate::fmt_http_date;

use crate::message::refusal::Refusal;
use crate::message::response::Response;
use crate::site::listing::{Entry, Kind, Listing, escape};
use crate::site::path::{Path, encode};
use crate::site::root::Root;

/// The page around the list.
const PAGE: &str = include_str!("page.html");

/// The page that shows the folder `path`.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn response(root: &Root, path: &Path) -> Result<Response, Refusal> {
    let Listing { mut entries, more } = Listing::of(root, &path.names)?;
    // Folders first; among themselves both stay in their order.
    entries.sort_by_key(|entry| matches!(entry.kind, Kind::File { .. }));
    let note = match (entries.len(), more) {
        (0, _) => "<p class=\"note\">There is nothing here yet.</p>".to_string(),
        (_, 0) => String::new(),
        _ => format!("<p class=\"note\">… and {more} more.</p>"),
    };
    // The names come last: nothing in them is looked through for places to fill.
    let page = PAGE
        .replace("<!-- note -->", &note)
        .replace("<!-- way -->", &way(path))
        .replace("<!-- rows -->", &entries.iter().map(row).collect::<String>());
    Ok(Response::text("text/html; charset=utf-8", page))
}

/// The links from the root down to this folder.
fn way(path: &Path) -> String {
    let mut way = "<a href=\"/\">files</a>".to_string();
    let mut link = "/".to_string();
    for name in &path.names {
        let _ = write!(link, "{}/", encode(name));
        let _ = write!(way, " / <a href=\"{link}\">{}</a>", escape(name));
    }
    way
}

/// One line of the list.
fn row(entry: &Entry) -> String {
    let (name, link) = (escape(&entry.name), encode(&entry.name));
    let (class, slash, size) = match entry.kind {
        Kind::Folder => ("folder", "/", String::new()),
        Kind::File { len } => ("file", "", size(len)),
    };
    // Of "Fri, 20 Nov 2026 19:07:48 GMT" nobody needs the day of the week and the seconds.
    let changed = fmt_http_date(entry.changed);
    let changed = &changed[5..22];
    format!(
        "<tr class=\"{class}\"><td><a href=\"{link}{slash}\">{name}{slash}</a></td>\
         <td>{size}</td><td>{changed}</td></tr>\n"
    )
}

/// A length for people.
#[expect(clippy::cast_precision_loss, reason = "one digit behind the point is shown")]
fn size(len: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    if len < 1024 {
        return format!("{len} B");
    }
    let mut size = len as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < units.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", units[unit])
}
