//! The pack in force, for everybody who works with it, and how the one on the disk stands to it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use crate::entry::Position;
use crate::pack::Pack;
use crate::pack::files::Files;
use crate::store::packs::PackInForce;
use crate::store::{Store, StoreError};

/// The pack in force. Clones are the same one: all see the next one at once.
#[derive(Clone, Debug)]
pub struct Packs(Arc<watch::Sender<Standing>>);

/// How packs stand.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What comes in is read by this one. Entries before its own are still judged by those before it.
    pub pack: Arc<Pack>,
    /// How many agencies its rules ask that nobody can tell anything.
    pub agencies_without_address: usize,
    /// Why the pack on the disk is not in force, where it is another one.
    pub refused: Option<Arc<Refused>>,
}

/// A pack that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The hash of its files, where they can be read.
    pub hash: String,
    /// Since when the pack on the disk is refused, whichever version of it.
    pub since: DateTime<Utc>,
    /// How many errors it has; 0 where it could not be checked.
    pub errors: usize,
    /// The first error with its place, or why it could not be checked.
    pub reason: String,
}

impl Packs {
    /// One pack is in force.
    pub fn new(pack: Arc<Pack>, agencies_without_address: usize) -> Self {
        Packs(Arc::new(watch::Sender::new(Standing { pack, agencies_without_address, refused: None })))
    }

    /// The pack in force.
    pub fn pack(&self) -> Arc<Pack> {
        self.0.borrow().pack.clone()
    }

    /// How packs stand.
    pub fn standing(&self) -> Standing {
        self.0.borrow().clone()
    }

    /// Does something by the pack in force, with no other taking its place meanwhile. It may wait for an append and for
    /// nothing else, nor ask for the pack again.
    pub fn under<T>(&self, work: impl FnOnce(&Pack) -> T) -> T {
        work(&self.0.borrow().pack)
    }

    /// Puts another pack in force while nothing is done [`under`](Packs::under) the one before. The new one's entry is
    /// queued meanwhile, so that what was read by the pack before stands before it. What was in force, and what `queue`
    /// yields.
    pub fn put<T>(
        &self,
        pack: Arc<Pack>,
        agencies_without_address: usize,
        queue: impl FnOnce() -> T,
    ) -> Option<(Standing, T)> {
        let next = Standing { pack, agencies_without_address, refused: None };
        let mut done = None;
        self.0.send_modify(|standing| {
            let queued = queue();
            done = Some((std::mem::replace(standing, next), queued));
        });
        done
    }

    /// Puts back what was in force: the entry of the one after it came to nothing.
    pub fn put_back(&self, before: Standing) {
        self.0.send_replace(before);
    }

    /// Says whether the pack on the disk is refused.
    pub fn refuse(&self, refused: Option<Refused>) {
        self.0.send_modify(|standing| standing.refused = refused.map(Arc::new));
    }

    /// The pack that a pack entry puts in force: the one here, or as the store keeps it. Where the store does not have
    /// it, or this program no longer reads it, the one here judges in its place.
    pub(super) fn of_entry(&self, store: &Store, entry: &PackInForce) -> Result<Arc<Pack>, StoreError> {
        let here = self.pack();
        if here.hash == entry.hash {
            return Ok(without(here, &entry.stopped));
        }
        match kept(store, entry)? {
            Kept::Whole(pack) => Ok(Arc::new(*pack)),
            Kept::HashOnly => {
                tracing::warn!(
                    pack.hash = entry.hash,
                    "a pack of the log is not kept: the present one judges in its place"
                );
                Ok(here)
            }
            Kept::Broken => {
                tracing::error!(
                    pack.hash = entry.hash,
                    "a kept pack has errors now: the present one judges in its place"
                );
                Ok(here)
            }
        }
    }
}

/// The pack in force in a store, as it is kept there; none where it is not, or this program no longer reads it.
///
/// # Errors
/// What the database says.
pub fn in_force(store: &Store) -> Result<Option<Pack>, StoreError> {
    let Some(entry) = store.pack_at(Position::MAX)? else { return Ok(None) };
    Ok(match kept(store, &entry)? {
        Kept::Whole(pack) => Some(*pack),
        Kept::HashOnly | Kept::Broken => None,
    })
}

/// How a store has a version of the pack.
enum Kept {
    Whole(Box<Pack>),
    HashOnly,
    /// This program no longer reads it.
    Broken,
}

fn kept(store: &Store, entry: &PackInForce) -> Result<Kept, StoreError> {
    let Some(texts) = store.pack_files(&entry.hash)? else { return Ok(Kept::HashOnly) };
    let pack = crate::pack::build(Files { root: "the kept pack".to_owned(), texts }).pack;
    Ok(pack.map_or(Kept::Broken, |pack| Kept::Whole(Box::new(pack.without(&entry.stopped)))))
}

fn without(pack: Arc<Pack>, stopped: &[Arc<str>]) -> Arc<Pack> {
    if stopped.is_empty() { pack } else { Arc::new(pack.without(stopped)) }
}
