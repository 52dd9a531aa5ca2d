//! A conversation as a ladder: a line for each who takes part, time runs down, and what travels is
//! an arrow from one line to another.

use std::fmt::Write;

use super::steps::{Step, What, is_program};
use crate::page::Text;

/// The measures of the drawing, in its own units; a page shows it as wide as it can.
const WIDTH: usize = 680;
const MARGIN: usize = 70;
const HEAD: usize = 40;
const ARROW: usize = 40;
const NOTE: usize = 34;

/// A letter of the monospaced font, and how many of them a label has at most.
const LETTER: f64 = 7.9;
const LABEL_MAX: usize = 64;

/// Who takes no line of their own: what they do is told across the whole width.
const ASIDE: [&str; 2] = ["judge", "folder"];

/// Who takes part, and what they do.
pub struct Ladder<'a> {
    lines: Vec<&'a str>,
    steps: &'a [Step<'a>],
}

impl<'a> Ladder<'a> {
    /// Peers of a server stand to its left; a client has its user to the left and its peers to the
    /// right.
    pub fn of(steps: &'a [Step<'a>]) -> Self {
        let mut everybody: Vec<&str> = Vec::new();
        for step in steps {
            if !everybody.contains(&step.who) && !ASIDE.contains(&step.who) {
                everybody.push(step.who);
            }
        }
        let place = |who: &&str| match *who {
            "keyboard" => 0,
            "screen" => 1,
            "client" | "program" => 2,
            "server" => 4,
            _ => 3,
        };
        everybody.sort_by_key(place);
        Self { lines: everybody, steps }
    }

    pub fn svg(&self, title: &str) -> String {
        let height =
            HEAD + self.steps.iter().map(|step| self.height(step)).sum::<usize>() + NOTE / 2;
        let mut svg = String::new();
        let _ = write!(
            svg,
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{0}\"><title>{0}</title>",
            Text(title)
        );
        for who in &self.lines {
            let (x, bottom) = (self.place(who), height - NOTE / 4);
            let class = if is_program(who) { "program" } else { "peer" };
            let _ = write!(
                svg,
                "<text class=\"who {class}\" x=\"{x}\" y=\"20\">{}</text>\
                 <line class=\"life {class}\" x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{bottom}\"/>",
                Text(who),
                HEAD - 10
            );
        }
        let mut y = HEAD;
        for step in self.steps {
            y += self.height(step);
            svg.push_str(&self.step(step, y - 10));
        }
        svg + "</svg>"
    }

    fn height(&self, step: &Step<'_>) -> usize {
        if self.arrow(step).is_some() { ARROW } else { NOTE }
    }

    /// Where somebody's line is.
    fn place(&self, who: &str) -> usize {
        let Some(at) = self.lines.iter().position(|line| *line == who) else { return WIDTH / 2 };
        match self.lines.len() {
            1 => WIDTH / 2,
            count => MARGIN + at * (WIDTH - 2 * MARGIN) / (count - 1),
        }
    }

    /// The program that somebody talks to.
    fn program_of(&self, who: &str) -> Option<&'a str> {
        let is_users = ["keyboard", "screen"].contains(&who);
        let order = if is_users {
            ["client", "program", "server"]
        } else {
            ["server", "client", "program"]
        };
        order.into_iter().find_map(|name| self.lines.iter().find(|line| **line == name)).copied()
    }

    /// From where to where a step travels.
    fn arrow(&self, step: &Step<'_>) -> Option<(usize, usize)> {
        if step.what == What::Note || step.is_of_program() || ASIDE.contains(&step.who) {
            return None;
        }
        let (peer, program) = (self.place(step.who), self.place(self.program_of(step.who)?));
        Some(match step.what {
            What::FromProgram | What::EndFromProgram | What::KnockByProgram => (program, peer),
            _ => (peer, program),
        })
    }

    fn step(&self, step: &Step<'_>, y: usize) -> String {
        match self.arrow(step) {
            Some((from, to)) => {
                let label = label((from + to) / 2, y - 8, step.words, "words");
                format!("{}{label}", travel(step.what, from, to, y))
            }
            None => {
                let words = match ASIDE.contains(&step.who) {
                    true => format!("{}: {}", step.who, step.words),
                    false => step.words.to_string(),
                };
                label(self.place(step.who), y, &words, "note")
            }
        }
    }
}

