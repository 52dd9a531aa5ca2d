//! Pictures for the book: bars and curves in `currentColor`, readable in any theme and in print.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::compare::{Table, Value};

const WIDTH: f64 = 720.0;

/// Where bars and curves begin: to the left there are names.
const LEFT: f64 = 200.0;
const ROW_HEIGHT: f64 = 28.0;
const TOP: f64 = 40.0;

/// How the lines of a curve differ, without colours.
const DASHES: [&str; 6] = ["", "8 4", "2 3", "10 3 2 3", "4 4", "1 5"];

/// Values along a row of places, on two logarithmic scales.
#[derive(Serialize, Deserialize)]
pub struct Curve {
    pub title: String,
    /// What the places are.
    pub x: String,
    pub places: Vec<usize>,
    pub lines: Vec<(String, Vec<Option<f64>>)>,
}

/// The first column of a table as bars, if it has ratios; a thin line shows the spread.
pub fn bars(name: &str, table: &Table) -> Option<String> {
    let rows: Vec<_> = table
        .rows
        .iter()
        .filter_map(|(name, cells)| match cells.first()? {
            Some(Value::Ratio(spread)) => Some((name, *spread)),
            _ => None,
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let most = rows.iter().map(|(_, spread)| spread.high).fold(1.0, f64::max);
    let x = |value: f64| LEFT + value / most * (WIDTH - LEFT - 60.0);
    let height = TOP + rows.len() as f64 * ROW_HEIGHT + 12.0;
    let words: Vec<String> =
        rows.iter().map(|(name, spread)| format!("{name} {:.2}", spread.median)).collect();
    let mut svg = opened(name, height, &table.title, &words.join(", "));
    let _ =
        writeln!(svg, r#"<text x="8" y="22" font-weight="bold">{}</text>"#, plain(&table.title));
    for (row, (name, spread)) in rows.iter().enumerate() {
        let y = TOP + row as f64 * ROW_HEIGHT;
        let (middle, low, high) = (x(spread.median), x(spread.low), x(spread.high));
        let _ = writeln!(
            svg,
            r#"<text x="{:.0}" y="{:.0}" text-anchor="end">{}</text>
<rect x="{LEFT}" y="{y:.0}" width="{:.1}" height="18" opacity="0.3"/>
<path d="M{low:.1} {:.0}H{high:.1}" stroke="currentColor" stroke-width="2"/>
<text x="{:.1}" y="{:.0}">{:.2}</text>"#,
            LEFT - 8.0,
            y + 14.0,
            plain(name),
            middle - LEFT,
            y + 9.0,
            high.max(middle) + 6.0,
            y + 14.0,
            spread.median,
        );
    }
    let _ = writeln!(
        svg,
        r#"<path d="M{:.1} {TOP}V{:.0}" stroke="currentColor" stroke-dasharray="3 3"/>"#,
        x(1.0),
        height - 12.0
    );
    Some(svg + "</svg>\n")
}

/// Lines over places, both scales logarithmic; each line has its name at its end.
pub fn curve(name: &str, curve: &Curve) -> String {
    let height = 380.0;
    let all = curve.lines.iter().flat_map(|(_, values)| values.iter().flatten().copied());
    let most = all.fold(1.0_f64, f64::max).max(10.0);
    let last = curve.places.last().copied().unwrap_or(10).max(10) as f64;
    let first = curve.places.first().copied().unwrap_or(1).max(1) as f64;
    let x = |place: f64| 60.0 + (place / first).log(last / first) * (WIDTH - 240.0);
    // Half a decade below 1: there may be something a little better than the base.
    let y = |value: f64| height - 60.0 - (value / 0.3).max(1.0).log(most / 0.3) * (height - 110.0);
    let words = format!("Along {}: {}", curve.x, in_words(curve));
    let mut svg = opened(&format!("{name}-curve"), height, &curve.title, &words);
    let _ =
        writeln!(svg, r#"<text x="8" y="22" font-weight="bold">{}</text>"#, plain(&curve.title));
    axes(&mut svg, curve, height, &x, &y, most);
    let mut labels: Vec<f64> = Vec::new();
    for (number, (name, values)) in curve.lines.iter().enumerate() {
        let points: Vec<(f64, f64)> = curve
            .places
            .iter()
            .zip(values)
            .filter_map(|(place, value)| Some((x(*place as f64), y((*value)?))))
            .collect();
        let Some((end_x, end_y)) = points.last().copied() else { continue };
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        let dash = DASHES[number % DASHES.len()];
        let mut label = end_y + 4.0;
        while labels.iter().any(|other| (label - other).abs() < 15.0) {
            label -= 3.0;
        }
        labels.push(label);
        // A line that ends early has its name above its end, where the others are not.
        let (anchor, aside) =
            if points.len() == curve.places.len() { ("start", 8.0) } else { ("end", -8.0) };
        let _ = writeln!(
            svg,
            r#"<path d="M{}" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="{dash}"/>
<text x="{:.0}" y="{label:.0}" text-anchor="{anchor}">{}</text>"#,
            path.join("L"),
            end_x + aside,
            plain(name),
        );
    }
    svg + "</svg>\n"
}

fn axes(
    svg: &mut String,
    curve: &Curve,
    height: f64,
    x: &impl Fn(f64) -> f64,
    y: &impl Fn(f64) -> f64,
    most: f64,
) {
    for place in &curve.places {
        let _ = writeln!(
            svg,
            r#"<text x="{:.1}" y="{:.0}" text-anchor="middle">{place}</text>"#,
            x(*place as f64),
            height - 38.0
        );
    }
    let _ = writeln!(svg, r#"<text x="60" y="{:.0}">{}</text>"#, height - 14.0, plain(&curve.x));
    let mut value = 1.0;
    while value <= most {
        let _ = writeln!(
            svg,
            r#"<text x="48" y="{:.1}" text-anchor="end">{value}</text>
<path d="M54 {:.1}H{:.0}" stroke="currentColor" opacity="0.25"/>"#,
            y(value) + 4.0,
            y(value),
            WIDTH - 180.0
        );
        value *= 10.0;
    }
}

/// The curve for those who do not see it.
fn in_words(curve: &Curve) -> String {
    let line = |(name, values): &(String, Vec<Option<f64>>)| {
        let ends: Vec<String> = [values.first(), values.last()]
            .into_iter()
            .flatten()
            .flatten()
            .map(|value| format!("{value:.2}"))
            .collect();
        format!("{name} from {}", ends.join(" to "))
    };
    curve.lines.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn opened(name: &str, height: f64, title: &str, words: &str) -> String {
    format!(
        r#"<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{}: {}" data-figure="{name}" font-family="sans-serif" font-size="13" fill="currentColor" xmlns="http://www.w3.org/2000/svg">
"#,
        plain(title),
        plain(words)
    )
}

/// Text as it may stand in XML.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
