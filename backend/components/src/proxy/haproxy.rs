//! HAProxy, by its runtime API: one connection a command, since it closes after the answer.

use super::{
    Address, Changed, Pool, Pools, Proxy, ProxyError, Server, ServerName, State, Weight,
    haproxy_config::READER_OPTIONS,
    haproxy_says::{nonsense, servers, sessions},
};
use crate::host::{Command, Host};
use dbdesk_commands::lang::Said;
use futures_util::future::BoxFuture;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
    time::timeout,
};

/// A command with its answer.
const LIMIT: Duration = Duration::from_secs(3);
const MOST_ANSWER_BYTES: u64 = 1 << 20;

/// Where the `stats socket` with `level admin` is.
#[derive(Debug, Clone)]
pub enum RuntimeSocket {
    /// A socket of this machine.
    Unix(PathBuf),
    /// A port. It asks for no password: it must be on the loopback, or where only the desk comes.
    Tcp(SocketAddr),
    /// A socket of another host, through its `socat`.
    On(Arc<dyn Host>, String),
}

/// HAProxy in front of one service group.
#[derive(Debug, Clone)]
pub struct HaProxy {
    at: RuntimeSocket,
    writer: ServerName,
    slot: ServerName,
    reader: ServerName,
}

impl HaProxy {
    /// The port on the proxy's own loopback at which nobody listens: a writer that points there is held.
    pub const HOLD: (&str, u16) = ("127.0.0.1", 1);

    /// The backends for writes, with the name of its one server, and for reads. Nothing is asked yet.
    #[must_use]
    pub fn new(at: RuntimeSocket, (writer, slot): (ServerName, ServerName), reader: ServerName) -> Self {
        Self { at, writer, slot, reader }
    }

    fn backend(&self, pool: Pool) -> &ServerName {
        if pool == Pool::Writer { &self.writer } else { &self.reader }
    }

    async fn ask(&self, command: &str) -> Result<String, ProxyError> {
        let unreachable = |error: std::io::Error| ProxyError::Unreachable(error.to_string());
        let talk = async {
            match &self.at {
                RuntimeSocket::Unix(path) => {
                    said(UnixStream::connect(path).await.map_err(unreachable)?, command).await
                }
                RuntimeSocket::Tcp(at) => {
                    said(TcpStream::connect(at).await.map_err(unreachable)?, command).await
                }
                RuntimeSocket::On(host, path) => said_on(&**host, path, command).await,
            }
        };
        let answer = timeout(LIMIT, talk).await.map_err(|_| ProxyError::Time)??;
        if answer.starts_with("Permission denied") {
            return Err(ProxyError::Denied(answer.trim().to_owned()));
        }
        if answer.starts_with("Unknown command") {
            let first = answer.lines().next().unwrap_or_default();
            return Err(ProxyError::Refused(format!("{first} ({command})")));
        }
        Ok(answer)
    }

    /// Tells it something about a server; what comes of it is seen afterwards.
    async fn tell(&self, pool: Pool, server: &ServerName, command: &str) -> Result<String, ProxyError> {
        let answer = self.ask(command).await?.trim().to_owned();
        match answer.as_str() {
            "No such server." => Err(ProxyError::NoServer(pool, server.clone())),
            "No such backend." => Err(ProxyError::NoPool(pool)),
            _ => Ok(answer),
        }
    }

    async fn servers(&self, pool: Pool) -> Result<Vec<Server>, ProxyError> {
        let backend = self.backend(pool);
        let text = self.ask(&format!("show servers state {backend}")).await?;
        if text.starts_with("Can't find backend") {
            return Err(ProxyError::NoPool(pool));
        }
        let (Some(number), mut servers) = servers(&text)? else { return Ok(Vec::new()) };
        let sessions = sessions(&self.ask(&format!("show stat {number} 4 -1")).await?)?;
        for server in &mut servers {
            server.sessions = *sessions.get(server.name.as_str()).ok_or_else(|| nonsense(&text))?;
        }
        Ok(servers)
    }

    async fn server(&self, pool: Pool, name: &ServerName) -> Result<Option<Server>, ProxyError> {
        Ok(self.servers(pool).await?.into_iter().find(|server| server.name == *name))
    }

