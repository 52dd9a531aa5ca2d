//! The table as a picture, given complete: the throughput of one client, in each row.

use std::path::Path;

use anyhow::anyhow;
use plotters::prelude::{
    BLACK, ChartBuilder, DrawingArea, IntoDrawingArea, IntoLogRange, RGBColor, Rectangle,
    SVGBackend, SeriesLabelPosition, WHITE,
};
use plotters::style::Color;

use crate::stress::rows::{Combination, MEGABYTE, Operation, Outcome};

/// Where the scale begins: it is logarithmic, as one client alone is a hundred times as fast as one
/// of fifty.
const LEAST: f64 = 1.0;

const SIZE: (u32, u32) = (1000, 760);

/// A colour for each number of server workers; they differ in brightness too.
const COLOURS: [RGBColor; 4] = [
    RGBColor(158, 202, 225),
    RGBColor(49, 130, 189),
    RGBColor(8, 48, 107),
    RGBColor(120, 120, 120),
];

type Rows<'a> = Vec<&'a (Combination, Outcome)>;

/// Draws all rows into the file `path`.
///
/// # Errors
///
/// When the file cannot be written.
pub fn draw(path: &Path, rows: &[(Combination, Outcome)]) -> anyhow::Result<()> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE).map_err(trouble)?;
    let operations = [Operation::Download, Operation::Upload];
    for (area, operation) in root.split_evenly((2, 1)).iter().zip(operations) {
        let rows: Rows<'_> = rows.iter().filter(|(row, _)| row.operation == operation).collect();
        if !rows.is_empty() {
            chart(area, operation, &rows)?;
        }
    }
    root.present().map_err(trouble)
}

fn chart(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    operation: Operation,
    rows: &Rows<'_>,
) -> anyhow::Result<()> {
    let most = rows.iter().map(|(_, outcome)| throughput(outcome)).fold(10.0, f64::max);
    let servers = distinct(rows.iter().map(|(row, _)| row.servers));
    let mut chart = ChartBuilder::on(area)
        .caption(format!("{operation}: MB/s for each client"), ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..rows.len() as f64, (LEAST..most * 1.5).log_scale())
        .map_err(trouble)?;
    let label = |place: &f64| label(rows, *place);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(rows.len() + 1)
        .x_label_formatter(&label)
        .x_desc("MB x clients; a bar for each number of server workers")
        .draw()
        .map_err(trouble)?;
    for (number, workers) in servers.iter().enumerate() {
        let colour = COLOURS[number.min(COLOURS.len() - 1)];
        let bar = |(place, (_, outcome)): (usize, &&(Combination, Outcome))| {
            let (left, top) = (place as f64, throughput(outcome));
            Rectangle::new([(left + 0.1, LEAST), (left + 0.9, top)], colour.filled())
        };
        let bars = rows.iter().enumerate().filter(|(_, (row, _))| row.servers == *workers).map(bar);
        chart
            .draw_series(bars)
            .map_err(trouble)?
            .label(format!("{workers} server workers"))
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 14, y + 5)], colour.filled()));
    }
    // There, in the corner of the most clients, the bars are the lowest.
    let mut legend = chart.configure_series_labels();
    let legend = legend.position(SeriesLabelPosition::UpperRight);
    legend.background_style(WHITE.mix(0.8)).border_style(BLACK).draw().map_err(trouble)
}

/// What stands below the bar at `place`: the first of a group has the name of the group.
fn label(rows: &Rows<'_>, place: f64) -> String {
    let is_same = |(number, _): &(usize, _)| (*number as f64 - place).abs() < 0.01;
    let Some((number, (row, _))) = rows.iter().enumerate().find(is_same) else {
        return String::new();
    };
    let group = |row: &Combination| (row.volume, row.clients);
    let is_first = number == 0 || group(&rows[number - 1].0) != group(row);
    if is_first { format!("{}x{}", row.volume, row.clients) } else { String::new() }
}

/// How many megabytes a second one client moved; at least what the scale begins with.
fn throughput(outcome: &Outcome) -> f64 {
    (outcome.throughput / MEGABYTE as f64).max(LEAST)
}

fn distinct(numbers: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut numbers: Vec<usize> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn trouble(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("cannot draw: {error}")
}
