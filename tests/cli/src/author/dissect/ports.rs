//! The ports of the labs stand in the catalogue. The dissectors and the colours cannot read it, so
//! here it is proved that they know the same ones.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use super::tshark::Tshark;
use crate::catalogue::Course;

/// The colouring rules, as seen from the root.
const COLOURS: &str = "wireshark/profiles/wirelab/colorfilters";

pub fn complaints(course: &Course, tshark: &Tshark) -> Result<Vec<String>> {
    let preferences = tshark.preferences()?;
    let ports = preferences.iter().filter(|(name, _)| name.ends_with(".ports"));
    let dissected: BTreeSet<u16> = ports.flat_map(|(_, ranges)| numbers(ranges, "-")).collect();
    let colours = fs::read_to_string(course.root.join(COLOURS)).context(COLOURS)?;
    let sets = colours.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let coloured: Vec<_> = sets.map(|(set, _)| numbers(set, "..")).collect();
    let mut complaints = Vec::new();
    for lab in &course.labs {
        for port in std::iter::once(lab.port).chain(lab.more_ports.clone()) {
            if !dissected.contains(&port) {
                complaints.push(format!("no dissector for port {port} of {}", lab.package()));
            }
            if coloured.is_empty() || coloured.iter().any(|set| !set.contains(&port)) {
                complaints.push(format!("{COLOURS}: not for port {port} of {}", lab.package()));
            }
        }
    }
    Ok(complaints)
}

/// The ports in a list of them, such as `5000-5001,5003`.
fn numbers(list: &str, to: &str) -> BTreeSet<u16> {
    let range = |item: &str| {
        let (first, last) = item.split_once(to).unwrap_or((item, item));
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    };
    list.split(',').filter_map(range).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn a_list_of_ports_may_have_ranges() {
        let ports: Vec<u16> = numbers("5000-5002, 45000", "-").into_iter().collect();
        assert_eq!(ports, [5000, 5001, 5002, 45000]);
    }
}
