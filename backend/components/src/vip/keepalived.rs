//! An address that keepalived minds. We write its file and tell it to read it (SIGHUP); who holds the address is looked at by `ip`.

use super::{
    Held, Interface, Vip, VipError, VirtualRouter, free_for,
    ip::held,
    keepalived_config::{CHOSEN, OTHERS},
};
use crate::host::{Command, Host, HostError, file};
use futures_util::future::BoxFuture;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

/// The others agree within a second; a loaded machine takes longer.
const SETTLE_LIMIT: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(100);
const CONFIG_MODE: u16 = 0o644;
/// What our script says of a process that is not keepalived, or is not.
const NOT_RUNNING: i32 = 45;

/// SIGHUP ends a program that does not expect it: it is sent to no other.
const RELOAD: &str = r#"pid=$(cat -- "$1" 2>/dev/null) || exit 45
{ read -r name <"/proc/$pid/comm"; } 2>/dev/null || exit 45
case $name in keepalived*) kill -s HUP "$pid" ;; *) exit 45 ;; esac"#;

/// A host with keepalived.
#[derive(Debug, Clone)]
pub struct KeepalivedSeat {
    /// The host, by whose name it is meant.
    pub host: Arc<dyn Host>,
    /// Where the address goes, and where keepalived speaks.
    pub interface: Interface,
    /// Its file, which is ours alone: `/etc/keepalived/keepalived.conf`.
    pub config_file: String,
    /// Where it writes its number: `/run/keepalived.pid`.
    pub pid_file: String,
}

/// An address that goes to another host by itself when its host dies.
#[derive(Debug, Clone)]
pub struct KeepalivedVip {
    router: VirtualRouter,
    seats: Vec<KeepalivedSeat>,
}

impl KeepalivedVip {
    /// A virtual router and its hosts. Nothing is asked yet.
    #[must_use]
    pub fn new(router: VirtualRouter, seats: Vec<KeepalivedSeat>) -> Self {
        Self { router, seats }
    }

    /// Writes the file of a host, before keepalived is started there for the first time.
    pub async fn write_config(&self, host: &str, chosen: bool) -> Result<(), VipError> {
        self.write(self.seat(host)?, Some(if chosen { CHOSEN } else { OTHERS })).await
    }

    fn seat(&self, host: &str) -> Result<&KeepalivedSeat, VipError> {
        let seat = self.seats.iter().find(|seat| seat.host.name() == host);
        seat.ok_or_else(|| VipError::NoHost(host.to_owned()))
    }

    async fn write(&self, seat: &KeepalivedSeat, priority: Option<u8>) -> Result<(), VipError> {
        let text = self.router.text(&seat.interface, priority);
        let written = file::write(&*seat.host, &seat.config_file, text.as_bytes(), CONFIG_MODE).await;
        written.map_err(|error| VipError::Host(seat.host.name().to_owned(), error))
    }

    async fn reload(&self, seat: &KeepalivedSeat) -> Result<(), VipError> {
        let name = || seat.host.name().to_owned();
        let command = Command::script(RELOAD, [&seat.pid_file]);
        let done = seat.host.run(&command).await.map_err(|error| VipError::Host(name(), error))?;
        match done.code {
            0 => Ok(()),
            NOT_RUNNING => Err(VipError::NotRunning(name())),
            _ => Err(VipError::Host(name(), HostError::failed(&command, &done))),
        }
    }

    async fn taken(&self, host: &str, fenced: &[String]) -> Result<(), VipError> {
        let seat = self.seat(host)?;
        let before = self.held_by().await?;
        // Here one other holder is not in the way: it lets go when it hears of who comes before it. Two do not hear each other.
        let by = if before.by.len() > 1 { before.by.clone() } else { Vec::new() };
        free_for(&Held { by, unknown: before.unknown.clone() }, host, fenced)?;
        for other in &self.seats {
            let name = other.host.name();
            if name != host && !before.unknown.iter().any(|unknown| unknown == name) {
                self.write(other, Some(OTHERS)).await?;
                // One that does not run holds nothing.
                match self.reload(other).await {
                    Err(VipError::NotRunning(_)) => {}
                    done => done?,
                }
            }
        }
        self.write(seat, Some(CHOSEN)).await?;
        self.reload(seat).await?;
        self.settled(host, |held| held.by == [host]).await
    }

    async fn released(&self, host: &str) -> Result<(), VipError> {
        let seat = self.seat(host)?;
        self.write(seat, None).await?;
        match self.reload(seat).await {
            Err(VipError::NotRunning(_)) => {}
            done => done?,
        }
        self.settled(host, |held| !held.by.iter().chain(&held.unknown).any(|name| name == host)).await
    }

    async fn settled(&self, host: &str, as_told: impl Fn(&Held) -> bool) -> Result<(), VipError> {
        let end = Instant::now() + SETTLE_LIMIT;
        while !as_told(&self.held_by().await?) {
            if Instant::now() > end {
                return Err(VipError::NotTaken(host.to_owned()));
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }
}

impl Vip for KeepalivedVip {
    fn held_by(&self) -> BoxFuture<'_, Result<Held, VipError>> {
        Box::pin(async move {
            let hosts: Vec<&dyn Host> = self.seats.iter().map(|seat| &*seat.host).collect();
            held(&hosts, self.router.address()).await
        })
    }

    fn take<'a>(&'a self, host: &'a str, fenced: &'a [String]) -> BoxFuture<'a, Result<(), VipError>> {
        Box::pin(self.taken(host, fenced))
    }

    fn release<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<(), VipError>> {
        Box::pin(self.released(host))
    }
}
