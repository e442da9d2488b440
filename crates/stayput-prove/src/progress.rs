//! Telling how far a run is.

use crate::channel::Channel;
use crate::storage::Storage;

/// Is told how far a run is.
pub trait Progress {
    /// A run of so many cells begins.
    fn begin(&self, cells: usize);
    /// It is busy with this channel, and with this storage if it takes one at a
    /// time.
    fn at(&self, channel: Channel, storage: Option<Storage>);
    /// So many cells are done.
    fn done(&self, cells: usize);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize) {}
    fn at(&self, _: Channel, _: Option<Storage>) {}
    fn done(&self, _: usize) {}
}
