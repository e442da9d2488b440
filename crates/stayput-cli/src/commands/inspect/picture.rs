//! The address space as a picture: lowest address on top, a line for each file
//! or region. Lengths of bars are logarithmic (sizes span ten orders of
//! magnitude), shares within a mapping are linear.

mod rows;

use crate::size::human;
use crate::style::harmless;
use rows::{Bar, Part, Row, rows};
use stayput::inspect::{Snapshot, Totals};
use svg::Document;
use svg::node::element::{Definitions, Group, Line, Pattern, Rectangle, Style, Text, Title};

const WIDTH: f64 = 1200.0;
const MARGIN: f64 = 20.0;
const BAR_LEFT: f64 = 130.0;
const BAR_WIDTH: f64 = 560.0;
const SIZE_RIGHT: f64 = 770.0;
const NAME_LEFT: f64 = 785.0;
const LINE: f64 = 20.0;
const BAR: f64 = 11.0;
const HEADER: f64 = 122.0;

const STYLE: &str = "text{font:12px 'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#111827}\
    .title{font-size:17px;font-weight:bold}.faint{fill:#6b7280}.right{text-anchor:end}\
    .middle{text-anchor:middle}.locked{fill:#15803d}.resident{fill:#60a5fa}.swapped{fill:#dc2626}\
    .absent{fill:#e5e7eb}.special{fill:#a855f7}.inaccessible{fill:url(#hatch)}\
    .undumped{fill:#111827}.edge{fill:none;stroke:#6b7280;stroke-width:.5}";

/// The kinds of memory: class, name, and what of a part is of it.
type Kind = (&'static str, &'static str, fn(&Part) -> u64);

const KINDS: [Kind; 6] = [
    ("locked", "locked", |part| part.locked),
    ("resident", "resident, not locked", |part| part.resident),
    ("swapped", "swapped", |part| part.swapped),
    ("special", "special (never locked)", |part| part.special),
    ("inaccessible", "no access", |part| part.inaccessible),
    ("absent", "not in memory", absent),
];

/// The whole document.
pub(super) fn draw(snapshot: &Snapshot) -> String {
    let rows = rows(&snapshot.mappings);
    let largest = rows.iter().map(row_size).max().unwrap_or(1);
    let mut total = Part::default();
    let mut document = Document::new();
    let mut y = HEADER;
    let mut body = Group::new();
    for row in &rows {
        body = match row {
            Row::Gap(bytes) => body.add(gap(*bytes, y)),
            Row::Bar(bar) => {
                total = Bar::total(total, bar);
                body.add(line(bar, largest, y))
            }
        };
        y += LINE;
    }
    document = document
        .set("viewBox", (0, 0, WIDTH, y + MARGIN))
        .set("width", WIDTH)
        .set("height", y + MARGIN)
        .add(Style::new(STYLE))
        .add(Definitions::new().add(hatch()))
        .add(rectangle(0.0, 0.0, WIDTH, y + MARGIN).set("fill", "#ffffff"))
        .add(heading(snapshot))
        .add(legend(&total))
        .add(body);
    document.to_string() + "\n"
}

impl Bar {
    fn total(sum: Part, bar: &Self) -> Part {
        Self {
            parts: vec![sum, bar.sum()],
            label: String::new(),
            ..*bar
        }
        .sum()
    }
}

fn row_size(row: &Row) -> u64 {
    match row {
        Row::Gap(_) => 0,
        Row::Bar(bar) => bar.sum().size,
    }
}

/// What no other kind covers.
fn absent(part: &Part) -> u64 {
    let covered = part.locked + part.resident + part.swapped + part.special + part.inaccessible;
    part.size.saturating_sub(covered)
}

fn heading(snapshot: &Snapshot) -> Group {
    let totals = Totals::of(&snapshot.mappings);
    let title = format!("{} (process {})", harmless(&snapshot.name), snapshot.id);
    let sums = format!(
        "{} mapped in {} mappings, {} resident (Rss), {} locked, {} charged (VmLck), {} swapped",
        human(totals.size),
        totals.mappings,
        human(totals.resident),
        human(totals.locked),
        human(snapshot.charged),
        human(totals.swapped),
    );
    Group::new()
        .add(text(title, MARGIN, 32.0, "title"))
        .add(text(sums, MARGIN, 54.0, ""))
}

