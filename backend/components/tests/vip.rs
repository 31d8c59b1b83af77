//! Addresses that move between hosts of our own, and what a client in the same network sees.

use anyhow::{Context as _, Result, ensure};
use dbdesk_components::{
    host::{Command, Host, HostError, Local, file, process, succeeded},
    vip::{
        Held, Interface, IpVip, KeepalivedSeat, KeepalivedVip, Seat, Vip, VipError, VirtualAddress,
        VirtualRouter,
    },
};
use lab::{Folder, Network, until};
use std::{sync::Arc, time::Duration};

const LIMIT: Duration = Duration::from_secs(15);
const ADDRESS: &str = "10.77.0.100";
const CLIENT: usize = 2;

fn address() -> VirtualAddress {
    format!("{ADDRESS}/24").parse().expect("an address")
}

fn interface() -> Interface {
    Network::INTERFACE.parse().expect("an interface")
}

fn host(network: &Network, at: usize) -> Arc<dyn Host> {
    Arc::new(Local::in_namespace(network.host(at)))
}

/// Each of two hosts says its number to whoever connects, on every address it has.
async fn answering(network: &Network, folder: &Folder) -> Result<()> {
    for at in 0..2 {
        let path = |end: &str| folder.path().join(format!("answer-{at}.{end}")).display().to_string();
        let words =
            ["socat", "TCP-LISTEN:3306,fork,reuseaddr", &format!("SYSTEM:echo {at}")].map(String::from);
        process::start(&*host(network, at), (&path("pid"), &path("log")), words).await?;
    }
    Ok(())
}

/// Who answers a client that connects to the address.
async fn answers(network: &Network) -> Result<String> {
    let words = ["socat", "-u", &format!("TCP:{ADDRESS}:3306,connect-timeout=1"), "-"].map(String::from);
    let done = succeeded(&*host(network, CLIENT), &Command::new(words).limit(Duration::from_secs(5))).await?;
    Ok(done.text().trim().to_owned())
}

async fn answered_by(network: &Network, at: usize) -> Result<()> {
    until("the answer of the other", LIMIT, || async {
        let by = answers(network).await?;
        ensure!(by == at.to_string(), "{by} answers");
        Ok(())
    })
    .await
}

fn held(by: &[&str]) -> Held {
    Held { by: by.iter().map(ToString::to_string).collect(), unknown: Vec::new() }
}

#[tokio::test]
async fn an_address_goes_where_it_is_told_to_and_neighbours_hear_of_it() -> Result<()> {
    let Some(network) = Network::start(3)? else { return Ok(()) };
    let folder = Folder::temporary()?;
    answering(&network, &folder).await?;
    let (one, two) = (network.host(0), network.host(1));
    let seats = (0..2).map(|at| Seat { host: host(&network, at), interface: interface() }).collect();
    let vip = IpVip::new(address(), seats);
    assert_eq!(vip.held_by().await?, Held::default());
    for _ in 0..2 {
        vip.take(one, &[]).await?;
        assert_eq!(vip.held_by().await?, held(&[one]));
    }
    answered_by(&network, 0).await?;

    // It is never at two places by us, and it moves at once: the client keeps nothing of where it was.
    assert_eq!(vip.take(two, &[]).await, Err(VipError::HeldBy(one.to_owned())));
    for _ in 0..2 {
        vip.release(one).await?;
        assert_eq!(vip.held_by().await?, Held::default());
    }
    vip.take(two, &[]).await?;
    assert_eq!(answers(&network).await?, "1", "at the first try");
    vip.release(one).await?;
    assert_eq!(vip.held_by().await?, held(&[two]));

    // A machine that is none of its hosts, and has it, is found out before there are two.
    vip.release(two).await?;
    let ip = |word: &'static str| {
        let words =
            ["ip", "address", word, &address().to_string(), "dev", Network::INTERFACE].map(String::from);
        Command::new(words)
    };
    succeeded(&*host(&network, CLIENT), &ip("add")).await?;
    assert_eq!(vip.take(one, &[]).await, Err(VipError::Stranger));
    assert_eq!(vip.held_by().await?, Held::default());
    succeeded(&*host(&network, CLIENT), &ip("del")).await?;
    // So is one of its hosts that was said to be fenced and is not.
    succeeded(&*host(&network, 1), &ip("add")).await?;
    let both = vip.take(one, &[two.to_owned()]).await;
    assert_eq!(both, Err(VipError::HeldBy(two.to_owned())));
    vip.release(two).await?;

    assert_eq!(vip.take("db9", &[]).await, Err(VipError::NoHost("db9".into())));
    let seat = Seat { host: host(&network, 0), interface: "eth7".parse()? };
    let wrong = IpVip::new(address(), vec![seat]).take(one, &[]).await;
    assert_eq!(wrong, Err(VipError::NoInterface(one.to_owned(), "eth7".to_owned())));
    Ok(())
}

/// A host that nobody can ask.
#[derive(Debug)]
struct Away(String);

impl Host for Away {
    fn name(&self) -> &str {
        &self.0
    }

