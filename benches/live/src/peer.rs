//! prometheus-alertmanager as a child process, set to send each alert at once.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::daemon::Daemon;
use crate::wire::Wire;

/// The name under which Debian installs it.
const PROGRAM: &str = "prometheus-alertmanager";
const GLANCE: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(20);

/// Where it keeps what it keeps.
pub struct Place {
    folder: PathBuf,
}

impl Place {
    /// A configuration that sends each alert alone and at once.
    pub fn new(folder: &Path, port: u16) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let config = format!(
            "route:\n  receiver: meja\n  group_by: ['...']\n  group_wait: 0s\n  group_interval: 5m\n  \
             repeat_interval: 24h\nreceivers:\n- name: meja\n  webhook_configs:\n  \
             - url: http://127.0.0.1:{port}/alertmanager\n    send_resolved: false\n"
        );
        std::fs::write(folder.join("alertmanager.yml"), config)?;
        Ok(Place { folder: folder.to_owned() })
    }

    /// Starts it and waits until it is ready.
    pub fn start(&self) -> anyhow::Result<Daemon> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let child = Command::new(PROGRAM)
            .args(["--config.file=alertmanager.yml", "--storage.path=data", "--cluster.listen-address="])
            .arg(format!("--web.listen-address={address}"))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("`{PROGRAM}` does not start; help: apt-get install {PROGRAM}"))?;
        let alertmanager = Daemon::running(child, address);
        let began = Instant::now();
        while !is_ready(address) {
            ensure!(began.elapsed() < PATIENCE, "`{PROGRAM}` does not get ready");
            std::thread::sleep(GLANCE);
        }
        Ok(alertmanager)
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || Wire::connect(address)?.ask(b"GET /-/ready HTTP/1.1\r\nhost: a\r\n\r\n");
    TcpStream::connect(address).is_ok() && ask().is_ok_and(|status| status == 200)
}