/// A swatch and the sum for each kind.
fn legend(total: &Part) -> Group {
    let undumped: Kind = ("undumped", "left out of core dumps", |part| part.undumped);
    let mut group = Group::new();
    for (number, (class, name, bytes)) in KINDS.into_iter().chain([undumped]).enumerate() {
        let column = f64::from(u8::try_from(number % 4).unwrap_or(0));
        let x = MARGIN + column * (WIDTH - 2.0 * MARGIN) / 4.0;
        let y = if number < 4 { 70.0 } else { 90.0 };
        let (top, height) = if class == "undumped" {
            (y + BAR - 3.0, 3.0)
        } else {
            (y, BAR)
        };
        let label = format!("{name}: {}", human(bytes(total)));
        group = group
            .add(rectangle(x, top, 24.0, height).set("class", class))
            .add(rectangle(x, top, 24.0, height).set("class", "edge"))
            .add(text(label, x + 32.0, y + 10.0, ""));
    }
    let (y, end) = (HEADER - 12.0, WIDTH - MARGIN);
    let scale = "bar lengths are logarithmic".to_owned();
    let corner = MARGIN + 0.75 * (WIDTH - 2.0 * MARGIN);
    let rule = Line::new()
        .set("x1", MARGIN)
        .set("x2", end)
        .set("y1", y)
        .set("y2", y);
    group
        .add(text(scale, corner, 100.0, "faint"))
        .add(rule.set("stroke", "#d1d5db"))
}

fn line(bar: &Bar, largest: u64, y: f64) -> Group {
    let sum = bar.sum();
    let pages = |bytes: u64| ((bytes >> 12) as f64).max(1.0);
    let length = 24.0 + (BAR_WIDTH - 24.0) * pages(sum.size).ln() / pages(largest).ln().max(1.0);
    let mut group = Group::new()
        .add(text(
            format!("{:012x}", bar.start),
            MARGIN,
            y + 10.0,
            "faint",
        ))
        .add(text(human(sum.size), SIZE_RIGHT, y + 10.0, "right"))
        .add(text(described(bar, &sum), NAME_LEFT, y + 10.0, ""));
    let mut x = BAR_LEFT;
    for part in &bar.parts {
        let width = length * share(part.size, sum.size);
        group = group.add(parts(part, x, width, y));
        x += width;
    }
    group
}

/// The name, and what the colours say in numbers.
fn described(bar: &Bar, sum: &Part) -> String {
    let mut words = vec![harmless(&bar.label)];
    for (class, bytes) in [("locked", sum.locked), ("swapped", sum.swapped)] {
        if bytes > 0 {
            words.push(format!("{class} {}", human(bytes)));
        }
    }
    shortened(words.join(", "))
}

/// What fits on the right.
fn shortened(text: String) -> String {
    const FITS: usize = 54;
    if text.chars().count() <= FITS {
        return text;
    }
    text.chars().take(FITS - 1).chain(['…']).collect()
}

/// One mapping: its kinds side by side, a rule below for what no dump gets.
fn parts(part: &Part, left: f64, width: f64, y: f64) -> Group {
    let range = format!(
        "{:x}-{:x}: {}, {} resident, {} locked, {} swapped",
        part.start,
        part.end,
        human(part.size),
        human(part.resident + part.locked),
        human(part.locked),
        human(part.swapped)
    );
    let mut group = Group::new().add(Title::new(range));
    let mut x = left;
    for (class, _, bytes) in KINDS {
        let share = width * share(bytes(part), part.size);
        if share > 0.0 {
            group = group.add(rectangle(x, y, share, BAR).set("class", class));
            x += share;
        }
    }
    let undumped = width * share(part.undumped, part.size);
    if undumped > 0.0 {
        group = group.add(rectangle(left, y + BAR + 1.0, undumped, 3.0).set("class", "undumped"));
    }
    group.add(rectangle(left, y, width, BAR).set("class", "edge"))
}

fn gap(bytes: u64, y: f64) -> Text {
    let words = format!("⋮ {} not mapped ⋮", human(bytes));
    text(words, BAR_LEFT + 70.0, y + 10.0, "faint middle")
}

fn hatch() -> Pattern {
    let stripe = Line::new()
        .set("x1", 0)
        .set("y1", 0)
        .set("x2", 0)
        .set("y2", 5)
        .set("stroke", "#9ca3af")
        .set("stroke-width", 2);
    Pattern::new()
        .set("id", "hatch")
        .set("width", 5)
        .set("height", 5)
        .set("patternUnits", "userSpaceOnUse")
        .set("patternTransform", "rotate(45)")
        .add(stripe)
}

/// What part of a whole, from 0 to 1.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn rectangle(x: f64, y: f64, width: f64, height: f64) -> Rectangle {
    // A hundredth of a pixel is enough, and a third of the file.
    let rounded = |value: f64| (value * 100.0).round() / 100.0;
    Rectangle::new()
        .set("x", rounded(x))
        .set("y", y)
        .set("width", rounded(width))
        .set("height", height)
}

fn text(content: String, x: f64, y: f64, class: &str) -> Text {
    Text::new(content)
        .set("x", x)
        .set("y", y)
        .set("class", class)
}
