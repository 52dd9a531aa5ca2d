//! `cargo lab mdbook`: called by mdBook while it builds the book. A line `{{#conversation PROMISE}}`
//! becomes the recorded conversation of that promise, drawn as a ladder, and as text. A line
//! `{{#bytes PROMISE | NAME "BYTES" | …}}` becomes a drawing of bytes that are in that conversation.

mod bytes;
mod ladder;
mod steps;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::Value;

use crate::Answer;
use crate::catalogue::Course;
use crate::page::Text;
use ladder::Ladder;
use steps::Step;

/// How a drawing is asked for in a chapter: alone on its line.
const CONVERSATION: &str = "{{#conversation ";
const BYTES: &str = "{{#bytes ";

/// Where the conversations are, as seen from the root.
const SNAPSHOTS: &str = "tests/snapshots";

/// Draw the conversations of the book (mdBook calls this while it builds)
#[derive(Args)]
#[command(hide = true)]
pub struct Arguments {
    /// What mdBook asks: `supports html`
    question: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    if let [question, renderer] = arguments.question.as_slice() {
        let is_for_pages = question == "supports" && renderer == "html";
        return Ok(if is_for_pages { Answer::Yes } else { Answer::No });
    }
    let course = Course::here()?;
    let input = serde_json::from_reader(io::stdin().lock());
    let (_context, mut book): (Value, Value) = input
        .context("mdBook gives its book on the standard input, and nobody else need call this")?;
    draw_all(&mut book, &course.root.join(SNAPSHOTS))?;
    serde_json::to_writer(io::stdout().lock(), &book)?;
    io::stdout().flush()?;
    Ok(Answer::Yes)
}

/// Draws in every chapter of the book, however deep.
fn draw_all(part: &mut Value, snapshots: &Path) -> Result<()> {
    match part {
        Value::Array(parts) => parts.iter_mut().try_for_each(|part| draw_all(part, snapshots)),
        Value::Object(fields) => {
            if let Some(Value::String(text)) = fields.get_mut("content")
                && (text.contains(CONVERSATION) || text.contains(BYTES))
            {
                *text = drawn(text, snapshots)?;
            }
            fields.values_mut().try_for_each(|part| draw_all(part, snapshots))
        }
        _ => Ok(()),
    }
}

