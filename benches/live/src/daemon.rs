//! siaga, or what it is measured beside, as a child process: started, asked for its memory, killed.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// The key that webhooks are signed with.
pub const KEY: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// A folder with a configuration and a store.
pub struct Site {
    folder: PathBuf,
}

impl Site {
    /// Writes `siaga.toml`.
    pub fn new(folder: &Path, more: &str) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("siaga.toml"), format!("listen = \"127.0.0.1:0\"\n{more}"))?;
        Ok(Site { folder: folder.to_owned() })
    }

    /// The pack of one rule, with its agency behind a receiver.
    pub fn telling(folder: &Path, port: u16) -> anyhow::Result<Self> {
        let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("pack");
        let more = format!(
            "rules = \"{}\"\npublic_url = \"https://siaga.contoh.example\"\n[endpoint.meja]\n\
             url = \"http://127.0.0.1:{port}/siaga\"\nsecret = \"{KEY}\"\nallow_http = true\n\
             allow_cidrs = [\"127.0.0.0/8\"]\n[agency.kanim-contoh]\nwebhook = [\"meja\"]\n",
            pack.display()
        );
        Site::new(folder, &more)
    }

    /// The store's file.
    pub fn store(&self) -> PathBuf {
        self.folder.join("siaga.db")
    }

    /// A token of the agency for every source.
    pub fn token(&self, agency: &str) -> anyhow::Result<String> {
        let arguments = ["token", "new", "--agency", agency, "--role", "source", "--source", "*"];
        let output = self.siaga(&arguments)?.stdin(Stdio::null()).output()?;
        ensure!(output.status.success(), "no token: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// Starts the daemon, with its log in a file of the folder.
    pub fn start(&self) -> anyhow::Result<Daemon> {
        Daemon::start(self.siaga(&["run", "--log", "json"])?)
    }

    fn siaga(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("siaga").args(arguments).current_dir(&self.folder);
        Ok(command)
    }
}

/// The minimal server on a new database.
pub fn minimal(folder: &Path) -> anyhow::Result<Daemon> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("minimal").arg(folder.join("minimal.db"));
    Daemon::start(command)
}

/// A running child; dropped, it is killed.
pub struct Daemon {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Daemon {
    fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut log = BufReader::new(child.stderr.take().context("no log")?);
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            ensure!(log.read_line(&mut line)? > 0, "the child ended before it was ready:\n{said}");
            let json: Option<Value> = serde_json::from_str(&line).ok();
            let address = json.as_ref().and_then(|json| json.get("fields")?.get("http.address")?.as_str());
            if let Some(address) = address {
                break address.parse()?;
            }
            said.push_str(&line);
        };
        // read on, so that it never waits for a full pipe
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Ok(Daemon::running(child, address))
    }

    /// A child that listens there.
    pub fn running(child: Child, address: SocketAddr) -> Self {
        Daemon { child, address }
    }

    /// Its resident memory in MiB.
    pub fn memory_mib(&self) -> anyhow::Result<f64> {
        memory_mib(self.child.id())
    }

    /// The processor time that it has taken, in seconds.
    pub fn processor_s(&self) -> anyhow::Result<f64> {
        processor_s(self.child.id())
    }

    /// SIGKILL.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // it may have been killed already
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The processor time that a process has taken, in seconds.
fn processor_s(pid: u32) -> anyhow::Result<f64> {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, after_name) = stat.rsplit_once(')').context("no name")?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: f64 = fields.next().context("no user time")?.parse()?;
    let system: f64 = fields.next().context("no system time")?.parse()?;
    Ok((user + system) / TICKS_A_SECOND)
}

/// The resident memory of a process in MiB.
fn memory_mib(pid: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}
