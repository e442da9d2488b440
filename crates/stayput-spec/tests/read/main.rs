//! Reading published specifications.

mod kernel_doc;
mod macros;
mod malformed;
mod published;
#[path = "../support/seed.rs"]
mod seed;

use stayput_spec::language::{Expr, Spec};
use stayput_spec::read::{self, Finding, Notation};

/// The one specification of a text, and what there is to say about it.
fn only(text: &str, notation: Notation) -> (Spec, Vec<Finding>) {
    let reading = read::text(text);
    let [read] = &reading.specs[..] else {
        panic!("one specification: {:?}", reading.specs)
    };
    assert_eq!(read.notation, notation);
    (read.spec.clone(), reading.findings)
}

fn exprs<const N: usize>(exprs: [&Option<Expr>; N]) -> [&str; N] {
    exprs.map(|expr| expr.as_ref().map_or("(none)", Expr::as_str))
}