    fn run<'a>(
        &'a self,
        _: &'a Command,
    ) -> futures_util::future::BoxFuture<'a, Result<dbdesk_components::host::Done, HostError>> {
        Box::pin(async { Err(HostError::Unreachable("no route".to_owned())) })
    }

    fn words(&self, _: &Command) -> Vec<String> {
        vec!["false".to_owned()]
    }
}

#[tokio::test]
async fn a_host_that_can_not_be_asked_is_in_the_way_until_it_is_fenced() -> Result<()> {
    let Some(network) = Network::start(3)? else { return Ok(()) };
    let folder = Folder::temporary()?;
    answering(&network, &folder).await?;
    let (one, two) = (network.host(0), network.host(1));
    let away: Arc<dyn Host> = Arc::new(Away(one.to_owned()));
    let seats = [away, host(&network, 1)].map(|host| Seat { host, interface: interface() });
    let vip = IpVip::new(address(), seats.into());
    // The one that is away holds it still.
    IpVip::new(address(), vec![Seat { host: host(&network, 0), interface: interface() }])
        .take(one, &[])
        .await?;
    answered_by(&network, 0).await?;
    let unknown = Held { by: Vec::new(), unknown: vec![one.to_owned()] };
    assert_eq!(vip.held_by().await?, unknown);
    let refused = vip.take(two, &[]).await;
    assert!(matches!(&refused, Err(error @ VipError::Unknown(_)) if error.passes()), "{refused:?}");
    // Said to be fenced, and heard in the network all the same.
    assert_eq!(vip.take(two, &[one.to_owned()]).await, Err(VipError::Stranger));
    network.pull(0)?;
    vip.take(two, &[one.to_owned()]).await?;
    assert_eq!(answers(&network).await?, "1");
    let away = vip.release(one).await;
    assert!(matches!(away, Err(VipError::Host(_, HostError::Unreachable(_)))), "{away:?}");
    Ok(())
}

#[tokio::test]
async fn keepalived_gives_it_to_whom_we_say_and_to_another_when_a_host_dies() -> Result<()> {
    let Some(network) = Network::start(3)? else { return Ok(()) };
    let folder = Folder::temporary()?;
    answering(&network, &folder).await?;
    let (one, two) = (network.host(0), network.host(1));
    let path = |at: usize, end: &str| folder.path().join(format!("k{at}.{end}")).display().to_string();
    let seat = |at: usize| KeepalivedSeat {
        host: host(&network, at),
        interface: interface(),
        config_file: path(at, "conf"),
        pid_file: path(at, "pid"),
    };
    let vip = KeepalivedVip::new(VirtualRouter::new("orders", 51, address())?, vec![seat(0), seat(1)]);
    assert_eq!(vip.take(one, &[]).await, Err(VipError::NotRunning(one.to_owned())));
    for (at, name) in [one, two].into_iter().enumerate() {
        vip.write_config(name, at == 0).await?;
        keepalived(&*host(&network, at), at, path).await?;
    }
    until("the first to hold it", LIMIT, || async {
        let now = vip.held_by().await?;
        ensure!(now == held(&[one]), "{now:?}");
        Ok(())
    })
    .await?;
    answered_by(&network, 0).await?;

    for (name, at) in [(two, 1), (two, 1), (one, 0)] {
        vip.take(name, &[]).await?;
        assert_eq!(vip.held_by().await?, held(&[name]));
        answered_by(&network, at).await?;
    }
    // Who lets it go is out until it is chosen again; the other takes over.
    for _ in 0..2 {
        vip.release(one).await?;
    }
    answered_by(&network, 1).await?;
    assert_eq!(vip.held_by().await?, held(&[two]));
    vip.take(one, &[]).await?;
    assert_eq!(vip.held_by().await?, held(&[one]));

    // A host that is off the network loses it to the other without us.
    network.pull(0)?;
    answered_by(&network, 1).await?;

    // A number that is another program's is not sent a signal that would end it.
    let shell =
        process::start(&*host(&network, 1), (&path(9, "rec"), &path(9, "log")), ["sleep", "100"]).await?;
    file::write(&*host(&network, 1), &path(1, "pid"), shell.pid.to_string().as_bytes(), 0o644).await?;
    assert_eq!(vip.take(two, &[]).await, Err(VipError::NotRunning(two.to_owned())));
    assert!(process::running(&*host(&network, 1), &path(9, "rec")).await?.is_some());
    Ok(())
}

async fn keepalived(host: &dyn Host, at: usize, path: impl Fn(usize, &str) -> String) -> Result<()> {
    let option = |name: &str, end: &str| format!("--{name}={}", path(at, end));
    let words = [
        "keepalived".to_owned(),
        "--dont-fork".to_owned(),
        "--log-console".to_owned(),
        "--vrrp".to_owned(),
        option("use-file", "conf"),
        option("pid", "pid"),
        option("vrrp_pid", "vrrp.pid"),
        option("checkers_pid", "checkers.pid"),
    ];
    process::start(host, (&path(at, "record"), &path(at, "log")), words).await?;
    let pid = path(at, "pid");
    until("its number", LIMIT, || async {
        let text = file::read(host, &pid, 20).await.with_context(|| pid.clone())?;
        ensure!(!text.is_empty(), "nothing yet");
        Ok(())
    })
    .await
}
