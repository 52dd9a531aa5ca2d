//! The client's side, given complete: lists, uploads, deletes and gets, one request a connection.

mod answer;
mod names;
mod talk;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::arguments::{Action, Client};
use answer::Answer;

/// What is encoded in a path that the user has typed. A slash is a slash.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// How many characters of a page that says what is wrong are worth showing.
const WORDS_MAX: usize = 200;

impl Client {
    /// Does what the command line asks for.
    ///
    /// # Errors
    ///
    /// When the server does not do it, or nobody can tell; the error is one sentence that says
    /// why.
    pub fn run(&self) -> anyhow::Result<()> {
        match &self.action {
            Action::List { folder } => self.list(folder),
            Action::Upload { file, name } => self.upload(file, name.as_deref()),
            Action::Delete { name } => {
                let answer = self.ask(&format!("DELETE {}", encoded(name)), "", io::empty())?;
                self.show(answer)
            }
            Action::Get { path, output: None } => {
                let answer = self.ask(&format!("GET {}", encoded(path)), "", io::empty())?;
                self.copy(answer, &mut io::stdout().lock())
            }
            Action::Get { path, output: Some(output) } => self.get(path, output),
        }
    }

    /// Shows the names in a folder, one on a line.
    fn list(&self, folder: &str) -> anyhow::Result<()> {
        let path = match folder.trim_matches('/') {
            "upload" => "/upload".to_string(),
            "" => "/".to_string(),
            folder => encoded(folder) + "/",
        };
        let mut page = Vec::new();
        self.copy(self.ask(&format!("GET {path}"), "", io::empty())?, &mut page)?;
        let mut screen = io::stdout().lock();
        for name in names::in_page(&String::from_utf8_lossy(&page)) {
            writeln!(screen, "{name}")?;
        }
        Ok(())
    }

    /// Sends a file; the server stores it under `name`, or under the file's own.
    fn upload(&self, path: &Path, name: Option<&str>) -> anyhow::Result<()> {
        let shown = path.display();
        let file = File::open(path).with_context(|| format!("cannot open {shown}"))?;
        let about = file.metadata()?;
        ensure!(about.is_file(), "{shown} is not a regular file");
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.unwrap_or(&own);
        ensure!(!name.contains(char::is_control), "{name:?} cannot be the name of a file");
        let length = format!("Content-Length: {}\r\n", about.len());
        // The course's first servers know one form only, and that has no room for folders.
        let (path, fields) = match name.contains('/') {
            true => (encoded(name), length),
            false => ("/upload".to_string(), format!("Filename: {name}\r\n{length}")),
        };
        let answer = self.ask(&format!("POST {path}"), &fields, file.take(about.len()))?;
        self.show(answer)
    }

    /// Brings a file, whole or not at all: what breaks off must not look like the file.
    fn get(&self, path: &str, output: &Path) -> anyhow::Result<()> {
        let answer = self.ask(&format!("GET {}", encoded(path)), "", io::empty())?;
        let mut partly = output.as_os_str().to_owned();
        partly.push(".part");
        let partly = PathBuf::from(partly);
        let cannot = || format!("cannot make {}", output.display());
        let mut file = File::create(&partly).with_context(cannot)?;
        let copied = self.copy(answer, &mut file);
        let kept = copied.and_then(|()| fs::rename(&partly, output).with_context(cannot));
        kept.inspect_err(|_| {
            let _ = fs::remove_file(&partly);
        })
    }

    /// Asks for something, with `fields` that belong to this request; what is not a success is an
    /// error.
    fn ask(&self, line: &str, fields: &str, body: impl Read) -> anyhow::Result<Answer> {
        let server = &self.server;
        let request =
            format!("{line} HTTP/1.1\r\nHost: {server}\r\n{fields}Connection: close\r\n\r\n");
        let answer = talk::ask(self, &request, body);
        let mut answer = answer.map_err(|error| self.trouble(&error))?;
        if !(200..300).contains(&answer.status) {
            // The status is what counts; the words are worth a try.
            let page = answer.piece().ok().flatten().unwrap_or_default();
            let page = String::from_utf8_lossy(&page);
            let verdict = format!("{} {}", answer.status, answer.reason);
            let words = page.lines().next().unwrap_or_default();
            // Our server repeats the verdict there.
            let words = words.strip_prefix(&verdict).unwrap_or(words).trim_start_matches(": ");
            let words: String = words.chars().take(WORDS_MAX).collect();
            bail!("{server} answered {verdict} ({})", words.escape_debug());
        }
        Ok(answer)
    }

    /// Shows an answer of a few words, with a line end behind it.
    fn show(&self, answer: Answer) -> anyhow::Result<()> {
        let mut screen = io::stdout().lock();
        self.copy(answer, &mut screen)?;
        Ok(writeln!(screen)?)
    }

    /// Copies the body of an answer piece by piece, as it comes.
    fn copy(&self, mut answer: Answer, to: &mut impl Write) -> anyhow::Result<()> {
        while let Some(piece) = answer.piece().map_err(|error| self.trouble(&error))? {
            to.write_all(&piece)?;
        }
        Ok(to.flush()?)
    }

    fn trouble(&self, error: &io::Error) -> anyhow::Error {
        anyhow!(talk::explain(self, error))
    }
}

/// A path as it stands in a request.
fn encoded(path: &str) -> String {
    format!("/{}", utf8_percent_encode(path.trim_start_matches('/'), ENCODED))
}
