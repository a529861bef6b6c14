//! A real SMTP server that is not ours: Debian's `python3-aiosmtpd`, storing into a Maildir.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{interval, timeout};

const PYTHON: &str = "/usr/bin/python3";

/// Starting Python on a busy machine takes a while, but not this long.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// The running server; dropping it ends it.
pub struct Aiosmtpd {
    child: Child,
    pub port: u16,
    maildir: PathBuf,
}

impl Aiosmtpd {
    pub async fn start(folder: &Path) -> Self {
        require_installed();
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let maildir = folder.join("maildir");
        let child = Command::new(PYTHON)
            .args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}")])
            .args(["-c", "aiosmtpd.handlers.Mailbox"])
            .arg(&maildir)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Aiosmtpd { child, port, maildir };
        timeout(READY_WITHIN, server.ready()).await.unwrap();
        server
    }

    async fn ready(&mut self) {
        let mut again = interval(Duration::from_millis(20));
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "aiosmtpd ended: {ended:?}");
            again.tick().await;
        }
    }

    /// The mails that it stored, as they lie there.
    pub fn mails(&self) -> Vec<Vec<u8>> {
        std::fs::read_dir(self.maildir.join("new"))
            .unwrap()
            .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .collect()
    }
}

impl Drop for Aiosmtpd {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn require_installed() {
    let found = Command::new(PYTHON)
        .args(["-c", "import aiosmtpd"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    assert!(found, "the Debian package `python3-aiosmtpd` is missing; help: run `tests/run`, which installs it");
}
