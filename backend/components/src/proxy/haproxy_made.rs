//! An HAProxy that the desk made: a folder with its configuration, its runtime socket, its log, and the record of its process. What is changed
//! while it runs is written there as well, so that a restart does not lead writes to where they went before.

use super::{
    Address, HaProxy, Nonsense, Pools, Proxy as _, ProxyError, RuntimeSocket, ServerName, State, Weight,
    haproxy_config::{Check, HaproxyConfig},
};
use crate::host::{Command, Host, HostError, file, process, succeeded};
use dbdesk_cluster::step::{ProxySpec, Reader};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

const GRACE: Duration = Duration::from_secs(5);
/// It answers within so long, or does not start.
const STARTS: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const MOST_SESSIONS: u32 = 4_000;
const MODE: u16 = 0o640;
const MOST_SPEC_BYTES: usize = 256 << 10;

/// Why it is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MadeError {
    /// The host.
    #[error("{0}")]
    Host(#[from] HostError),
    /// The proxy.
    #[error("{0}")]
    Proxy(#[from] ProxyError),
    /// What was asked for can not stand in its file.
    #[error("{0}")]
    Nonsense(#[from] Nonsense),
    /// HAProxy does not take the file, or ended at once; in its words.
    #[error("HAProxy does not start: {0}")]
    NotStarted(String),
}

/// A proxy on a host.
#[derive(Debug, Clone)]
pub struct Made {
    host: Arc<dyn Host>,
    folder: String,
    group: String,
}

impl Made {
    /// That of a group, with this port for writes, under the folder of its host.
    #[must_use]
    pub fn new(host: Arc<dyn Host>, base: &str, (group, write_port): (&str, u16)) -> Self {
        Self { host, folder: format!("{base}/haproxy-{group}-{write_port}"), group: group.to_owned() }
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    /// Where it is steered, as the inventory writes it.
    #[must_use]
    pub fn socket(&self) -> String {
        self.path("admin.sock")
    }

    /// How it is spoken to.
    pub fn proxy(&self) -> Result<HaProxy, MadeError> {
        let ((writer, slot), reader) = names(&self.group)?;
        Ok(HaProxy::new(RuntimeSocket::On(Arc::clone(&self.host), self.socket()), (writer, slot), reader))
    }

    /// Whether the desk made one here.
    pub async fn is_there(&self) -> Result<bool, MadeError> {
        Ok(file::exists(&*self.host, &self.path("spec.json")).await?)
    }

    /// It is there and runs with this configuration.
    pub async fn make(&self, spec: &ProxySpec) -> Result<(), MadeError> {
        let host = &*self.host;
        succeeded(host, &Command::new(["mkdir", "-p", "-m", "0750", "--", &self.folder])).await?;
        self.write(spec).await?;
        let (config, log, record) = (self.path("haproxy.cfg"), self.path("log"), self.path("process"));
        let checked = host.run(&Command::new(["haproxy", "-c", "-q", "-f", &config])).await?;
        if checked.code != 0 {
            return Err(match checked.code {
                127 => MadeError::Host(HostError::NoProgram("haproxy".to_owned())),
                _ => MadeError::NotStarted(checked.complaint()),
            });
        }
        process::start(host, (&record, &log), ["haproxy", "-db", "-f", &config]).await?;
        let (since, proxy) = (Instant::now(), self.proxy()?);
        loop {
            match proxy.pools().await {
                Ok(_) => return Ok(()),
                Err(error) if since.elapsed() > STARTS => return Err(error.into()),
                Err(_) if process::running(host, &record).await?.is_none() => {
                    return Err(MadeError::NotStarted(self.last_words(&log).await));
                }
                Err(_) => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    async fn last_words(&self, log: &str) -> String {
        let told = self.host.run(&Command::new(["tail", "-c", "400", "--", log])).await;
        told.map(|done| done.text().trim().to_owned()).unwrap_or_default()
    }

    /// It is stopped, and its folder is gone.
    pub async fn remove(&self) -> Result<(), MadeError> {
        let host = &*self.host;
        process::end(host, &self.path("process"), GRACE).await?;
        succeeded(host, &Command::new(["rm", "-rf", "--", &self.folder])).await?;
        Ok(())
    }

    /// Its file says what it does now. One that the desk did not make is left alone.
    pub async fn keep(&self) -> Result<(), MadeError> {
        if !self.is_there().await? {
            return Ok(());
        }
        let pools = self.proxy()?.pools().await?;
        let text = file::read(&*self.host, &self.path("spec.json"), MOST_SPEC_BYTES).await?;
        let spec = serde_json::from_slice(&text)
            .map_err(|error| HostError::Nonsense(format!("{}: {error}", self.path("spec.json"))))?;
        self.write(&after(spec, &pools)).await
    }

    async fn write(&self, spec: &ProxySpec) -> Result<(), MadeError> {
        let host = &*self.host;
        let text = config(spec, &self.socket())?.text()?;
        file::write(host, &self.path("haproxy.cfg"), text.as_bytes(), MODE).await?;
        let json = serde_json::to_vec_pretty(spec).unwrap_or_default();
        Ok(file::write(host, &self.path("spec.json"), &json, MODE).await?)
    }
}

fn names(group: &str) -> Result<((ServerName, ServerName), ServerName), Nonsense> {
    Ok(((format!("{group}_write").parse()?, "primary".parse()?), format!("{group}_read").parse()?))
}

/// The same with what its pools say. Held writes are for a moment: they are not kept.
fn after(mut spec: ProxySpec, pools: &Pools) -> ProxySpec {
    if let Some(writer) = pools.written_to() {
        spec.writer = writer.to_string();
    }
    let stays = |server: &&super::Server| server.state == State::Ready;
    spec.readers = pools
        .reader
        .iter()
        .filter(stays)
        .map(|server| Reader { address: server.address.to_string(), weight: server.weight.get() })
        .collect();
    spec
}

fn config(spec: &ProxySpec, socket: &str) -> Result<HaproxyConfig, Nonsense> {
    let every = |port: u16| SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port);
    let readers = spec.readers.iter().map(|reader| {
        let address: Address = reader.address.parse()?;
        Ok((reader.address.parse::<ServerName>()?, address, Weight::new(reader.weight)?))
    });
    // A virtual IP comes and goes: it listens on all of its host's addresses.
    let read = spec.proxy.read_port.unwrap_or_else(|| spec.proxy.write_port.saturating_add(1));
    Ok(HaproxyConfig {
        group: spec.group.clone(),
        write: every(spec.proxy.write_port),
        read: every(read),
        primary: Some(spec.writer.parse()?),
        readers: readers.collect::<Result<_, Nonsense>>()?,
        check: Check::Connect,
        socket: socket.to_owned(),
        most_sessions: MOST_SESSIONS,
        patience_s: u32::from(spec.patience_s),
    })
}
