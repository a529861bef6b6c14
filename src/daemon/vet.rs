//! A pack is read in a process of its own before it is taken in: what would end that process does not end the daemon.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::engine::STACK_BYTES;
use crate::pack::diagnostic::Weight;
use crate::pack::files::Files;
use crate::pack::{self, Pack};

/// The hidden verb under which the program reads a pack from its standard input.
pub const VERB: &str = "vet";
/// The longest that reading may take: 100,000 rules take a few seconds.
const MAX_TIME: Duration = Duration::from_secs(60);
/// The most memory that reading may ask for, in KiB of addresses: stacks and a pack of 100,000 rules fit many times.
const MAX_MEMORY_KIB: u64 = 4 << 20;
/// What reading a pack showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many errors it has.
    pub errors: usize,
    /// The first of them, with its place.
    pub first: Option<String>,
}

/// Why a pack is not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// How many errors it has; 0 where it could not be read to its end.
    pub errors: usize,
    /// The first error, or why it could not be read.
    pub reason: String,
}

/// Reads a pack from its files, path to text, on a thread with a large stack.
pub fn read(root: String, texts: BTreeMap<String, String>) -> Result<Pack, Report> {
    let work = move || pack::build(Files { root, texts });
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work);
    let loaded = match thread.map(|thread| thread.join()) {
        Ok(Ok(loaded)) => loaded,
        Ok(Err(_)) => return Err(Report { errors: 1, first: Some("reading the pack panicked".to_owned()) }),
        Err(error) => return Err(Report { errors: 1, first: Some(format!("no thread to read the pack: {error}")) }),
    };
    let errors = loaded.errors();
    let first = loaded.diagnostics.into_iter().find(|problem| problem.weight == Weight::Error);
    let first = first.map(|problem| {
        let place = if problem.line == 0 {
            problem.file
        } else {
            format!("{}:{}:{}", problem.file, problem.line, problem.column)
        };
        format!("{place}: {}", problem.message)
    });
    loaded.pack.ok_or(Report { errors, first })
}

/// Has a child process of this program read a pack.
///
/// # Errors
/// Why the pack cannot be taken in.
pub async fn vet(program: &Path, files: &Files) -> Result<(), Refusal> {
    let unread = |reason: String| Refusal { errors: 0, reason };
    let texts = serde_json::to_vec(&files.texts).map_err(|error| unread(error.to_string()))?;
    // a shell can set the limit, and is replaced by the program
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -v {MAX_MEMORY_KIB}; exec \"$0\" {VERB}")])
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| unread(format!("the check of the pack does not start: {error}")))?;
    let stdin = child.stdin.take();
    let write = async move {
        if let Some(mut stdin) = stdin {
            // a child that ends early says why by its end
            drop(stdin.write_all(&texts).await);
        }
    };
    let work = async { tokio::join!(write, child.wait_with_output()).1 };
    let output = match tokio::time::timeout(MAX_TIME, work).await {
        Ok(output) => output.map_err(|error| unread(format!("the check of the pack broke off: {error}")))?,
        Err(_) => return Err(unread(format!("the check of the pack took over {} s", MAX_TIME.as_secs()))),
    };
    match serde_json::from_slice::<Report>(&output.stdout) {
        Ok(Report { errors: 0, .. }) if output.status.success() => Ok(()),
        Ok(Report { errors, first }) if output.status.code().is_some() => {
            Err(Refusal { errors, reason: first.unwrap_or_else(|| "the pack has errors".to_owned()) })
        }
        _ => Err(unread(ended(output.status))),
    }
}

fn ended(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!(
            "the check of the pack was ended by signal {signal}: something in it nests too deep, or is too large"
        );
    }
    format!("the check of the pack ended with {status}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a program that does something else than reading the pack comes to.
    async fn vetted_by(script: &str) -> Result<(), Refusal> {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("program");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        vet(&program, &Files::built_in()).await
    }

    #[tokio::test]
    async fn a_reader_that_ends_otherwise_than_with_its_report_refuses_the_pack() {
        for (script, words) in [
            ("kill -ABRT $$", "was ended by signal 6"),
            ("cat > /dev/null; exit 0", "ended with exit status: 0"),
            ("echo '{\"errors\":0,\"first\":null}'; exit 3", "the pack has errors"),
            ("echo '{\"errors\":2,\"first\":\"a.rhai:1:2: salah\"}'; exit 1", "a.rhai:1:2: salah"),
        ] {
            let refusal = vetted_by(script).await.unwrap_err();
            assert!(refusal.reason.contains(words), "{script}: {refusal:?}");
        }
        let missing = vet(Path::new("/tidak/ada"), &Files::built_in()).await.unwrap_err();
        assert!(missing.reason.contains("ended with exit status: 127"), "{missing:?}");
        assert_eq!(vetted_by("cat > /dev/null; echo '{\"errors\":0,\"first\":null}'").await, Ok(()));
    }
}
