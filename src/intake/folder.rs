//! Folders in which senders lay files: which of them are taken and when, where they go, and how the folders stand.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::Submitter;
use super::profile::Settings;

/// How long a file has to lie unchanged where a deployment says nothing else: copying over a slow network pauses.
pub const USUAL_STILL: Duration = Duration::from_secs(5);
/// The longest that a deployment can ask for.
pub const MOST_STILL_S: u64 = 3_600;
/// The most files of a folder that are looked at: the others wait for those to be gone.
const MOST_FILES: usize = 10_000;
/// What programs put beside a file while they write it or hold it open.
const UNFINISHED: [&str; 5] = [".part", ".tmp", ".filepart", ".crdownload", ".partial"];
/// What the reason of a refusal is called after.
pub const REASON: &str = ".alasan.txt";

/// A folder under watch. Whoever can write to it sends in its name, without a token.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Its name in the configuration.
    pub name: String,
    /// Where it lies; `intake`, `done` and `rejected` are in it.
    pub path: PathBuf,
    /// What files in it may bring.
    pub allowed: Submitter,
    /// What is said about its tables.
    pub settings: Settings,
    /// How long a file has to lie there unchanged before it is taken.
    pub still: Duration,
}

impl Folder {
    /// Where senders lay their files.
    pub fn intake(&self) -> PathBuf {
        self.path.join("intake")
    }

    /// Where files go that were taken in, each with its report.
    pub fn done(&self) -> PathBuf {
        self.path.join("done")
    }

    /// Where files go that were refused, each with the reason.
    pub fn rejected(&self) -> PathBuf {
        self.path.join("rejected")
    }
}

/// A file as it lay there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lying {
    /// When it was last written to, where the file system says so.
    pub changed: Option<SystemTime>,
    /// Its name.
    pub name: OsString,
    /// Its size.
    pub bytes: u64,
}

impl Lying {
    /// A file as it lies there now; none where it is no file, or gone.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn at(path: &Path) -> io::Result<Option<Self>> {
        let metadata = match path.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let name = path.file_name().unwrap_or_default().to_owned();
        Ok(metadata.is_file().then(|| Lying { changed: metadata.modified().ok(), name, bytes: metadata.len() }))
    }
}

/// The files that lie in a folder to be taken, the oldest first: a corrected file follows the one that it corrects.
///
/// # Errors
/// What the operating system says.
pub fn lying(folder: &Path) -> io::Result<Vec<Lying>> {
    let mut found = Vec::new();
    for entry in folder.read_dir()?.take(MOST_FILES) {
        let path = entry?.path();
        if !path.file_name().is_some_and(is_left_alone) {
            found.extend(Lying::at(&path)?);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a name is that of a file which is not finished, or not meant for anybody.
fn is_left_alone(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.starts_with('.') || name.starts_with("~$") || UNFINISHED.iter().any(|ending| name.ends_with(ending))
}

/// How many files lie in a folder, the reasons beside them not counted.
pub fn count(folder: &Path) -> usize {
    let is_reason = |file: &Lying| file.name.to_string_lossy().ends_with(REASON);
    lying(folder).map_or(0, |files| files.iter().filter(|file| !is_reason(file)).count())
}

/// How files lay there at earlier looks.
#[derive(Debug, Default)]
pub struct Looks {
    /// Since when each is as it is.
    since: HashMap<OsString, (Lying, Duration)>,
}

impl Looks {
    /// Of the files that lie there `now`, those that have not changed for so long. Times are since any one start.
    pub fn still(&mut self, files: &[Lying], now: Duration, for_: Duration) -> Vec<Lying> {
        self.since.retain(|name, _| files.iter().any(|file| file.name == *name));
        let mut still = Vec::new();
        for file in files {
            let known = self.since.entry(file.name.clone()).or_insert_with(|| (file.clone(), now));
            if known.0 != *file {
                *known = (file.clone(), now);
            }
            if now.saturating_sub(known.1) >= for_ {
                still.push(file.clone());
            }
        }
        still
    }
}

/// A path in a folder that no file has yet: the name itself, or with a number before its ending.
pub fn free(folder: &Path, name: &OsStr) -> PathBuf {
    let own = folder.join(name);
    let numbered = (2..).map(|number: u32| {
        let mut name = own.file_stem().unwrap_or_default().to_owned();
        name.push(format!(".{number}"));
        if let Some(ending) = own.extension() {
            name.push(".");
            name.push(ending);
        }
        folder.join(name)
    });
    let first_free = std::iter::once(own.clone()).chain(numbered).find(|path| path.symlink_metadata().is_err());
    first_free.unwrap_or_else(|| own.clone())
}

/// A path with something added to its name.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// How all folders stand, for whoever watches the daemon. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Board(Arc<Mutex<BTreeMap<String, Standing>>>);

/// How one folder stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Files that wait to be taken.
    pub waiting: usize,
    /// Files that were refused and lie where people look for them.
    pub rejected: usize,
    /// Why files are not taken, where something hinders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Files since the start, by what became of them.
    #[serde(skip)]
    pub files: BTreeMap<&'static str, u64>,
    /// Rows since the start, by what became of them.
    #[serde(skip)]
    pub rows: BTreeMap<&'static str, u64>,
}

impl Board {
    /// How they stand, by name.
    pub fn standing(&self) -> BTreeMap<String, Standing> {
        self.all().clone()
    }

    /// Changes how one stands.
    pub fn note(&self, folder: &str, change: impl FnOnce(&mut Standing)) {
        change(self.all().entry(folder.to_owned()).or_default());
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Standing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: u64) -> Lying {
        Lying { changed: None, name: name.into(), bytes }
    }

    #[test]
    fn a_file_is_taken_once_it_is_still() {
        let mut looks = Looks::default();
        let for_ = Duration::from_secs(5);
        let mut look = |second: u64, files: &[Lying]| looks.still(files, Duration::from_secs(second), for_);
        assert_eq!(look(0, &[file("a", 1)]), []);
        assert_eq!(look(4, &[file("a", 1)]), []);
        assert_eq!(look(5, &[file("a", 2)]), [], "it grew");
        assert_eq!(look(9, &[file("a", 2), file("b", 1)]), []);
        assert_eq!(look(10, &[file("a", 2), file("b", 1)]), [file("a", 2)]);
        assert_eq!(look(11, &[file("b", 1)]), []);
        assert_eq!(look(12, &[file("a", 2), file("b", 1)]), [], "it was gone meanwhile");
    }

    #[test]
    fn what_is_not_finished_is_left_alone() {
        for name in [".tamu.csv", "~$tamu.xlsx", ".~lock.tamu.xlsx#", "tamu.csv.part", "TAMU.CSV.PART", "tamu.tmp"] {
            assert!(is_left_alone(name.as_ref()), "{name}");
        }
        for name in ["tamu.csv", "tamu.part.csv", "~tamu.csv", "tamu"] {
            assert!(!is_left_alone(name.as_ref()), "{name}");
        }
    }
}
