//! `wireshark/questions.toml`: questions to which a capture has the answer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::capture::tshark;
use crate::catalogue::{Course, Lab};

/// Where they stand, as seen from the root.
const FILE: &str = "wireshark/questions.toml";

/// Where there are captures on which they can be tried.
const CAPTURES: &str = "wireshark/captures";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questions {
    question: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The labs about which it is.
    labs: BTreeSet<u32>,
    pub text: String,
    /// Where to look, for who was wrong.
    pub look: String,
    /// What a capture must have to answer it.
    pub needs: String,
    /// Which packets matter; `{ports}` are those of the lab.
    pub filter: String,
    /// The field that matters; of several, each packet has one.
    fields: Vec<String>,
    /// What becomes of its values.
    answer: Kind,
    /// By what the truth is multiplied: 1000 makes milliseconds of seconds.
    #[serde(default = "one")]
    times: f64,
    /// How far an answer in numbers may be from the truth.
    #[serde(default)]
    within: f64,
}

/// What becomes of the values that were found.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// The first one.
    First,
    /// How many there are.
    Count,
    /// How many different ones there are.
    Kinds,
    Sum,
    Most,
    Least,
}

/// What tshark makes of it.
pub enum Truth {
    Is(String),
    /// Nothing in the capture is about it.
    Unknown,
}

fn one() -> f64 {
    1.0
}

impl Questions {
    pub fn of(course: &Course) -> Result<Self> {
        let text = fs::read_to_string(course.root.join(FILE));
        let text = text.with_context(|| format!("cannot read {FILE}"))?;
        toml::from_str(&text).with_context(|| format!("cannot read {FILE}"))
    }

    pub fn about(&self, lab: &Lab) -> Vec<&Question> {
        self.question.iter().filter(|question| question.labs.contains(&lab.number)).collect()
    }

    /// Questions to which no capture of their lab has an answer, and labs without questions.
    pub fn complaints(&self, course: &Course) -> Result<Vec<String>> {
        let mut complaints = Vec::new();
        for lab in course.written() {
            let (questions, captures) = (self.about(lab), captures(course, lab)?);
            if questions.is_empty() {
                complaints.push(format!("{FILE}: nothing about {}", lab.package()));
            }
            for question in questions {
                if !question.is_answered(course, lab, &captures)? {
                    let what = &question.text;
                    complaints.push(format!("{}: no capture answers: {what}", lab.package()));
                }
            }
        }
        Ok(complaints)
    }
}

/// The captures of `lab` that are in the repository.
fn captures(course: &Course, lab: &Lab) -> Result<Vec<PathBuf>> {
    let prefix = format!("{:02}-", lab.number);
    let mut captures = Vec::new();
    for entry in fs::read_dir(course.root.join(CAPTURES))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(&prefix) && name.ends_with(".pcapng") {
            captures.push(path);
        }
    }
    captures.sort();
    Ok(captures)
}

impl Question {
    /// What a right answer is.
    pub fn truth(&self, course: &Course, lab: &Lab, capture: &Path) -> Result<Truth> {
        let filter = filled(&self.filter, lab);
        let mut values = Vec::new();
        for field in &self.fields {
            values.extend(tshark::values(course, capture, &filter, field)?);
        }
        Ok(self.answer.of(&values).map_or(Truth::Unknown, |truth| Truth::Is(self.scaled(truth))))
    }

    /// Whether `answer` is the truth, or near enough to it.
    pub fn accepts(&self, answer: &str, truth: &str) -> bool {
        let (answer, truth) = (answer.trim(), truth.trim());
        match (answer.parse::<f64>(), truth.parse::<f64>()) {
            (Ok(answer), Ok(truth)) => (answer - truth).abs() <= self.within,
            _ => answer.eq_ignore_ascii_case(truth),
        }
    }

    fn scaled(&self, truth: String) -> String {
        match truth.parse::<f64>() {
            Ok(number) => (number * self.times).to_string(),
            Err(_) => truth,
        }
    }

    fn is_answered(&self, course: &Course, lab: &Lab, captures: &[PathBuf]) -> Result<bool> {
        for capture in captures {
            if let Truth::Is(_) = self.truth(course, lab, capture)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Kind {
    /// What becomes of `values`; nothing, if there are none.
    fn of(self, values: &[String]) -> Option<String> {
        let first = values.first()?.clone();
        let numbers = || values.iter().filter_map(|value| value.parse::<f64>().ok());
        Some(match self {
            Self::First => first,
            Self::Count => values.len().to_string(),
            Self::Kinds => values.iter().collect::<BTreeSet<_>>().len().to_string(),
            Self::Sum => numbers().sum::<f64>().to_string(),
            Self::Most => numbers().reduce(f64::max)?.to_string(),
            Self::Least => numbers().reduce(f64::min)?.to_string(),
        })
    }
}

/// A filter that finds what goes to and from `lab`.
pub fn is_of(lab: &Lab) -> String {
    filled("tcp.port in {ports} || udp.port in {ports}", lab)
}

/// The filter, with the ports of `lab`.
pub fn filled(filter: &str, lab: &Lab) -> String {
    let ports = std::iter::once(lab.port).chain(lab.more_ports.iter().copied());
    let ports: Vec<String> = ports.map(|port| port.to_string()).collect();
    filter.replace("{ports}", &format!("{{{}}}", ports.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{Kind, Question};

    fn values(words: &str) -> Vec<String> {
        words.split(' ').map(String::from).collect()
    }

    #[test]
    fn values_become_an_answer() {
        let of = |kind: Kind| kind.of(&values("5 3 5"));
        assert_eq!(of(Kind::First).as_deref(), Some("5"));
        assert_eq!(of(Kind::Count).as_deref(), Some("3"));
        assert_eq!(of(Kind::Kinds).as_deref(), Some("2"));
        assert_eq!(of(Kind::Sum).as_deref(), Some("13"));
        assert_eq!(of(Kind::Most).as_deref(), Some("5"));
        assert_eq!(of(Kind::Least).as_deref(), Some("3"));
        assert!(Kind::Sum.of(&[]).is_none());
    }

    #[test]
    fn an_answer_may_be_near_the_truth_if_the_question_says_so() {
        let text = "labs = [5]\ntext = ''\nlook = ''\nneeds = ''\nfilter = ''\nfields = []\n\
                    answer = 'first'\n";
        let exact: Question = toml::from_str(text).expect("a question");
        let near: Question = toml::from_str(&format!("{text}within = 0.5")).expect("a question");
        assert!(
            exact.accepts(" 6\n", "6") && exact.accepts("6.0", "6") && !exact.accepts("7", "6")
        );
        assert!(near.accepts("6.4", "6") && !near.accepts("6.6", "6"));
        assert!(exact.accepts("jam", "JAM") && !exact.accepts("", "JAM"));
    }
}
