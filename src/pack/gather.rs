//! All rule files of a pack: read on several threads, put together in the order of their paths.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use super::assemble::{Names, Pending};
use super::clerk::{Cleared, Clerk};
use super::cross::Across;
use super::diagnostic::{Code, Diagnostic, did_you_mean};
use super::files::{RuleFiles, Version};
use super::place::span_at;
use super::rule::Rule;
use crate::words::say;

/// Files that a thread takes at a time: enough that taking costs nothing, few enough that their texts are small.
const FILES_AT_A_TIME: usize = 32;
/// Parts that may wait to be put together, for each thread.
const PARTS_WAITING: usize = 2;
/// The stack of a thread, in bytes: rules nest, helpers within helpers too, and reading them recurs.
const STACK_BYTES: usize = 64 << 20;

/// What was gathered of all rule files.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The rules, in the order of their files.
    pub rules: Vec<Arc<Rule>>,
    /// What is wrong with them.
    pub problems: Vec<Diagnostic>,
    /// The texts in which something is wrong, by path.
    pub texts: Vec<(String, String)>,
}

type Part<'t> = Vec<(Result<Cow<'t, str>, Box<Diagnostic>>, Cleared)>;

/// Reads all rule files; `pack` is what the tables say, where they are right.
///
/// # Errors
/// A file cannot be read.
pub fn gather(
    files: &RuleFiles,
    pack: Option<(Names<'_>, Across<'_>)>,
    threads: NonZeroUsize,
    version: &mut Version<'_>,
) -> Result<Gathered, Box<Diagnostic>> {
    let paths = files.paths();
    let mut pile = Pile::default();
    let parts = paths.len().div_ceil(FILES_AT_A_TIME);
    let read = |clerk: &mut Clerk<'_>, part: usize| -> Part<'_> {
        let paths = paths.iter().skip(part * FILES_AT_A_TIME).take(FILES_AT_A_TIME);
        let read = paths.map(|path| {
            let text = files.text(path);
            let cleared = text.as_ref().map(|text| clerk.read(path, text)).unwrap_or_default();
            (text, cleared)
        });
        read.collect()
    };
    let mut put = |part: usize, read: Part<'_>| {
        let paths = paths.iter().skip(part * FILES_AT_A_TIME);
        paths.zip(read).try_for_each(|(path, (text, cleared))| pile.put(path, &text?, cleared, version))
    };
    let threads = threads.get().min(parts);
    let mut done = 0;
    if threads > 1 {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::sync_channel(threads * PARTS_WAITING);
            for _ in 0..threads {
                let (sender, next, read) = (sender.clone(), &next, &read);
                let work = move || {
                    let mut clerk = Clerk::new(files, pack);
                    loop {
                        let part = next.fetch_add(1, Ordering::Relaxed);
                        // nobody receives any more where a file could not be read
                        if part >= parts || sender.send((part, read(&mut clerk, part))).is_err() {
                            break;
                        }
                    }
                };
                // where the system gives no thread, others do its work
                let _ = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
            }
            drop(sender);
            let mut waiting = BTreeMap::new();
            for (part, read) in receiver {
                waiting.insert(part, read);
                while let Some(read) = waiting.remove(&done) {
                    put(done, read)?;
                    done += 1;
                }
            }
            Ok::<(), Box<Diagnostic>>(())
        })?;
    }
    let mut clerk = Clerk::new(files, pack);
    (done..parts).try_for_each(|part| put(part, read(&mut clerk, part)))?;
    Ok(pile.finish(&paths))
}

/// What was put together so far.
#[derive(Default)]
struct Pile {
    gathered: Gathered,
    /// The place of each rule.
    by_id: HashMap<Arc<str>, usize>,
    /// Ids that are not their files' names.
    odd_ids: Vec<String>,
    /// Rules that name others which may not exist, with what else is wrong with them.
    pending: Vec<(Vec<Pending>, Vec<Diagnostic>)>,
}

impl Pile {
    /// Adds what came of the next file.
    fn put(
        &mut self,
        path: &str,
        text: &str,
        cleared: Cleared,
        version: &mut Version<'_>,
    ) -> Result<(), Box<Diagnostic>> {
        version.add(path, text);
        let Cleared { rule, id, mut problems, beside, pending } = cleared;
        let is_suspect = !pending.is_empty();
        if let Some((id, _)) = &id
            && id != stem(path)
        {
            self.odd_ids.push(id.clone());
        }
        match (rule, id) {
            (Some(_), _) if is_suspect => self.pending.push((pending, beside)),
            (Some(rule), Some((_, id_at))) => {
                match self.by_id.get(&rule.id).and_then(|at| self.gathered.rules.get(*at)) {
                    Some(other) => {
                        let message = say("key-twice").with("id", &*rule.id).with("file", other.file.as_str());
                        problems.push(Diagnostic::error(Code::Key, path, text, span_at(text, id_at), message));
                    }
                    None => {
                        problems.extend(beside);
                        self.by_id.insert(rule.id.clone(), self.gathered.rules.len());
                        self.gathered.rules.push(Arc::new(rule));
                    }
                }
            }
            _ if is_suspect => self.pending.push((pending, Vec::new())),
            _ => {}
        }
        if is_suspect || !problems.is_empty() {
            self.gathered.texts.push((path.to_owned(), text.to_owned()));
        }
        self.gathered.problems.append(&mut problems);
        Ok(())
    }

    /// Says of every rule that was named whether there is one.
    fn finish(self, paths: &[&str]) -> Gathered {
        let Pile { mut gathered, odd_ids, pending, .. } = self;
        for (pending, beside) in pending {
            let mut stands = true;
            for Pending { word, mut diagnostic } in pending {
                if odd_ids.contains(&word) {
                    continue;
                }
                stands = false;
                let known = odd_ids.iter().map(String::as_str).chain(paths.iter().map(|path| stem(path)));
                diagnostic.help = Some(did_you_mean(&word, known).unwrap_or_else(|| say("name-rule-help")));
                gathered.problems.push(diagnostic);
            }
            if stands {
                gathered.problems.extend(beside);
            }
        }
        gathered
    }
}

/// The id that a rule in a file has.
pub fn stem(path: &str) -> &str {
    path.strip_suffix(".rhai").unwrap_or(path).rsplit('/').next().unwrap_or("")
}
