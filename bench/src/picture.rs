//! Bars by a plotting library: everybody's figure in the rows that are ratios.

use crate::contest::Standing;
use crate::peers::OURS;
use crate::report::{self, sorted};
use crate::rows::{Row, Scale};
use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use std::path::Path;

/// Draws the rows that compare times of 32-byte and mixed work, one below the other.
pub(crate) fn draw(path: &Path, results: &[report::Result<'_>]) -> Result<()> {
    let panels: Vec<Panel<'_>> = results.iter().filter_map(Panel::of).collect();
    if panels.is_empty() {
        return Ok(());
    }
    let heights = panels.iter().map(Panel::height);
    let height = HEAD + heights.clone().sum::<u32>();
    let area = SVGBackend::new(path, (WIDTH, height)).into_drawing_area();
    let drawn = |error| anyhow!("{}: {error}", path.display());
    area.fill(&WHITE).map_err(drawn)?;
    let (head, mut rest) = area.split_vertically(HEAD);
    legend(&head).map_err(drawn)?;
    for (panel, height) in panels.iter().zip(heights) {
        let (top, below) = rest.split_vertically(height);
        panel.draw(&top).map_err(drawn)?;
        rest = below;
    }
    area.present().map_err(drawn)
}

fn legend(area: &DrawingArea<SVGBackend<'_>, Shift>) -> Drawn {
    let small = ("sans-serif", 14).into_font();
    let text = "Time as a multiple of the yardstick's (logarithmic); further left is better";
    area.draw(&Text::new(text, (12, 14), small.clone()))?;
    let kinds = [
        (OURS_COLOUR, "stayput"),
        (LOCKED, "locked memory"),
        (UNLOCKED, "not, or partly, locked"),
    ];
    for ((colour, name), left) in kinds.into_iter().zip([480, 570, 700]) {
        area.draw(&Rectangle::new(
            [(left, 14), (left + 14, 28)],
            colour.filled(),
        ))?;
        area.draw(&Text::new(name, (left + 20, 14), small.clone()))?;
    }
    Ok(())
}

/// One row's first figure.
struct Panel<'a> {
    row: &'a Row,
    bars: Vec<(&'a Standing, f64)>,
}

type Drawn = std::result::Result<(), DrawingAreaErrorKind<std::io::Error>>;

impl<'a> Panel<'a> {
    fn of(report::Result { row, standings }: &'a report::Result<'_>) -> Option<Self> {
        let figure = row.figures.first().filter(|f| f.scale == Scale::Ratio)?;
        let bar =
            |standing: &'a Standing| Some((standing, standing.figures.get(figure.name)?.median));
        let bars: Vec<_> = sorted(row, standings).into_iter().filter_map(bar).collect();
        (!bars.is_empty()).then_some(Self { row, bars })
    }

    fn height(&self) -> u32 {
        70 + 22 * self.bars.len() as u32
    }

    /// Bars to the right of a line at the yardstick's 1, or to its left.
    fn draw(&self, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Drawn {
        let text = |size: i32| ("sans-serif", size).into_font();
        let title = self.row.title.replace('`', "");
        area.draw(&Text::new(title, (12, 10), text(17)))?;
        for (index, (standing, value)) in self.bars.iter().enumerate() {
            let middle = 46 + 22 * index as i32;
            let (from, to) = (position(1.0), position(*value));
            let corners = [
                (from.min(to), middle - 7),
                (from.max(to).max(from.min(to) + 2), middle + 7),
            ];
            area.draw(&Text::new(standing.name, (12, middle - 7), text(14)))?;
            area.draw(&Rectangle::new(corners, colour(standing).filled()))?;
            let label = report::shown(Scale::Ratio, *value) + marks(standing);
            area.draw(&Text::new(label, (from.max(to) + 6, middle - 7), text(14)))?;
        }
        let (top, bottom) = (36, 40 + 22 * self.bars.len() as i32);
        let yardstick = vec![(position(1.0), top), (position(1.0), bottom)];
        area.draw(&PathElement::new(yardstick, BLACK))
    }
}

/// A logarithmic axis from 0.1 to 10,000 times the yardstick.
fn position(ratio: f64) -> i32 {
    let share = (ratio.clamp(0.1, 10_000.0).log10() + 1.0) / 5.0;
    BARS_FROM + (share * f64::from(BARS_TO - BARS_FROM)) as i32
}

fn colour(standing: &Standing) -> RGBColor {
    match (standing.name == OURS, standing.locked()) {
        (true, _) => OURS_COLOUR,
        (false, Some(share)) if share < 1.0 => UNLOCKED,
        (false, _) => LOCKED,
    }
}

fn marks(standing: &Standing) -> &'static str {
    match standing.locked() {
        Some(0.0) => "  (not locked)",
        Some(share) if share < 1.0 => "  (partly locked)",
        _ => "",
    }
}

const OURS_COLOUR: RGBColor = RGBColor(0, 114, 178);
const LOCKED: RGBColor = RGBColor(230, 159, 0);
const UNLOCKED: RGBColor = RGBColor(190, 190, 190);
const HEAD: u32 = 44;
const WIDTH: u32 = 900;
const BARS_FROM: i32 = 240;
const BARS_TO: i32 = 760;
