//! Stayput side by side with other libraries. The figures are ratios to the C library's
//! `malloc` + `explicit_bzero` + `free` in the same run, never bare times.

mod clock;
mod contest;
mod instructions;
mod machine;
mod observe;
mod peer;
mod peers;
mod picture;
mod report;
mod rows;
mod sample;
mod warm;
mod work;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use peer::Refusal;
use rows::{ROWS, Row};
use sample::Sample;
use std::path::PathBuf;
use std::{fs, panic};

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs rows and prints the tables.
    Run {
        /// Rounds, in each of which everybody has a turn.
        #[arg(long, default_value_t = 11)]
        rounds: usize,
        /// Rows to run, by id; all if none is given.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
        /// Libraries beside the yardstick; all if none is given.
        #[arg(long, value_delimiter = ',')]
        peers: Vec<String>,
        /// A directory for RESULTS.md and results.svg.
        #[arg(long)]
        out: Option<PathBuf>,
        /// What RESULTS.md gives as commit.
        #[arg(long, default_value = "unknown")]
        commit: String,
        /// What RESULTS.md gives as date.
        #[arg(long, default_value = "unknown")]
        date: String,
        /// Counts instructions of the 32-byte paths too, by valgrind.
        #[arg(long)]
        instructions: bool,
    },
    /// The ids of rows and the names that take part in each.
    List,
    /// One sample in this process, as JSON; what `run` starts.
    #[command(hide = true)]
    Sample { row: String, name: String },
    /// A fixed number of secrets in this process; what valgrind is given.
    #[command(hide = true)]
    Repeat {
        row: String,
        name: String,
        times: u64,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Run {
            rounds,
            only,
            peers,
            out,
            commit,
            date,
            instructions,
        } => {
            let rows = chosen(&only)?;
            let settings = contest::Settings {
                rounds: rounds.max(1),
                only: peers,
            };
            run(
                &rows,
                &settings,
                out,
                &machine::describe(&commit, &date)?,
                instructions,
            )
        }
        Command::List => {
            for row in ROWS {
                println!("{:12} {}", row.id, row.title);
                println!("{:12} {}", "", (row.contestants)().join(", "));
            }
            Ok(())
        }
        Command::Sample { row, name } => print_sample(&row, &name),
        Command::Repeat { row, name, times } => instructions::repeat(&row, &name, times),
    }
}

fn run(
    rows: &[&'static Row],
    settings: &contest::Settings,
    out: Option<PathBuf>,
    machine: &str,
    instructions: bool,
) -> Result<()> {
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template(
        "{msg:12} {wide_bar} {pos}/{len}",
    )?);
    let load = machine::load()?;
    let mut results = Vec::new();
    for row in rows {
        let standings = contest::run(row, settings, &bar)?;
        results.push(report::Result { row, standings });
    }
    bar.finish_and_clear();
    let counts = if instructions {
        Some(instructions::table(settings)?)
    } else {
        None
    };
    let loads = format!(
        "load before {load}, after {} (this run alone: about 1)",
        machine::load()?
    );
    let document = document(&results, settings, machine, &loads, counts.as_deref());
    println!("{document}");
    if let Some(directory) = out {
        fs::write(directory.join("RESULTS.md"), &document).context("writing RESULTS.md")?;
        picture::draw(&directory.join("results.svg"), &results)?;
    }
    Ok(())
}

fn document(
    results: &[report::Result<'_>],
    settings: &contest::Settings,
    machine: &str,
    loads: &str,
    counts: Option<&str>,
) -> String {
    let everybody: Vec<String> = results.iter().map(report::everybody).collect();
    let missing: Vec<String> = machine::missing();
    let missing = match missing.is_empty() {
        true => String::new(),
        false => format!("- left out: {}\n", missing.join("; ")),
    };
    let counts = counts.map_or(String::new(), |table| {
        format!("\n## Instructions\n\n{table}\n")
    });
    format!(
        "# Results\n\n\
         {machine}- rounds: {}; {loads}\n{missing}\n\
         {INTRODUCTION}\n\
         ## Targets\n\n{}\n\n## Everybody\n\n{}{counts}",
        settings.rounds,
        report::targets(results),
        everybody.join("\n"),
    )
}

fn print_sample(row: &str, name: &str) -> Result<()> {
    // What a library panics with belongs into the report, the place of its source not.
    panic::set_hook(Box::new(|panic| {
        eprintln!(
            "panicked: {}",
            panic.payload_as_str().unwrap_or("without a word")
        );
    }));
    let row = chosen(&[row.to_owned()])?[0];
    let Some(outcome) = (row.sample)(name) else {
        bail!(
            "{name} does not take part in {}; `list` says who does",
            row.id
        );
    };
    let sample = outcome.unwrap_or_else(|Refusal(why)| Sample {
        refusal: Some(why),
        ..Sample::default()
    });
    println!("{}", serde_json::to_string(&sample)?);
    Ok(())
}

fn chosen(ids: &[String]) -> Result<Vec<&'static Row>> {
    let known = |id: &&String| ROWS.iter().all(|row| row.id != id.as_str());
    if let Some(id) = ids.iter().find(known) {
        bail!("no row has the id {id}; `list` names them");
    }
    let wanted = |row: &&Row| ids.is_empty() || ids.iter().any(|id| id == row.id);
    Ok(ROWS.iter().filter(wanted).collect())
}

const INTRODUCTION: &str = "\
Figures with × are ratios to the yardstick (the first name of each row: for 32-byte work \
glibc's `malloc` + `explicit_bzero` + `free`) in the same round; medians over all rounds. \
`locked` is what `/proc/self/smaps` showed for the pages that held the secrets: flag `lo`, and \
resident. Names without it leave secrets in memory that can be swapped out.\n";
