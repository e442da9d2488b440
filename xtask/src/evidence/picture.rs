//! The matrix as a picture: what was kept where, and what found it.
//!
//! Experiments that share their subjects share a grid, with a column for each
//! experiment and kernel.

use super::claims::TESTS;
use crate::cell::{Cell, SKIPPED};
use crate::lists::distinct;
use svg::Document;
use svg::node::element::{Group, Rectangle, Style, Text, Title};

const MARGIN: f64 = 20.0;
const HEADER: f64 = 86.0;
const NAMES: f64 = 330.0;
const COLUMN: f64 = 34.0;
const ROW: f64 = 20.0;
const BOX: f64 = 16.0;
/// What a letter of a slanted name takes upwards.
const LETTER: f64 = 4.9;
const WIDTH: f64 = 1100.0;

const STYLE: &str = "text{font:12px 'DejaVu Sans',Helvetica,Arial,sans-serif;fill:#111827}\
    .title{font-size:17px;font-weight:bold}.faint{fill:#6b7280}.end{text-anchor:end}\
    .control{fill:#f59e0b}.good{fill:#15803d}.limit{fill:#fde68a;stroke:#b45309}\
    .wrong{fill:#dc2626}.skipped{fill:#e5e7eb}";

/// Classes of boxes, and what they say.
const LEGEND: [(&str, &str); 5] = [
    ("control", "a control that leaked or hung, as it must"),
    ("good", "as claimed"),
    ("limit", "found, and the documentation says so"),
    ("wrong", "not as expected"),
    ("skipped", "not run"),
];

pub(super) fn draw(cells: &[Cell]) -> String {
    let cells: Vec<_> = cells
        .iter()
        .filter(|cell| cell.experiment != TESTS)
        .collect();
    let mut body = Group::new();
    let mut y = HEADER;
    for grid in grids(&cells) {
        body = body.add(grid.draw(y));
        y += grid.height();
    }
    let heading = text("What was found where".to_owned(), MARGIN, 32.0, "title");
    let document = Document::new()
        .set("viewBox", (0, 0, WIDTH, y + MARGIN))
        .set("width", WIDTH)
        .set("height", y + MARGIN)
        .add(Style::new(STYLE))
        .add(rectangle(0.0, 0.0, (WIDTH, y + MARGIN)).set("fill", "#ffffff"))
        .add(heading)
        .add(legend())
        .add(body);
    document.to_string() + "\n"
}

/// Cells with the same kind of subjects.
struct Grid<'a> {
    columns: Vec<(&'a str, &'a str)>,
    subjects: Vec<&'a str>,
    cells: Vec<&'a Cell>,
}

/// Experiments that look for what a plain heap holds are about storages, and
/// share a grid; each other one has its own.
fn grids<'a>(cells: &[&'a Cell]) -> Vec<Grid<'a>> {
    let experiments = distinct(cells.iter().map(|cell| cell.experiment.as_str()));
    let is_storage = |experiment: &&str| {
        let mut cells = cells.iter().filter(|cell| cell.experiment == *experiment);
        cells.any(|cell| cell.subject == "heap" && cell.expected == "found")
    };
    let (storages, others): (Vec<_>, Vec<_>) = experiments.into_iter().partition(is_storage);
    let groups = [storages]
        .into_iter()
        .chain(others.into_iter().map(|other| vec![other]));
    let groups = groups.filter(|group| !group.is_empty());
    groups.map(|group| Grid::of(cells, &group)).collect()
}

