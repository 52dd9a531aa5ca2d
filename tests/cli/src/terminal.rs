//! The place that our words go to: on a terminal they may have colours and a clean screen, and
//! somebody may answer; elsewhere they are plain lines.
//!
//! Colour never says anything that the words do not say too.

use std::env;
use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};

/// How a few words stand out.
#[derive(Clone, Copy)]
pub enum Ink {
    /// What holds.
    Good,
    /// What does not.
    Bad,
    /// What to look at now.
    Bold,
    /// What a client says.
    Client,
    /// What a server says.
    Server,
}

/// Whether a person may be reading along, on a terminal that understands more than lines.
pub fn is_live() -> bool {
    io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|name| name != "dumb")
}

/// `text` in `ink`, where colours are welcome (<https://no-color.org>).
pub fn inked(ink: Ink, text: &str) -> String {
    let is_refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if is_refused || !is_live() {
        return text.to_string();
    }
    let code = match ink {
        Ink::Good => 32,
        Ink::Bad => 31,
        Ink::Bold => 1,
        Ink::Client => 36,
        Ink::Server => 33,
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// Begins a new screen; what scrolled away before stays where it is.
pub fn clear() {
    if is_live() {
        let _ = write!(io::stdout(), "\x1b[2J\x1b[H");
        let _ = io::stdout().flush();
    }
}

/// Whether somebody sits there who can be asked.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks; only a clear yes is one.
pub fn agrees(question: &str) -> Result<bool> {
    write!(io::stdout(), "{question} [y/N] ").context("cannot ask")?;
    io::stdout().flush().context("cannot ask")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context("cannot read the answer")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Breaks `text` into lines of at most `columns`, each behind `indent`.
pub fn wrapped(text: &str, indent: &str, columns: usize) -> String {
    let mut lines = vec![indent.to_string()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        if last.len() > indent.len() && last.chars().count() + 1 + word.chars().count() > columns {
            lines.push(format!("{indent}{word}"));
        } else {
            let gap = if last.len() > indent.len() { " " } else { "" };
            *last += &format!("{gap}{word}");
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_are_broken_between_words_and_indented() {
        assert_eq!(wrapped("aa bb cc", "  ", 7), "  aa bb\n  cc");
        assert_eq!(wrapped("longer-than-all b", "  ", 7), "  longer-than-all\n  b");
    }
}
