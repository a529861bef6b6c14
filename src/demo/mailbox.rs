//! The demo's own mail server on loopback: it takes every mail and leaves it in a folder.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mail_parser::MessageParser;
use mailin::{Action, Handler, Response, Session, SessionBuilder, response};

/// The longest line that a client may send, in bytes; RFC 5321 asks for 1,000.
const MAX_LINE_BYTES: u64 = 64 * 1024;

/// A running mail server.
#[derive(Debug)]
pub struct Mailbox {
    /// Where it listens.
    pub address: SocketAddr,
    /// How many mails it has taken.
    pub taken: Arc<AtomicUsize>,
}

impl Mailbox {
    /// Starts one that leaves each mail in a folder as `<number>-<recipient>.eml`, with its page as `.html` beside it.
    /// It ends with the program.
    ///
    /// # Errors
    /// Where loopback cannot be listened on.
    pub fn start(folder: &Path) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let mailbox = Mailbox { address: listener.local_addr()?, taken: Arc::default() };
        let (folder, taken) = (folder.to_owned(), mailbox.taken.clone());
        std::thread::Builder::new().name("mailbox".to_owned()).spawn(move || {
            for stream in listener.incoming().flatten() {
                let letter =
                    Letter { folder: folder.clone(), taken: taken.clone(), to: String::new(), body: Vec::new() };
                let talk = move || talk(&stream, letter);
                if let Err(error) = std::thread::Builder::new().name("mail".to_owned()).spawn(talk) {
                    tracing::warn!(%error, "a mail connection could not be served");
                }
            }
        })?;
        Ok(mailbox)
    }
}

fn talk(stream: &TcpStream, letter: Letter) {
    let Ok(peer) = stream.peer_addr() else { return };
    let session = SessionBuilder::new("demo.contoh.example").build(peer.ip(), letter);
    if let Err(error) = converse(stream, session) {
        tracing::debug!(%error, "a mail connection ended early");
    }
}

fn converse(stream: &TcpStream, mut session: Session<Letter>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    session.greeting().write_to(&mut writer)?;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = io::Read::take(&mut reader, MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        let response = session.process(&line);
        match response.action {
            Action::NoReply => {}
            Action::Close => {
                response.write_to(&mut writer)?;
                return writer.flush();
            }
            _ => response.write_to(&mut writer)?,
        }
        writer.flush()?;
    }
}

struct Letter {
    folder: PathBuf,
    taken: Arc<AtomicUsize>,
    to: String,
    body: Vec<u8>,
}

impl Handler for Letter {
    fn rcpt(&mut self, to: &str) -> Response {
        self.to = to.chars().filter(|c| c.is_ascii_alphanumeric() || "-.@".contains(*c)).collect();
        response::OK
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, _: &[String]) -> Response {
        self.body.clear();
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.body.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let number = self.taken.fetch_add(1, Ordering::Relaxed) + 1;
        let agency = self.to.split('@').next().unwrap_or("");
        match self.keep(&format!("{number:04}-{agency}")) {
            Ok(()) => response::OK,
            Err(_) => response::INTERNAL_ERROR,
        }
    }

    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        response::OK
    }
}

impl Letter {
    fn keep(&self, name: &str) -> io::Result<()> {
        std::fs::write(self.folder.join(format!("{name}.eml")), &self.body)?;
        let mail = MessageParser::default().parse(&self.body);
        match mail.as_ref().and_then(|mail| mail.body_html(0)) {
            Some(page) => std::fs::write(self.folder.join(format!("{name}.html")), page.as_bytes()),
            None => Ok(()),
        }
    }
}
