//! From a long counterexample to a short one.

use crate::step::{Place, Step, What, page_size};
use std::io;

/// Runs steps: the ones made and the difference, if there is one.
type Found = Option<(Vec<Step>, String)>;

/// Removes and simplifies steps as long as some difference remains.
pub(crate) fn shrink(
    steps: Vec<Step>,
    difference: String,
    run: impl Fn(&[Step]) -> io::Result<Found>,
) -> io::Result<(Vec<Step>, String)> {
    let mut best = (steps, difference);
    loop {
        let before = best.clone();
        best = remove(best, &run)?;
        best = simplify(best, &run)?;
        if best.0 == before.0 {
            return Ok(best);
        }
    }
}

/// Leaves out ever smaller groups of steps.
fn remove(
    mut best: (Vec<Step>, String),
    run: &impl Fn(&[Step]) -> io::Result<Found>,
) -> io::Result<(Vec<Step>, String)> {
    let mut group = best.0.len().div_ceil(2);
    while group > 0 {
        let mut at = 0;
        while at < best.0.len() {
            let mut fewer = best.0.clone();
            fewer.drain(at..(at + group).min(fewer.len()));
            match run(&fewer)? {
                Some(found) if found.0.len() < best.0.len() => best = found,
                _ => at += group,
            }
        }
        group /= 2;
    }
    Ok(best)
}

/// Tries simpler arguments, one step at a time.
fn simplify(
    mut best: (Vec<Step>, String),
    run: &impl Fn(&[Step]) -> io::Result<Found>,
) -> io::Result<(Vec<Step>, String)> {
    let mut at = 0;
    while at < best.0.len() {
        let mut found = None;
        for simpler in simpler(&best.0[at]) {
            let mut steps = best.0.clone();
            steps[at] = simpler;
            found = run(&steps)?.filter(|found| found.0.len() <= best.0.len());
            if found.is_some() {
                break;
            }
        }
        match found {
            Some(found) => best = found,
            None => at += 1,
        }
    }
    Ok(best)
}

/// Simpler steps, each strictly so, that this ends.
fn simpler(step: &Step) -> Vec<Step> {
    let mut all = Vec::new();
    match *step {
        Step::Mmap {
            at,
            len,
            prot,
            what,
            locked,
            no_replace,
        } => {
            let mut push = |len, prot, what, locked, no_replace| {
                all.push(Step::Mmap {
                    at,
                    len,
                    prot,
                    what,
                    locked,
                    no_replace,
                });
            };
            if what != What::Anonymous {
                push(len, prot, What::Anonymous, locked, no_replace);
            }
            if locked {
                push(len, prot, what, false, no_replace);
            }
            if no_replace {
                push(len, prot, what, locked, false);
            }
            if prot != 3 {
                push(len, 3, what, locked, no_replace);
            }
            for len in shorter(len) {
                push(len, prot, what, locked, no_replace);
            }
        }
        Step::Munmap(at, len) => all.extend(shorter(len).map(|len| Step::Munmap(at, len))),
        Step::Mprotect(at, len, prot) => {
            all.extend(shorter(len).map(|len| Step::Mprotect(at, len, prot)));
        }
        Step::Madvise(at, len, advice) => {
            all.extend(shorter(len).map(|len| Step::Madvise(at, len, advice)));
        }
        Step::Mlock(place, len) => {
            all.extend(aligned(place).map(|place| Step::Mlock(place, len)));
            all.extend(shorter(len).map(|len| Step::Mlock(place, len)));
        }
        Step::Mlock2(place, len, flags) => {
            all.push(Step::Mlock(place, len));
            all.extend(aligned(place).map(|place| Step::Mlock2(place, len, flags)));
            all.extend(shorter(len).map(|len| Step::Mlock2(place, len, flags)));
        }
        Step::Munlock(place, len) => {
            all.extend(aligned(place).map(|place| Step::Munlock(place, len)));
            all.extend(shorter(len).map(|len| Step::Munlock(place, len)));
        }
        _ => {}
    }
    all
}

/// One page, half, one page less.
fn shorter(len: u64) -> impl Iterator<Item = u64> {
    let half = (len / 2).next_multiple_of(page_size());
    let less = len.saturating_sub(page_size());
    [page_size(), half, less]
        .into_iter()
        .filter(move |shorter| *shorter > 0 && *shorter < len)
}

fn aligned(place: Place) -> impl Iterator<Item = Place> {
    match place {
        Place::At(at) if at % page_size() != 0 => Some(Place::At(at - at % page_size())),
        _ => None,
    }
    .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_one_step_that_matters() {
        let mut steps = vec![Step::Munlockall; 40];
        steps[23] = Step::Mlock(Place::At(3 * page_size() + 7), 9 * page_size());
        let run = |steps: &[Step]| {
            let guilty =
                |step: &Step| matches!(step, Step::Mlock(_, len) if *len > 2 * page_size());
            let at = steps.iter().position(guilty);
            Ok(at.map(|at| (steps[..=at].to_vec(), "guilty".to_owned())))
        };
        let (steps, why) = shrink(steps, String::new(), run).expect("no errors here");
        assert_eq!(
            steps,
            [Step::Mlock(Place::At(3 * page_size()), 3 * page_size())]
        );
        assert_eq!(why, "guilty");
    }
}