    /// Whether it holds by now.
    async fn seen(
        &self,
        (pool, name): (Pool, &ServerName),
        answer: &str,
        holds: impl Fn(&Server) -> bool,
    ) -> Result<(), ProxyError> {
        match self.server(pool, name).await? {
            None => Err(ProxyError::NoServer(pool, name.clone())),
            Some(server) if holds(&server) => Ok(()),
            Some(_) => Err(ProxyError::NotTaken(answer.chars().take(200).collect())),
        }
    }

    async fn address(&self, pool: Pool, name: &ServerName, address: &Address) -> Result<(), ProxyError> {
        let ip = address.ip().ok_or_else(|| ProxyError::NotAnAddress(address.clone()))?;
        let (backend, port) = (self.backend(pool), address.port());
        let answer =
            self.tell(pool, name, &format!("set server {backend}/{name} addr {ip} port {port}")).await?;
        self.seen((pool, name), &answer, |server| {
            server.address.ip() == Some(ip) && server.address.port() == port
        })
        .await
    }

    async fn state(&self, pool: Pool, name: &ServerName, state: State) -> Result<(), ProxyError> {
        let word = match state {
            State::Ready => "ready",
            State::Drain => "drain",
            State::Maint => "maint",
        };
        let backend = self.backend(pool);
        let answer = self.tell(pool, name, &format!("set server {backend}/{name} state {word}")).await?;
        self.seen((pool, name), &answer, |server| server.state == state).await
    }

    async fn weight(&self, pool: Pool, name: &ServerName, weight: Weight) -> Result<(), ProxyError> {
        let backend = self.backend(pool);
        let answer = self.tell(pool, name, &format!("set server {backend}/{name} weight {weight}")).await?;
        self.seen((pool, name), &answer, |server| server.weight == weight || server.state == State::Drain)
            .await
    }

    async fn add(
        &self,
        pool: Pool,
        name: &ServerName,
        address: &Address,
        weight: Weight,
    ) -> Result<(), ProxyError> {
        if pool == Pool::Writer {
            return Err(ProxyError::Impossible(Said::fixed(
                "the write pool has one server, which is pointed",
                "写池只有一个服务器，只能切换它的指向",
            )));
        }
        if address.ip().is_none() {
            return Err(ProxyError::NotAnAddress(address.clone()));
        }
        let backend = self.backend(pool);
        match self.server(pool, name).await? {
            Some(there) if there.address == *address => {}
            Some(there) => return Err(ProxyError::Taken(name.clone(), there.address)),
            None => {
                let add =
                    format!("add server {backend}/{name} {address} weight {weight} check {READER_OPTIONS}");
                let answer = self.tell(pool, name, &add).await?;
                if answer != "New server registered." {
                    return Err(ProxyError::Refused(answer));
                }
            }
        }
        // A server that was added is in maintenance, and is not asked how it is.
        self.tell(pool, name, &format!("enable health {backend}/{name}")).await?;
        self.weight(pool, name, weight).await?;
        self.state(pool, name, State::Ready).await
    }

    async fn remove(&self, pool: Pool, name: &ServerName) -> Result<(), ProxyError> {
        if pool == Pool::Writer {
            return Err(ProxyError::Impossible(Said::fixed(
                "the write pool has one server, which is held",
                "写池只有一个服务器，只能把它挂起",
            )));
        }
        match self.server(pool, name).await? {
            None => return Ok(()),
            Some(server) if server.sessions > 0 => return Err(ProxyError::Busy(name.clone())),
            Some(_) => self.state(pool, name, State::Maint).await?,
        }
        let answer = self.tell(pool, name, &format!("del server {}/{name}", self.backend(pool))).await?;
        match answer.as_str() {
            "Server deleted." => Ok(()),
            other if other.contains("still has connections") => Err(ProxyError::Busy(name.clone())),
            other => Err(ProxyError::Refused(other.to_owned())),
        }
    }

    fn nowhere() -> Result<Address, ProxyError> {
        Address::new(Self::HOLD.0, Self::HOLD.1).map_err(|error| ProxyError::Nonsense(error.to_string()))
    }
}

