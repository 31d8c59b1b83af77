//! An address that is put where we say, by `ip`, and announced by `arping`.

use super::{Held, Interface, Vip, VipError, VirtualAddress, free_for};
use crate::host::{Command, Host, HostError, succeeded};
use futures_util::future::{BoxFuture, join_all};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

const LIMIT: Duration = Duration::from_secs(5);
/// Whether somebody answers for it is waited for so long; `arping` counts whole seconds.
const ASK_S: &str = "1";
/// What `arping -D` says when somebody answers.
const SOMEBODY: i32 = 1;

/// A host on which the address may be, and its interface for it.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The host, by whose name it is meant.
    pub host: Arc<dyn Host>,
    /// Where the address goes.
    pub interface: Interface,
}

/// An address without a program that minds it.
#[derive(Debug, Clone)]
pub struct IpVip {
    address: VirtualAddress,
    seats: Vec<Seat>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    ifname: String,
    #[serde(default)]
    addr_info: Vec<AddrInfo>,
}

#[derive(Deserialize)]
struct AddrInfo {
    #[serde(default)]
    local: String,
}

impl IpVip {
    /// An address and the hosts that may hold it. Nothing is asked yet.
    #[must_use]
    pub fn new(address: VirtualAddress, seats: Vec<Seat>) -> Self {
        Self { address, seats }
    }

    fn seat(&self, host: &str) -> Result<&Seat, VipError> {
        let seat = self.seats.iter().find(|seat| seat.host.name() == host);
        seat.ok_or_else(|| VipError::NoHost(host.to_owned()))
    }

    async fn taken(&self, host: &str, fenced: &[String]) -> Result<(), VipError> {
        let seat = self.seat(host)?;
        let hosts: Vec<&dyn Host> = self.seats.iter().map(|seat| &*seat.host).collect();
        let held = held(&hosts, self.address).await?;
        free_for(&held, host, fenced)?;
        let (address, ip, interface) =
            (self.address.to_string(), self.address.ip().to_string(), seat.interface.as_str());
        if held.by.is_empty() {
            self.nobody_answers(seat).await?;
            let add = Command::new(["ip", "address", "replace", &address, "dev", interface]);
            told(&*seat.host, &add, interface).await?;
        }
        // As an answer and as a question: some neighbours hear the one and some the other. Each takes a second, and is out at its beginning.
        let announce =
            ["-A", "-U"].map(|how| Command::new(["arping", "-q", how, "-c", "1", "-I", interface, &ip]));
        let [answer, question] = &announce;
        let (answered, asked) =
            tokio::join!(told(&*seat.host, answer, interface), told(&*seat.host, question, interface));
        answered.and(asked)?;
        self.shows(seat, true).await
    }

    /// Those we know do not hold it; a machine that we do not know, or one that was not fenced after all, would answer.
    async fn nobody_answers(&self, seat: &Seat) -> Result<(), VipError> {
        let (name, ip) = (seat.host.name().to_owned(), self.address.ip().to_string());
        let ask =
            Command::new(["arping", "-q", "-D", "-c", "1", "-w", ASK_S, "-I", seat.interface.as_str(), &ip]);
        let done = seat.host.run(&ask.clone().limit(LIMIT)).await;
        let done = done.map_err(|error| VipError::Host(name.clone(), error))?;
        match done.code {
            0 => Ok(()),
            SOMEBODY if done.complaint().is_empty() => Err(VipError::Stranger),
            _ => Err(failed(&name, HostError::failed(&ask, &done), seat.interface.as_str())),
        }
    }

    async fn released(&self, host: &str) -> Result<(), VipError> {
        let seat = self.seat(host)?;
        let (address, name) = (self.address.to_string(), seat.host.name().to_owned());
        // Wherever it is there: a hand may have put it on another interface.
        for interface in interfaces(&*seat.host, self.address).await.map_err(|error| error.of(&name))? {
            let del = Command::new(["ip", "address", "del", &address, "dev", &interface]);
            told(&*seat.host, &del, &interface).await?;
        }
        self.shows(seat, false).await
    }

    async fn shows(&self, seat: &Seat, there: bool) -> Result<(), VipError> {
        let name = seat.host.name();
        let interfaces = interfaces(&*seat.host, self.address).await.map_err(|error| error.of(name))?;
        if interfaces.is_empty() == there { Err(VipError::NotTaken(name.to_owned())) } else { Ok(()) }
    }
}

impl Vip for IpVip {
    fn held_by(&self) -> BoxFuture<'_, Result<Held, VipError>> {
        Box::pin(async move {
            let hosts: Vec<&dyn Host> = self.seats.iter().map(|seat| &*seat.host).collect();
            held(&hosts, self.address).await
        })
    }

    fn take<'a>(&'a self, host: &'a str, fenced: &'a [String]) -> BoxFuture<'a, Result<(), VipError>> {
        Box::pin(self.taken(host, fenced))
    }

    fn release<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<(), VipError>> {
        Box::pin(self.released(host))
    }
}

/// Asks all of them at once.
pub(super) async fn held(hosts: &[&dyn Host], address: VirtualAddress) -> Result<Held, VipError> {
    let answers = join_all(hosts.iter().map(|host| interfaces(*host, address))).await;
    let mut held = Held::default();
    for (host, answer) in hosts.iter().zip(answers) {
        let name = host.name().to_owned();
        match answer {
            Ok(interfaces) if interfaces.is_empty() => {}
            Ok(_) => held.by.push(name),
            Err(LookError::Host(error)) if error.passes() => held.unknown.push(name),
            Err(error) => return Err(error.of(&name)),
        }
    }
    Ok(held)
}

enum LookError {
    Host(HostError),
    Nonsense(String),
}

impl LookError {
    fn of(self, host: &str) -> VipError {
        match self {
            Self::Host(error) => VipError::Host(host.to_owned(), error),
            Self::Nonsense(text) => VipError::Nonsense(host.to_owned(), text),
        }
    }
}

/// On which interfaces of a host the address is.
async fn interfaces(host: &dyn Host, address: VirtualAddress) -> Result<Vec<String>, LookError> {
    let ip = address.ip().to_string();
    let look = Command::new(["ip", "-json", "-4", "address", "show", "to", &format!("{ip}/32")]).limit(LIMIT);
    let done = succeeded(host, &look).await.map_err(LookError::Host)?;
    let links: Vec<Link> =
        serde_json::from_slice(&done.stdout).map_err(|error| LookError::Nonsense(error.to_string()))?;
    let with_it = links.into_iter().filter(|link| link.addr_info.iter().any(|there| there.local == ip));
    Ok(with_it.map(|link| link.ifname).collect())
}

async fn told(host: &dyn Host, command: &Command, interface: &str) -> Result<(), VipError> {
    let done = succeeded(host, &command.clone().limit(LIMIT)).await;
    done.map(drop).map_err(|error| failed(host.name(), error, interface))
}

fn failed(host: &str, error: HostError, interface: &str) -> VipError {
    let none = ["Cannot find device", "does not exist", "not available", "No such device"];
    match &error {
        HostError::Failed { complaint, .. } if none.iter().any(|words| complaint.contains(words)) => {
            VipError::NoInterface(host.to_owned(), interface.to_owned())
        }
        _ => VipError::Host(host.to_owned(), error),
    }
}
