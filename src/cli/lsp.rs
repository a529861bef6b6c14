//! `siaga lsp`: the rule language in an editor, over standard input and output.

use std::io::{BufReader, ErrorKind};
use std::thread;

use anyhow::Context as _;
use lsp_server::{Connection, Message};

use crate::lsp;
use crate::words::Language;

use super::{Exit, Streams};

/// How much a thread of the server may put on its stack, in bytes: as the main thread's, for rules nest.
const STACK_BYTES: usize = 8 << 20;

/// Nothing to be said.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What most editors pass; it is the only way there is
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Serves an editor until it says goodbye.
pub fn run(_args: &Args, language: Option<Language>, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (server, client) = Connection::memory();
    let Connection { sender, receiver } = client;
    // it ends with its input, or with the process
    thread::spawn(move || {
        let mut input = BufReader::new(std::io::stdin());
        loop {
            match Message::read(&mut input) {
                Ok(Some(message)) => {
                    if sender.send(message).is_err() {
                        return;
                    }
                }
                // a message that cannot be read is left out: the next one may be
                Err(error) if error.kind() == ErrorKind::InvalidData => {}
                Ok(None) | Err(_) => return,
            }
        }
    });
    let serve = move || lsp::serve(&server, language);
    let serving = thread::Builder::new().stack_size(STACK_BYTES).spawn(serve).context("no thread for the server")?;
    for message in receiver {
        message.write(&mut streams.out)?;
    }
    let ended = serving.join().map_err(|_| anyhow::anyhow!("the server failed"))?;
    Ok(if ended? { Exit::Clean } else { Exit::Findings })
}