impl Proxy for HaProxy {
    fn pools(&self) -> BoxFuture<'_, Result<Pools, ProxyError>> {
        Box::pin(async move {
            let (writer, reader) = (self.servers(Pool::Writer).await?, self.servers(Pool::Reader).await?);
            let nowhere = Self::nowhere()?;
            let held = writer.iter().any(|server| server.name == self.slot && server.address == nowhere);
            Ok(Pools { writer, reader, held })
        })
    }

    fn point_writer<'a>(&'a self, address: &'a Address) -> Changed<'a> {
        Box::pin(async move {
            self.address(Pool::Writer, &self.slot, address).await?;
            self.state(Pool::Writer, &self.slot, State::Ready).await
        })
    }

    fn hold_writer(&self) -> Changed<'_> {
        Box::pin(async move {
            self.address(Pool::Writer, &self.slot, &Self::nowhere()?).await?;
            self.state(Pool::Writer, &self.slot, State::Ready).await
        })
    }

    fn set_state<'a>(&'a self, pool: Pool, server: &'a ServerName, state: State) -> Changed<'a> {
        Box::pin(self.state(pool, server, state))
    }

    fn set_weight<'a>(&'a self, pool: Pool, server: &'a ServerName, weight: Weight) -> Changed<'a> {
        Box::pin(self.weight(pool, server, weight))
    }

    fn set_address<'a>(&'a self, pool: Pool, server: &'a ServerName, address: &'a Address) -> Changed<'a> {
        Box::pin(self.address(pool, server, address))
    }

    fn shutdown_sessions<'a>(&'a self, pool: Pool, server: &'a ServerName) -> Changed<'a> {
        Box::pin(async move {
            let command = format!("shutdown sessions server {}/{server}", self.backend(pool));
            match self.tell(pool, server, &command).await?.as_str() {
                "" => Ok(()),
                other => Err(ProxyError::Refused(other.to_owned())),
            }
        })
    }

    fn add_server<'a>(
        &'a self,
        pool: Pool,
        server: &'a ServerName,
        address: &'a Address,
        weight: Weight,
    ) -> Changed<'a> {
        Box::pin(self.add(pool, server, address, weight))
    }

    fn remove_server<'a>(&'a self, pool: Pool, server: &'a ServerName) -> Changed<'a> {
        Box::pin(self.remove(pool, server))
    }
}

async fn said(mut stream: impl AsyncRead + AsyncWrite + Unpin, command: &str) -> Result<String, ProxyError> {
    let broke = |error: std::io::Error| ProxyError::Unreachable(error.to_string());
    stream.write_all(format!("{command}\n").as_bytes()).await.map_err(broke)?;
    let mut answer = Vec::new();
    stream.take(MOST_ANSWER_BYTES + 1).read_to_end(&mut answer).await.map_err(broke)?;
    text(answer)
}

async fn said_on(host: &dyn Host, path: &str, command: &str) -> Result<String, ProxyError> {
    // In socat's words a comma and a colon would mean something.
    if !path.starts_with('/') || path.contains([',', ':', '!', '"', '\'', '\\', '(', '[', '{']) {
        return Err(ProxyError::Unreachable("the socket's path is none".to_owned()));
    }
    let asked =
        Command::new(["socat".to_owned(), "-t3".to_owned(), "-".to_owned(), format!("UNIX-CONNECT:{path}")])
            .stdin(format!("{command}\n"))
            .most_output_bytes(usize::try_from(MOST_ANSWER_BYTES + 1).unwrap_or(usize::MAX))
            .limit(LIMIT);
    let done = host.run(&asked).await.map_err(|error| ProxyError::Unreachable(error.to_string()))?;
    if done.code == 0 { text(done.stdout) } else { Err(ProxyError::Unreachable(done.complaint())) }
}

fn text(answer: Vec<u8>) -> Result<String, ProxyError> {
    if answer.len() as u64 > MOST_ANSWER_BYTES {
        return Err(ProxyError::Nonsense("more than 1 MiB".to_owned()));
    }
    // Every answer ends with an empty line: what is none broke off.
    if !answer.ends_with(b"\n") {
        return Err(ProxyError::Unreachable("the answer broke off".to_owned()));
    }
    String::from_utf8(answer).map_err(|_| ProxyError::Nonsense("no UTF-8".to_owned()))
}
