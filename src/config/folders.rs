//! `[folder.<name>]`: what files of a folder may bring, held against the pack.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;

use super::check::Desk;
use super::file::FolderDraft;
use crate::intake::folder::{Folder, MOST_STILL_S, USUAL_STILL};
use crate::intake::profile::Settings;
use crate::intake::{Scope, Submitter};
use crate::pack::Pack;
use crate::pack::diagnostic::{Code, did_you_mean};
use crate::words::{Text, say};

impl Desk<'_> {
    /// Checks all folders.
    pub(super) fn folders(
        &mut self,
        drafts: BTreeMap<Spanned<String>, FolderDraft>,
        pack: Option<&Pack>,
    ) -> Vec<Folder> {
        let mut paths = BTreeSet::new();
        let mut folders = Vec::new();
        for (name, draft) in drafts {
            let path = self.folder.join(draft.path.get_ref());
            if !paths.insert(path.clone()) {
                let problem = self.error(Code::Table, draft.path.span(), say("config-folder-twice"));
                problem.help = Some(say("config-folder-twice-help"));
            }
            if let Some(pack) = pack {
                self.known_in(&draft, pack);
            }
            if draft.sources.get_ref().is_empty() {
                let problem = self.error(Code::Table, draft.sources.span(), say("config-folder-no-source"));
                problem.help = Some(say("config-folder-no-source-help"));
            }
            let only = |words: Vec<Spanned<String>>| {
                Scope::Only(words.into_iter().map(|word| Arc::from(word.into_inner())).collect())
            };
            folders.push(Folder {
                name: name.into_inner(),
                path,
                allowed: Submitter {
                    sources: only(draft.sources.into_inner()),
                    kinds: draft.kinds.map_or(Scope::All, only),
                    officer: draft.officer,
                },
                settings: Settings {
                    profile: draft.profile.map(Spanned::into_inner),
                    set: draft.set.into_iter().map(|(field, value)| (field.into_inner(), value)).collect(),
                },
                still: self.still(draft.still_s.as_ref()),
            });
        }
        folders
    }

    /// That everything that a folder names is in the pack.
    fn known_in(&mut self, draft: &FolderDraft, pack: &Pack) {
        let sources: Vec<&str> = pack.sources.iter().map(|source| source.id.as_str()).collect();
        for source in draft.sources.get_ref() {
            self.known(source, say("thing-source"), &sources);
        }
        let kinds: Vec<&str> = pack.schema.kinds().iter().map(|kind| kind.name.as_ref()).collect();
        for kind in draft.kinds.iter().flatten() {
            self.known(kind, say("thing-kind"), &kinds);
        }
        let profiles: Vec<&str> = pack.profiles.all.iter().map(|profile| profile.id.as_ref()).collect();
        if let Some(profile) = &draft.profile {
            self.known(profile, say("thing-profile"), &profiles);
        }
        let fields = pack.schema.fields().iter().map(|field| field.path.as_str());
        let fields: Vec<&str> = fields.chain(["source", "occurred_at"]).collect();
        for field in draft.set.keys() {
            self.known(field, say("thing-field"), &fields);
        }
    }

    fn known(&mut self, word: &Spanned<String>, thing: Text, known: &[&str]) {
        let name = word.get_ref().as_str();
        if !known.contains(&name) {
            let message = say("unknown").with("thing", thing).with("word", name);
            let help = did_you_mean(name, known.iter().copied());
            self.error(Code::Name, word.span(), message).help = help;
        }
    }

    fn still(&mut self, seconds: Option<&Spanned<u64>>) -> Duration {
        match seconds {
            None => USUAL_STILL,
            Some(seconds) if *seconds.get_ref() <= MOST_STILL_S => Duration::from_secs(*seconds.get_ref()),
            Some(seconds) => {
                let message = say("config-folder-still").with("most", MOST_STILL_S.to_string());
                self.error(Code::Table, seconds.span(), message);
                USUAL_STILL
            }
        }
    }
}