/// The text of a chapter, with what it asks for drawn.
fn drawn(chapter: &str, snapshots: &Path) -> Result<String> {
    let mut text = String::new();
    for line in chapter.lines() {
        let asked = |what| line.strip_prefix(what)?.strip_suffix("}}");
        if let Some(promise) = asked(CONVERSATION) {
            text.push_str(&figure(promise.trim(), snapshots)?);
        } else if let Some(fields) = asked(BYTES) {
            text.push_str(&boxes(fields, snapshots)?);
        } else if line.contains(CONVERSATION) || line.contains(BYTES) {
            bail!("what is to be drawn stands alone on its line: {line}");
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    Ok(text)
}

/// The conversation of `promise`: the drawing, its caption, and the text for those who cannot see
/// it, or would rather read.
fn figure(promise: &str, snapshots: &Path) -> Result<String> {
    let text = conversation(promise, snapshots)?;
    let steps = text.lines().map(Step::read).collect::<Result<Vec<_>>>()?;
    let words = in_words(promise);
    let svg = Ladder::of(&steps).svg(&format!("The conversation: {words}"));
    // Markdown ends a block of HTML at an empty line: there is none in here.
    Ok(format!(
        "<figure class=\"conversation\">\n{svg}\n<figcaption>Recorded: {}.</figcaption>\n\
         <details><summary>The same as text</summary>\n<pre><code class=\"language-text\">{}</code></pre>\n\
         </details>\n</figure>\n",
        Text(&words),
        Text(text.trim_end()),
    ))
}

/// Bytes in boxes. They must be somewhere in the conversation of the promise that is named first.
fn boxes(asked: &str, snapshots: &Path) -> Result<String> {
    let parts = asked.split_once(" | ");
    let (promise, fields) = parts.with_context(|| format!("bytes are of a promise: {asked}"))?;
    let (svg, bytes) = bytes::drawn(fields)?;
    let is_there = conversation(promise, snapshots)?.contains(&bytes);
    ensure!(is_there, "in the conversation of {promise} there is no {bytes}");
    Ok(format!("<figure class=\"bytes\">\n{svg}\n</figure>\n"))
}

/// The recorded conversation of a promise.
fn conversation(promise: &str, snapshots: &Path) -> Result<String> {
    let snapshot = fs::read_to_string(snapshots.join(format!("{promise}.snap")))
        .with_context(|| format!("no conversation is recorded for {promise}"))?;
    let text = steps_of(&snapshot);
    let text = text.with_context(|| format!("{promise}.snap does not begin as a snapshot does"))?;
    Ok(text.to_string())
}

/// A snapshot without what insta writes above it.
fn steps_of(snapshot: &str) -> Option<&str> {
    snapshot.strip_prefix("---\n")?.split_once("\n---\n").map(|(_, text)| text)
}

/// `ex5_3_an_empty_line_is_a_line` as words: `an empty line is a line`.
fn in_words(promise: &str) -> String {
    promise.split('_').skip(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SNAPSHOT: &str = "---\nsource: x\n---\nserver * listens\nA * connects\nA > \"<b>\\n\"\n";

    fn snapshots() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ex1_2_b_comes_back.snap"), SNAPSHOT).unwrap();
        folder
    }

    #[test]
    fn a_line_becomes_a_drawing_and_the_text_of_it() {
        let folder = snapshots();
        let text =
            drawn("before\n{{#conversation ex1_2_b_comes_back}}\nafter", folder.path()).unwrap();
        assert!(
            text.starts_with("before\n<figure") && text.ends_with("</figure>\n\nafter\n"),
            "{text}"
        );
        assert!(text.contains("A &gt; &quot;&lt;b&gt;\\n&quot;</code>"), "{text}");
        assert!(text.contains("Recorded: b comes back."), "{text}");
        let figure = &text[text.find("<figure").unwrap()..text.find("</figure").unwrap()];
        assert!(!figure.contains("\n\n"), "Markdown would end the figure there");
    }

    #[test]
    fn what_is_not_recorded_cannot_be_drawn() {
        let error = drawn("{{#conversation ex1_2_b_comes_bac}}", snapshots().path()).unwrap_err();
        assert_eq!(error.to_string(), "no conversation is recorded for ex1_2_b_comes_bac");
    }

    #[test]
    fn bytes_are_drawn_only_if_they_are_in_the_conversation() {
        let folder = snapshots();
        let asked = |bytes| format!("{{{{#bytes ex1_2_b_comes_back | tag \"{bytes}\"}}}}");
        assert!(drawn(&asked("<b>"), folder.path()).unwrap().contains("class=\"bytes\""));
        let error = drawn(&asked("<c>"), folder.path()).unwrap_err();
        let words = "in the conversation of ex1_2_b_comes_back there is no <c>";
        assert_eq!(error.to_string(), words);
    }

    #[test]
    fn chapters_inside_of_chapters_are_drawn_too() {
        let chapter = |text: &str, inner: Value| serde_json::json!({"Chapter": {"content": text, "sub_items": inner}});
        let line = "{{#conversation ex1_2_b_comes_back}}";
        let mut book = serde_json::json!({"items": [chapter("x", serde_json::json!([chapter(line, Value::Null)]))]});
        draw_all(&mut book, snapshots().path()).unwrap();
        let text = &book["items"][0]["Chapter"]["sub_items"][0]["Chapter"]["content"];
        assert!(text.as_str().unwrap().contains("<svg"), "{text}");
        assert_eq!(book["items"][0]["Chapter"]["content"], "x");
    }
}
