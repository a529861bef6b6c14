//! The records that are evaluated and do not stand in the store's dossiers before their commit: a case that is read in
//! between catches up with them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::Case;
use crate::engine::dossier::Logged;
use crate::entry::{Entry, EntryBody, Position};
use crate::record::Record;
use crate::subject::{Subject, subjects_of};

/// By subject, in the order of the log.
#[derive(Default)]
pub(super) struct Moved(HashMap<Subject, Vec<Change>>);

struct Change {
    position: Position,
    record: Arc<Record>,
    /// It is about the subject; if not, an older revision of it was.
    stays: bool,
}

impl Moved {
    /// Notes an entry that was evaluated.
    pub(super) fn add(&mut self, entry: &Entry) {
        let EntryBody::Record { record, before } = &entry.body else { return };
        let subjects = if record.withdrawn { Vec::new() } else { subjects_of(record) };
        for subject in before.iter().filter(|before| !subjects.contains(before)) {
            self.note(subject.clone(), entry.position, record, false);
        }
        for subject in subjects {
            self.note(subject, entry.position, record, true);
        }
    }

    fn note(&mut self, subject: Subject, position: Position, record: &Arc<Record>, stays: bool) {
        self.0.entry(subject).or_default().push(Change { position, record: record.clone(), stays });
    }

    /// Brings a case that was read from the store up to here. What the store had already stays as it is.
    pub(super) fn catch_up(&self, case: &mut Case) {
        for Change { position, record, stays } in self.0.get(&case.subject).into_iter().flatten() {
            let older = case.dossier.find_any(&record.key).map(|older| older.record.clone());
            if let Some(older) = older {
                case.dossier.remove(&older);
            }
            if *stays {
                case.dossier.insert(Logged::new(record.clone(), *position));
            }
        }
    }
}
