//! What there is to be had: the files below the root. No sockets here.

pub mod conditions;
pub mod delete;
pub mod files;
pub mod listing;
pub mod page;
pub mod path;
pub mod range;
pub mod root;
pub mod trouble;
pub mod types;
pub mod upload;

use std::io;

use crate::message::method::{ALLOWED, Method};
use crate::message::refusal::Refusal;
use crate::message::request::{Conditions, Request};
use crate::message::response::{Body, Response, Status};
use conditions::State;
use path::Path;
use root::Root;
use upload::Upload;

/// The file that stands for its folder.
const INDEX: &str = "index.html";

/// The files of one server.
pub struct Site {
    root: Root,
    /// The longest upload that is taken.
    pub upload_limit: u64,
}

impl Site {
    /// The site whose files stand below the folder `root`, which is made if there is none.
    ///
    /// # Errors
    ///
    /// When there can be no such folder.
    pub fn new(root: &std::path::Path, upload_limit: u64) -> io::Result<Self> {
        trouble::survive_limits()?;
        Ok(Self { root: Root::open_or_make(root)?, upload_limit })
    }

    /// Judges a request by its head; an upload gets a place for its content.
    ///
    /// # Errors
    ///
    /// When its body need not even come.
    pub fn welcome(&self, request: &Request) -> Result<Option<Upload>, Refusal> {
        self.permit(request)?;
        // Exercise 6.2: What cannot be had.
        //     Welcome GET, HEAD, DELETE and OPTIONS; begin an upload for POST; refuse a method
        //     that is for others (`NotAllowed`), and one that nobody knows (`UnknownMethod`).
        //     check it: cargo test -p lab06 -- ex6_2
        //
        // It welcomes everybody, whatever the method.
        Ok(None)
    }

    /// Looks whether what a request would change is as its client expects it to be.
    fn permit(&self, request: &Request) -> Result<(), Refusal> {
        let conditions = &request.conditions;
        let changes = matches!(request.method, Method::Post | Method::Delete);
        if !changes || *conditions == Conditions::default() {
            return Ok(());
        }
        let found = Path::parse(&request.path).and_then(|path| self.root.open(&path.names));
        let state = found.ok().map(|found| State::of(&found.about));
        conditions.permit(state.as_ref())?;
        let is_new =
            conditions.if_none_match.is_none() || !state.is_some_and(|it| conditions.have(&it));
        if is_new { Ok(()) } else { Err(Refusal::Precondition) }
    }

    /// Does what a request asks for, now that its body has come.
    pub fn answer(&self, request: &Request, upload: Option<Upload>) -> Response {
        let outcome = match (request.method, upload) {
            (Method::Get | Method::Head, _) => self.get(request),
            (Method::Delete, _) => delete::delete(&self.root, &request.path),
            (Method::Options, _) => Ok(options()),
            (_, Some(upload)) => upload.finish(),
            (_, None) => Err(Refusal::NotAllowed),
        };
        outcome.unwrap_or_else(Refusal::response)
    }

    /// Whatever is to be had under a path.
    fn get(&self, request: &Request) -> Result<Response, Refusal> {
        if is_upload(&request.path) {
            return listing::names(&self.root);
        }
        let path = Path::parse(&request.path)?;
        let found = self.root.open(&path.names)?;
        match (found.about.is_dir(), path.is_folder) {
            (true, true) => self.folder(&path, request),
            (true, false) => Ok(moved(&path)),
            (false, true) => Err(Refusal::NotFound),
            (false, false) => files::response(found, path.last(), request),
        }
    }

    /// A folder: its index, or else our page.
    fn folder(&self, path: &Path, request: &Request) -> Result<Response, Refusal> {
        match self.root.open(&path.child(INDEX)) {
            Ok(found) => files::response(found, INDEX.as_ref(), request),
            Err(Refusal::NotFound) => page::response(&self.root, path),
            Err(refusal) => Err(refusal),
        }
    }
}

/// Whether this is the path by which the root is listed, and files are uploaded into it.
fn is_upload(path: &str) -> bool {
    matches!(path, "/upload" | "/upload/")
}

/// The answer about a folder whose path lacks the slash: relative links in it need it.
fn moved(path: &Path) -> Response {
    let mut response = Response::new(Status::MOVED, Body::Bytes(Vec::new()));
    response.add("Location", format!("{path}/"));
    response
}

/// What can be done here.
fn options() -> Response {
    let mut response = Response::new(Status::NO_CONTENT, Body::None);
    response.add("Allow", ALLOWED);
    response
}