/// Words on a piece of the page's ground, so that lines behind them do not disturb; never outside
/// of the picture.
fn label(middle: usize, y: usize, words: &str, class: &str) -> String {
    let words = shortened(words);
    let wide = words.chars().count() as f64 * LETTER + 8.0;
    let half = wide / 2.0;
    let middle = (middle as f64)
        .clamp(half.min(WIDTH as f64 / 2.0), (WIDTH as f64 - half).max(WIDTH as f64 / 2.0));
    format!(
        "<g class=\"{class}\"><rect x=\"{:.0}\" y=\"{}\" width=\"{wide:.0}\" height=\"19\" rx=\"4\"/>\
         <text x=\"{middle:.0}\" y=\"{y}\">{}</text></g>",
        middle - half,
        y - 14,
        Text(&words)
    )
}

/// What is too long for the picture loses its middle: the text below has it whole.
fn shortened(words: &str) -> String {
    let letters: Vec<char> = words.chars().collect();
    if letters.len() <= LABEL_MAX {
        return words.to_string();
    }
    let (head, tail) = (LABEL_MAX - 20, 17);
    let text = |part: &[char]| part.iter().collect::<String>();
    format!("{} … {}", text(&letters[..head]), text(&letters[letters.len() - tail..]))
}

/// An arrow. The end of a stream ends at a bar, a reset in a cross.
fn travel(what: What, from: usize, to: usize, y: usize) -> String {
    let is_right = to > from;
    let (head, back) = if is_right { (to - 2, to - 12) } else { (to + 2, to + 12) };
    let class = match what {
        What::ToProgram => "sent",
        What::FromProgram => "got",
        What::EndToProgram => "sent end",
        What::EndFromProgram => "got end",
        What::KnockAtProgram => "sent knock",
        What::KnockByProgram => "got knock",
        What::Reset => "sent reset",
        What::Note => "",
    };
    let tip = match what {
        What::EndToProgram | What::EndFromProgram => {
            format!("<path d=\"M{head} {} V{}\"/>", y - 7, y + 7)
        }
        What::Reset => {
            format!("<path d=\"M{0} {1} L{2} {3} M{0} {3} L{2} {1}\"/>", back, y - 5, head, y + 5)
        }
        _ => String::new(),
    };
    format!(
        "<g class=\"travel {class}\"><line x1=\"{from}\" y1=\"{y}\" x2=\"{head}\" y2=\"{y}\"/>\
         <path class=\"head\" d=\"M{back} {} L{head} {y} L{back} {}\"/>{tip}</g>",
        y - 5,
        y + 5
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(text: &str) -> String {
        let steps: Vec<Step<'_>> = text.lines().map(|line| Step::read(line).unwrap()).collect();
        Ladder::of(&steps).svg("title")
    }

    #[test]
    fn peers_stand_to_the_left_of_their_server_and_arrows_go_between() {
        let svg = ladder("server * listens\nA * connects\nB * connects\nA > \"x\"\nB < \"y\"");
        let place = |who: &str| {
            let at = svg.find(&format!("\">{who}</text><line")).unwrap();
            let x = svg[..at].rfind("x=\"").unwrap() + 3;
            svg[x..].split('"').next().unwrap().parse::<usize>().unwrap()
        };
        assert!(place("A") < place("B") && place("B") < place("server"));
        let (a, b, server) = (place("A"), place("B"), place("server"));
        assert!(svg.contains(&format!("travel sent\"><line x1=\"{a}\"")), "{svg}");
        assert!(svg.contains(&format!("travel got\"><line x1=\"{server}\"")), "{svg}");
        assert!(svg.contains(&format!("x2=\"{}\"", b + 2)), "{svg}");
    }

    #[test]
    fn an_end_a_reset_and_a_note_look_different() {
        let svg = ladder(
            "server * listens\nA > end of stream\nA < end of stream, or a reset\nA * resets",
        );
        for class in ["sent end", "got end", "sent reset", "class=\"note\""] {
            assert!(svg.contains(class), "{class} in {svg}");
        }
    }

    #[test]
    fn long_words_stay_inside_and_keep_their_ends() {
        let long = format!("\"{}\" (300 bytes)", "x".repeat(300));
        assert_eq!(shortened(&long).chars().count(), LABEL_MAX);
        assert!(shortened(&long).ends_with("\" (300 bytes)"));
        assert_eq!(shortened("ü".repeat(LABEL_MAX).as_str()), "ü".repeat(LABEL_MAX));
    }
}
