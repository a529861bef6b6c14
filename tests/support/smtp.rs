//! An SMTP server for one connection that answers as a script says.

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The steps of a transaction at which the server can misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Greeting,
    Ehlo,
    Starttls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Dot,
    Quit,
}

/// What the server does at the one step of its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Answers this line.
    Say(&'static str),
    /// Closes the connection without an answer.
    Drop,
    /// Says nothing until the client leaves.
    Hang,
}

#[derive(Clone, Default)]
pub struct Script {
    /// The step that does not go well.
    pub at: Option<(Step, Answer)>,
    /// TLS from the first byte.
    pub wrapped: Option<TlsAcceptor>,
    /// TLS when the client asks for it.
    pub starttls: Option<TlsAcceptor>,
    /// Logging in is not on offer.
    pub no_auth: bool,
}

/// What the server heard.
#[derive(Debug, Default)]
pub struct Heard {
    pub commands: Vec<String>,
    /// The mail, without its dot; only when the dot came.
    pub mail: Option<String>,
    /// Whether the mail came over TLS.
    pub encrypted: bool,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Serves one connection to its end.
pub async fn serve(listener: TcpListener, script: Script) -> Heard {
    let (tcp, _) = listener.accept().await.unwrap();
    let mut heard = Heard::default();
    drop(converse(tcp, &script, &mut heard).await);
    heard
}

async fn converse(tcp: TcpStream, script: &Script, heard: &mut Heard) -> std::io::Result<()> {
    let mut stream: BufReader<Box<dyn Stream>> = BufReader::new(match &script.wrapped {
        Some(tls) => {
            heard.encrypted = true;
            Box::new(tls.accept(tcp).await?)
        }
        None => Box::new(tcp),
    });
    answer(&mut stream, script, Step::Greeting, "220 contoh.example").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_owned();
        let verb = command.split(' ').next().unwrap().to_uppercase();
        heard.commands.push(command);
        match verb.as_str() {
            "EHLO" => {
                let offer = offer(script, heard.encrypted);
                answer(&mut stream, script, Step::Ehlo, offer).await?;
            }
            "STARTTLS" => {
                answer(&mut stream, script, Step::Starttls, "220 go ahead").await?;
                let tls = script.starttls.as_ref().unwrap();
                stream = BufReader::new(Box::new(tls.accept(stream.into_inner()).await?));
                heard.encrypted = true;
            }
            "AUTH" => answer(&mut stream, script, Step::Auth, "235 welcome").await?,
            "MAIL" => answer(&mut stream, script, Step::Mail, "250 ok").await?,
            "RCPT" => answer(&mut stream, script, Step::Rcpt, "250 ok").await?,
            "DATA" => {
                answer(&mut stream, script, Step::Data, "354 go ahead").await?;
                if !matches!(script.at, Some((Step::Data, _))) {
                    heard.mail = text(&mut stream).await?;
                    answer(&mut stream, script, Step::Dot, "250 taken").await?;
                }
            }
            "QUIT" => return answer(&mut stream, script, Step::Quit, "221 bye").await,
            _ => stream.write_all(b"500 what?\r\n").await?,
        }
    }
}

fn offer(script: &Script, encrypted: bool) -> &'static str {
    match script {
        Script { no_auth: true, .. } => "250 contoh.example",
        Script { starttls: Some(_), .. } if !encrypted => "250-contoh.example\r\n250 STARTTLS",
        _ => "250-contoh.example\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
    }
}

/// The usual answer, or what the script has for this step; an error ends the connection.
async fn answer(
    stream: &mut BufReader<Box<dyn Stream>>,
    script: &Script,
    step: Step,
    usual: &str,
) -> std::io::Result<()> {
    let say = match script.at {
        Some((at, Answer::Say(line))) if at == step => line,
        Some((at, Answer::Drop)) if at == step => {
            return Err(std::io::ErrorKind::ConnectionAborted.into());
        }
        Some((at, Answer::Hang)) if at == step => {
            let mut ignored = Vec::new();
            while stream.read_until(b'\n', &mut ignored).await? > 0 {}
            return Err(std::io::ErrorKind::TimedOut.into());
        }
        _ => usual,
    };
    stream.write_all(format!("{say}\r\n").as_bytes()).await?;
    stream.flush().await
}

async fn text(stream: &mut BufReader<Box<dyn Stream>>) -> std::io::Result<Option<String>> {
    let mut mail = String::new();
    loop {
        let start = mail.len();
        if stream.read_line(&mut mail).await? == 0 {
            return Ok(None);
        }
        if &mail[start..] == ".\r\n" {
            mail.truncate(start);
            return Ok(Some(mail));
        }
    }
}