impl<'a> Grid<'a> {
    fn of(cells: &[&'a Cell], experiments: &[&str]) -> Self {
        let cells = cells.iter().copied();
        let cells: Vec<_> = cells
            .filter(|cell| experiments.contains(&cell.experiment.as_str()))
            .collect();
        Self {
            columns: distinct(cells.iter().map(|cell| column(cell))),
            subjects: distinct(cells.iter().map(|cell| cell.subject.as_str())),
            cells,
        }
    }

    /// Room for the slanted names of columns.
    fn heads(&self) -> f64 {
        let columns = self.columns.iter();
        let letters = columns.map(|(experiment, kernel)| experiment.len() + short(kernel).len());
        20.0 + LETTER * number(letters.max().unwrap_or(0))
    }

    fn height(&self) -> f64 {
        self.heads() + ROW * number(self.subjects.len()) + MARGIN
    }

    fn draw(&self, top: f64) -> Group {
        let (mut group, top) = (Group::new(), top + self.heads());
        for (index, (experiment, kernel)) in self.columns.iter().enumerate() {
            let x = NAMES + COLUMN * number(index);
            let (x, y) = (x + BOX / 2.0, top - 8.0);
            let name = format!("{experiment}, {}", short(kernel));
            let slanted = format!("rotate(-50 {x} {y})");
            group = group.add(text(name, x, y, "").set("transform", slanted));
        }
        for (row, subject) in self.subjects.iter().enumerate() {
            let y = top + ROW * number(row);
            group = group.add(text((*subject).to_owned(), NAMES - 10.0, y + 12.0, "end"));
            for (index, wanted) in self.columns.iter().enumerate() {
                let here = self.cells.iter().copied();
                let here = here.filter(|cell| cell.subject == *subject && column(cell) == *wanted);
                let here: Vec<_> = here.collect();
                if !here.is_empty() {
                    group = group.add(shown(&here, NAMES + COLUMN * number(index), y));
                }
            }
        }
        group
    }
}

fn column(cell: &Cell) -> (&str, &str) {
    (&cell.experiment, &cell.kernel)
}

/// A box for what was seen, once or several times: the worst colours it.
fn shown(cells: &[&Cell], x: f64, y: f64) -> Group {
    let classes: Vec<_> = cells.iter().map(|cell| class(cell)).collect();
    let order = ["wrong", "skipped"];
    let worst = order.into_iter().find(|class| classes.contains(class));
    let observed = distinct(cells.iter().map(|cell| cell.observed.as_str()));
    let (first, observed) = (cells[0], observed.join(", "));
    let words = format!(
        "{}, {}, on {}: {observed}{}",
        first.experiment,
        first.subject,
        first.kernel,
        match cells.len() {
            1 => String::new(),
            times => format!(" ({times} runs)"),
        }
    );
    let shape = rectangle(x, y, (BOX, BOX)).set("class", worst.unwrap_or(classes[0]));
    Group::new().add(Title::new(words)).add(shape)
}

fn class(cell: &Cell) -> &'static str {
    let is_read = cell.observed == "found";
    match cell {
        _ if cell.observed == SKIPPED => "skipped",
        _ if !cell.is_as_expected() => "wrong",
        _ if cell.is_control => "control",
        _ if is_read => "limit",
        _ => "good",
    }
}

fn legend() -> Group {
    let mut group = Group::new();
    let mut x = MARGIN;
    for (class, words) in LEGEND {
        group = group
            .add(rectangle(x, 48.0, (BOX, BOX)).set("class", class))
            .add(text(words.to_owned(), x + BOX + 6.0, 60.0, ""));
        x += BOX + 6.0 + 6.5 * number(words.len()) + 20.0;
    }
    group
}

/// The number of a release, without what a distribution adds.
fn short(kernel: &str) -> &str {
    let end = kernel.find(['-', '+']).unwrap_or(kernel.len());
    &kernel[..end]
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

fn rectangle(x: f64, y: f64, (width, height): (f64, f64)) -> Rectangle {
    Rectangle::new()
        .set("x", x)
        .set("y", y)
        .set("width", width)
        .set("height", height)
}

fn text(content: String, x: f64, y: f64, class: &str) -> Text {
    Text::new(content)
        .set("x", x)
        .set("y", y)
        .set("class", class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::ANYTHING;
    use crate::cell::tests::cell;

    #[test]
    fn colours_follow_what_was_seen() {
        let class = |subject, words| class(&cell("swap", subject, words));
        assert_eq!(class("heap", ["found", "found"]), "control");
        assert_eq!(class("heap", ["found", "not found"]), "wrong");
        assert_eq!(class("secret", ["not found", "not found"]), "good");
        assert_eq!(class("secret", ["found", "found"]), "limit");
        assert_eq!(class("secret", [ANYTHING, "found"]), "limit");
        assert_eq!(class("secret", ["not found", SKIPPED]), "skipped");
    }

    #[test]
    fn one_wrong_run_of_several_shows() {
        let cells = [
            cell("swap", "secret", ["not found", "not found"]),
            cell("swap", "secret", ["not found", "found"]),
        ];
        assert!(draw(&cells).contains("class=\"wrong\" height=\"16\""));
    }
}
