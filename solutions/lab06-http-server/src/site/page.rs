//! The lab's own page: a folder for people.

use crate::message::refusal::Refusal;
use crate::message::response::Response;
use crate::site::listing::{Listing, escape};
use crate::site::path::{Path, encode};
use crate::site::root::Root;

/// The page that shows a folder.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn response(root: &Root, path: &Path) -> Result<Response, Refusal> {
    let listing = Listing::of(root, &path.names)?;
    let link = |name| format!("<li><a href=\"{}\">{}</a>", encode(name), escape(name));
    let links: String = listing.names.iter().map(|name| link(name)).collect();
    let page = format!("<!DOCTYPE html><meta charset=utf-8><title>wirelab</title><ul>{links}</ul>");
    Ok(Response::text("text/html; charset=utf-8", page))
}
