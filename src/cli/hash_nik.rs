//! `siaga hash-nik`: keyed hashes of NIKs, so that records tell residents apart and hold no NIK.

mod table;

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Exit, Streams};

/// A shorter key could be found by trying.
const LEAST_KEY_BYTES: usize = 16;
/// The largest file with a key.
const MAX_KEY_BYTES: u64 = 64 * 1024;
/// Far longer than a line with a NIK.
const MAX_LINE_BYTES: u64 = 256;
/// A NIK has sixteen digits.
const NIK_DIGITS: usize = 16;

/// What to hash.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// NIKs, one a line, or a table with `--column`; standard input when left out
    file: Option<PathBuf>,
    /// The header of the column of NIKs in a table: the whole table is written as CSV, with hashes in their place
    #[arg(long, requires = "file")]
    column: Option<String>,
    /// A file with the key, at least 16 bytes; everybody who reports the same people needs the same one
    #[arg(long)]
    key_file: PathBuf,
}

/// Prints one hash a line, in the order of the NIKs; nothing where one of them cannot be read.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let key = read_key(&args.key_file)?;
    if let (Some(path), Some(column)) = (&args.file, &args.column) {
        table::run(&key, path, column, streams.language, &mut streams.out)?;
        return Ok(Exit::Clean);
    }
    let hashes = match &args.file {
        Some(path) => {
            let file = File::open(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
            hash_lines(&key, BufReader::new(file))?
        }
        None => hash_lines(&key, std::io::stdin().lock())?,
    };
    for hash in hashes {
        writeln!(streams.out, "{hash}")?;
    }
    Ok(Exit::Clean)
}

/// The key without the line break that editors leave at its end.
fn read_key(path: &Path) -> anyhow::Result<Vec<u8>> {
    let name = path.display();
    let mut key = Vec::new();
    let file = File::open(path).with_context(|| format!("the key `{name}` cannot be read"))?;
    file.take(MAX_KEY_BYTES + 1).read_to_end(&mut key).with_context(|| format!("the key `{name}` cannot be read"))?;
    ensure!(key.len() as u64 <= MAX_KEY_BYTES, "the key `{name}` is larger than {MAX_KEY_BYTES} bytes");
    while key.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        key.pop();
    }
    ensure!(
        key.len() >= LEAST_KEY_BYTES,
        "the key `{name}` has {} bytes\nhelp: make one of at least {LEAST_KEY_BYTES} with `openssl rand -hex 32`",
        key.len()
    );
    Ok(key)
}

/// No message repeats anything of a line.
fn hash_lines(key: &[u8], mut lines: impl BufRead) -> anyhow::Result<Vec<String>> {
    let mut hashes = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut lines).take(MAX_LINE_BYTES).read_until(b'\n', &mut line);
        let number = hashes.len() + 1;
        if read.with_context(|| format!("line {number} cannot be read"))? == 0 {
            return Ok(hashes);
        }
        let nik = line.trim_ascii();
        if nik.len() != NIK_DIGITS || !nik.iter().all(u8::is_ascii_digit) {
            bail!("line {number} is not a NIK\nhelp: write sixteen digits and nothing else on each line");
        }
        hashes.push(hash(key, nik)?);
    }
}

/// The keyed hash of a NIK.
fn hash(key: &[u8], nik: &[u8]) -> anyhow::Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).context("the key cannot be used")?;
    mac.update(nik);
    Ok(hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"kunci-contoh-enam-belas";

    #[test]
    fn the_hash_is_hmac_sha_256_in_the_order_of_the_lines() {
        let hashes = hash_lines(KEY, "1601000000000001\r\n1601000000000002\n1601000000000001".as_bytes()).unwrap();
        assert_eq!(hashes.len(), 3);
        assert_eq!(hashes[0], hashes[2]);
        // printf 1601000000000001 | openssl dgst -sha256 -hmac kunci-contoh-enam-belas
        assert_eq!(hashes[0], "0053b53b4ba7a0bdbc2b23039f897515301756a2111fbf1a4ec97375fe54fb4d");
    }

    #[test]
    fn a_line_that_is_no_nik_is_named_by_its_number_and_not_repeated() {
        let long = "9".repeat(1000);
        for bad in ["160100000000000", "16010000000000011", "1601-0000-0000-001", "", "9081726354abcdef", &long] {
            let error = format!("{:#}", hash_lines(KEY, format!("1601000000000001\n{bad}\n").as_bytes()).unwrap_err());
            assert!(error.starts_with("line 2 is not a NIK"), "{error}");
            assert!(bad.is_empty() || !error.contains(bad), "{error}");
        }
    }
}
