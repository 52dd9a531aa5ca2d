//! `wireshark/captures/captures.toml`: what there is to see in each capture, for us and for people.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::capture::tshark;
use crate::catalogue::Course;

const FOLDER: &str = "wireshark/captures";

/// Where it stands, as seen from the root.
const FILE: &str = "wireshark/captures/captures.toml";

/// The same for people, made from it.
pub const README: &str = "wireshark/captures/README.md";

/// What belongs in a capture only if that is what it shows.
const BLEMISHES: [(&str, &str); 3] = [
    ("reset", "tcp.flags.reset == 1"),
    ("retransmission", "tcp.analysis.retransmission || tcp.analysis.out_of_order"),
    ("ICMP", "icmp"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheets {
    /// What stands above the list in the README.
    introduction: String,
    capture: Vec<Sheet>,
}

/// One capture.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    pub name: String,
    pub lab: u32,
    /// Where the server listens; if it is not said, on the lab's own port.
    #[serde(default)]
    pub port: u16,
    /// With what the server is started; without them there is no server.
    pub arguments: Option<String>,
    /// How much room each socket has in each direction, if not what is usual.
    pub room: Option<u32>,
    /// How long a packet may be, if not as on an Ethernet.
    pub mtu: Option<u32>,
    /// How much of each packet is kept, if not all.
    pub bytes_of_each: Option<u32>,
    /// Which blemishes are what it shows.
    #[serde(default)]
    shows: BTreeSet<String>,
    title: String,
    look: String,
    filters: Vec<Filter>,
}

/// A display filter, and what it finds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    filter: String,
    finds: String,
}

impl Sheets {
    pub fn of(course: &Course) -> Result<Self> {
        let text = fs::read_to_string(course.root.join(FILE));
        let text = text.with_context(|| format!("cannot read {FILE}"))?;
        let mut sheets: Self =
            toml::from_str(&text).with_context(|| format!("cannot read {FILE}"))?;
        for sheet in sheets.capture.iter_mut().filter(|sheet| sheet.port == 0) {
            sheet.port = course.number(sheet.lab)?.port;
        }
        Ok(sheets)
    }

    /// Those whose names begin with one of `names`; all, if there is none.
    pub fn chosen(&self, names: &[String]) -> Result<Vec<&Sheet>> {
        // A name in full is only that one: `05-time` is not `05-time-limit`.
        let is_meant = |sheet: &Sheet, name: &str| match self.is_there(name) {
            true => sheet.name == name,
            false => sheet.name.starts_with(name),
        };
        for name in names {
            if !self.capture.iter().any(|sheet| is_meant(sheet, name)) {
                bail!("{FILE} has no capture {name}");
            }
        }
        let chosen =
            |sheet: &&Sheet| names.is_empty() || names.iter().any(|name| is_meant(sheet, name));
        Ok(self.capture.iter().filter(chosen).collect())
    }

    fn is_there(&self, name: &str) -> bool {
        self.capture.iter().any(|sheet| sheet.name == name)
    }

    /// The README.
    pub fn readme(&self) -> Result<String> {
        let mut text = format!("# Captures\n\n{}", self.introduction);
        let mut lab = 0;
        for sheet in &self.capture {
            if sheet.lab != lab {
                lab = sheet.lab;
                write!(text, "\n## Lab {lab:02}\n")?;
            }
            write!(text, "\n### {}\n\n", sheet.title)?;
            write!(text, "[`{0}.pcapng`]({0}.pcapng), port {1}\n\n", sheet.name, sheet.port)?;
            text.push_str(&sheet.look);
            text.push_str("\n| filter | what it finds |\n|---|---|\n");
            for Filter { filter, finds } in &sheet.filters {
                // A bar would end the cell.
                writeln!(text, "| `{}` | {finds} |", filter.replace('|', "\\|"))?;
            }
        }
        Ok(text)
    }

    /// What is wrong with the folder as a whole.
    pub fn complaints(&self, course: &Course) -> Result<Vec<String>> {
        let mut complaints = Vec::new();
        if fs::read_to_string(course.root.join(README)).ok() != Some(self.readme()?) {
            complaints.push(format!("{README} is stale: cargo lab author captures"));
        }
        for entry in fs::read_dir(course.root.join(FOLDER))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let is_known = |name: &str| self.capture.iter().any(|sheet| sheet.name == name);
            if name.strip_suffix(".pcapng").is_some_and(|name| !is_known(name)) {
                complaints.push(format!("{FOLDER}/{name} is not in {FILE}"));
            }
        }
        Ok(complaints)
    }
}

impl Sheet {
    /// Where the capture stands, as seen from the root.
    pub fn path(&self) -> PathBuf {
        Path::new(FOLDER).join(&self.name).with_extension("pcapng")
    }

    /// What is wrong with the capture: filters that find nothing, and blemishes.
    pub fn complaints(&self, course: &Course) -> Result<Vec<String>> {
        let ours = self.filters.iter().map(|it| it.filter.as_str());
        let filters: Vec<&str> = ours.chain(BLEMISHES.map(|(_, filter)| filter)).collect();
        let counts = tshark::counts(course, &course.root.join(self.path()), &filters)
            .with_context(|| self.name.clone())?;
        let (found, blemishes) = counts.split_at(self.filters.len());
        let mut complaints = Vec::new();
        for (Filter { filter, .. }, _) in self.filters.iter().zip(found).filter(|(_, n)| **n == 0) {
            complaints.push(format!("{}: {filter} finds nothing", self.name));
        }
        for ((name, _), count) in BLEMISHES.iter().zip(blemishes) {
            let is_shown = self.shows.contains(*name);
            if (*count > 0) != is_shown {
                let should = if is_shown { "should have one" } else { "should have none" };
                complaints.push(format!("{}: {name} in {count} packets, {should}", self.name));
            }
        }
        Ok(complaints)
    }
}
