//! What the model says of a call.

use super::case::Case;
use super::space::AddressSpace;
use super::words::Errno;

/// What a call returns, and which special cases it showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The value (0, or an address) or the error.
    pub result: Result<u64, Errno>,
    /// In the order in which they came up.
    pub cases: Vec<Case>,
}

/// What the model knows before a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prediction {
    /// The model went on to the state after the call.
    Determined(Outcome),
    /// The result depends on what the contract leaves open, which is named. The
    /// model's state is what it was.
    Undetermined(&'static str),
}

impl AddressSpace {
    /// Ends a call.
    pub(super) fn finish(&mut self, result: Result<u64, Errno>) -> Outcome {
        self.rejoin();
        Outcome {
            result,
            cases: std::mem::take(&mut self.noted),
        }
    }
}
