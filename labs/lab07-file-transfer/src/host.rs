//! What all conversations of one server share, given complete.

use std::time::Duration;

use anyhow::Context;

use crate::arguments::{Server, Wire};
use crate::counts::Counts;
use crate::guests::Guests;
use crate::store::Store;

/// The host of all guests.
pub struct Host {
    pub store: Store,
    pub wire: Wire,
    pub idle_limit: Duration,
    pub counts: Counts,
    pub guests: Guests,
}

impl Host {
    /// The host of a server with these `settings`.
    ///
    /// # Errors
    ///
    /// When there can be no folder for the files.
    pub fn new(settings: &Server, counts: Counts) -> anyhow::Result<Self> {
        let store = Store::open_or_make(settings.storage.clone(), settings.upload_limit)
            .with_context(|| format!("cannot use the folder {}", settings.storage.display()))?;
        let (wire, idle_limit) = (settings.wire, settings.idle_limit);
        Ok(Self { store, wire, idle_limit, counts, guests: Guests::default() })
    }
}
