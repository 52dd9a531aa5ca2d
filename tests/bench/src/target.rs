//! What the course wants to reach, and whether it does.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// Why targets are missed, found with a profiler: by hand, by the target's name.
const REASONS: &str = include_str!("../reasons.toml");

/// One line of what is wanted.
#[derive(Serialize, Deserialize)]
pub struct Target {
    pub id: String,
    pub what: String,
    pub wanted: f64,
    pub at_least: bool,
    pub unit: String,
    /// `None` if it could not be measured here.
    pub got: Option<f64>,
}

impl Target {
    /// Wants so much or more.
    pub fn at_least(id: &str, what: &str, wanted: f64, unit: &str, got: Option<f64>) -> Self {
        let [id, what, unit] = [id, what, unit].map(str::to_string);
        Self { id, what, wanted, at_least: true, unit, got }
    }

    /// Wants so much or less.
    pub fn at_most(id: &str, what: &str, wanted: f64, unit: &str, got: Option<f64>) -> Self {
        Self { at_least: false, ..Self::at_least(id, what, wanted, unit, got) }
    }

    /// Whether it is reached, if that is known.
    pub fn is_reached(&self) -> Option<bool> {
        let got = self.got?;
        Some(if self.at_least { got >= self.wanted } else { got <= self.wanted })
    }

    /// The verdict, and why if it is a bad one.
    pub fn verdict(&self) -> String {
        match self.is_reached() {
            Some(true) => "reached".to_string(),
            Some(false) => {
                let why = reasons().get(&self.id).map_or("not looked into yet", String::as_str);
                format!("**not reached**: {why}")
            }
            None => "not measured here".to_string(),
        }
    }
}

fn reasons() -> &'static BTreeMap<String, String> {
    static READ: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    READ.get_or_init(|| toml::from_str(REASONS).expect("reasons.toml is part of this program"))
}
