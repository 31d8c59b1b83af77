//! A real HAProxy in front of servers that say who they are.

use anyhow::{Context as _, Result, ensure};
use dbdesk_components::{
    host::Local,
    proxy::{
        Address, HaProxy, Health, Pool, Proxy, ProxyError, RuntimeSocket, ServerName, State, Weight,
        haproxy_config::{Check, HaproxyConfig},
    },
};
use lab::{MariaDb, Port, until};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};

const LIMIT: Duration = Duration::from_secs(10);

/// A server that says its name to whoever connects, and echoes.
struct Named {
    at: Address,
    task: JoinHandle<()>,
    _port: Port,
}

impl Named {
    async fn start(name: &'static str) -> Result<Self> {
        let port = Port::free()?;
        let listener = TcpListener::bind(("127.0.0.1", port.number())).await?;
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                open.spawn(async move {
                    let _ = stream.write_all(name.as_bytes()).await;
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        Ok(Self { at: Address::new("127.0.0.1", port.number())?, task, _port: port })
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Front {
    proxy: lab::HaProxy,
    desk: HaProxy,
    write: Port,
    read: Port,
}

fn config((write, read): (&Port, &Port), socket: &str, primary: Option<Address>) -> HaproxyConfig {
    let at = |port: &Port| SocketAddr::from(([127, 0, 0, 1], port.number()));
    HaproxyConfig {
        group: "orders".into(),
        write: at(write),
        read: at(read),
        primary,
        readers: Vec::new(),
        check: Check::Connect,
        socket: socket.into(),
        most_sessions: 100,
        patience_s: 20,
    }
}

impl Front {
    async fn start(primary: Option<&Address>, readers: Vec<(ServerName, Address, Weight)>) -> Result<Self> {
        let (write, read) = (Port::free()?, Port::free()?);
        let config = |socket: &str| {
            Ok(HaproxyConfig { readers, ..config((&write, &read), socket, primary.cloned()) }.text()?)
        };
        let proxy = lab::HaProxy::start(config).await?;
        let desk = desk(RuntimeSocket::Unix(proxy.socket().into()))?;
        Ok(Self { proxy, desk, write, read })
    }
}

fn desk(at: RuntimeSocket) -> Result<HaProxy> {
    Ok(HaProxy::new(at, ("orders_write".parse()?, "primary".parse()?), "orders_read".parse()?))
}

async fn connected(port: &Port) -> Result<(TcpStream, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port.number())).await?;
    let mut name = [0; 2];
    timeout(LIMIT, stream.read_exact(&mut name)).await.context("no greeting")??;
    Ok((stream, String::from_utf8(name.into())?))
}

async fn named(port: &Port) -> Result<String> {
    Ok(connected(port).await?.1)
}

fn name(text: &str) -> ServerName {
    text.parse().expect("a name")
}

fn weight(weight: u16) -> Weight {
    Weight::new(weight).expect("a weight")
}

#[tokio::test]
async fn writes_go_where_they_are_pointed_and_wait_while_they_are_held() -> Result<()> {
    let (one, two) = (Named::start("m1").await?, Named::start("m2").await?);
    let front = Front::start(Some(&one.at), Vec::new()).await?;
    let (desk, slot) = (&front.desk, name("primary"));
    assert_eq!(desk.pools().await?.written_to(), Some(&one.at));
    let (mut old, greeted) = connected(&front.write).await?;
    assert_eq!(greeted, "m1");
    until("one session", LIMIT, || async {
        let sessions = desk.pools().await?.writer[0].sessions;
        ensure!(sessions == 1, "{sessions}");
        Ok(())
    })
    .await?;

    // Held: who comes waits and is not sent away; who is there stays until he is told to go.
    for _ in 0..2 {
        desk.hold_writer().await?;
        let pools = desk.pools().await?;
        assert!(pools.held && pools.written_to().is_none(), "{pools:?}");
    }
    old.write_all(b"x").await?;
    assert_eq!(old.read_u8().await?, b'x');
    for _ in 0..2 {
        desk.shutdown_sessions(Pool::Writer, &slot).await?;
    }
    assert_eq!(timeout(LIMIT, old.read(&mut [0])).await??, 0, "it was ended");
    let waiting = TcpStream::connect(("127.0.0.1", front.write.number())).await?;
    let mut waiting = tokio::spawn(async move {
        let (mut waiting, mut name) = (waiting, [0; 2]);
        waiting.read_exact(&mut name).await.map(|_| name)
    });
    assert!(timeout(Duration::from_millis(700), &mut waiting).await.is_err(), "nobody greets him yet");
    for _ in 0..2 {
        desk.point_writer(&two.at).await?;
        assert_eq!(desk.pools().await?.written_to(), Some(&two.at));
    }
    assert_eq!(timeout(LIMIT, waiting).await???, *b"m2");
    assert_eq!(named(&front.write).await?, "m2");

    // In maintenance nobody waits.
    desk.set_state(Pool::Writer, &slot, State::Maint).await?;
    assert!(named(&front.write).await.is_err());
    desk.point_writer(&one.at).await?;
    assert_eq!(named(&front.write).await?, "m1");
    Ok(())
}

#[tokio::test]
async fn readers_come_and_go_and_one_that_is_dead_is_not_asked() -> Result<()> {
    let (one, two) = (Named::start("r1").await?, Named::start("r2").await?);
    let readers = vec![(name("one"), one.at.clone(), weight(10))];
    let front = Front::start(None, readers).await?;
    let (desk, reader) = (&front.desk, Pool::Reader);
    assert!(desk.pools().await?.held, "without a primary it is held from the start");
    assert_eq!(named(&front.read).await?, "r1");

    for _ in 0..2 {
        desk.add_server(reader, &name("two"), &two.at, weight(20)).await?;
        let pools = desk.pools().await?;
        let server = pools.server(reader, &name("two")).context("it is there")?;
        assert_eq!((server.state, server.weight, &server.address), (State::Ready, weight(20), &two.at));
    }
    let taken = desk.add_server(reader, &name("two"), &one.at, weight(20)).await;
    assert_eq!(taken, Err(ProxyError::Taken(name("two"), two.at.clone())));
    let up = |who: &'static str, health: Health| {
        move || async move {
            let now = desk.pools().await?;
            let now = now.server(reader, &name(who)).context("it is there")?.health;
            ensure!(now == health, "{now:?}");
            Ok(())
        }
    };
    until("the new one to be up", LIMIT, up("two", Health::Up)).await?;

    for state in [State::Drain, State::Drain, State::Maint] {
        desk.set_state(reader, &name("one"), state).await?;
        assert_eq!(desk.pools().await?.server(reader, &name("one")).context("there")?.state, state);
        for _ in 0..3 {
            assert_eq!(named(&front.read).await?, "r2");
        }
    }
    desk.set_weight(reader, &name("one"), weight(0)).await?;
    desk.set_state(reader, &name("one"), State::Ready).await?;
    assert_eq!(desk.pools().await?.server(reader, &name("one")).context("there")?.weight, weight(0));
    assert_eq!(named(&front.read).await?, "r2");
    desk.set_weight(reader, &name("one"), weight(256)).await?;

    // Somebody is still there: it is not removed.
    desk.set_state(reader, &name("one"), State::Drain).await?;
    let (held, greeted) = connected(&front.read).await?;
    assert_eq!(greeted, "r2");
    desk.set_state(reader, &name("one"), State::Ready).await?;
    until("the session to count", LIMIT, || async {
        let busy = desk.remove_server(reader, &name("two")).await;
        ensure!(busy == Err(ProxyError::Busy(name("two"))), "{busy:?}");
        Ok(())
    })
    .await?;
    drop(held);
    until("it to be removed", LIMIT, || async { Ok(desk.remove_server(reader, &name("two")).await?) })
        .await?;
    desk.remove_server(reader, &name("two")).await?;
    assert_eq!(desk.pools().await?.reader.len(), 1);

    // Moved, then dead: it is seen.
    desk.set_address(reader, &name("one"), &two.at).await?;
    until("the moved one", LIMIT, || async {
        let name = named(&front.read).await?;
        ensure!(name == "r2", "{name}");
        Ok(())
    })
    .await?;
    drop(two);
    until("the dead one to be down", LIMIT, up("one", Health::Down)).await?;
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_or_can_not_be_is_refused_and_a_proxy_that_is_away_is_away_for_now() -> Result<()> {
    let one = Named::start("m1").await?;
    let mut front = Front::start(Some(&one.at), Vec::new()).await?;
    let desk = &front.desk;
    let none = name("none");
    let no_server = |pool| Err(ProxyError::NoServer(pool, none.clone()));
    assert_eq!(desk.set_state(Pool::Reader, &none, State::Drain).await, no_server(Pool::Reader));
    assert_eq!(desk.set_weight(Pool::Writer, &none, weight(1)).await, no_server(Pool::Writer));
    assert_eq!(desk.set_address(Pool::Reader, &none, &one.at).await, no_server(Pool::Reader));
    assert_eq!(desk.shutdown_sessions(Pool::Reader, &none).await, no_server(Pool::Reader));
    desk.remove_server(Pool::Reader, &none).await?;
    let named: Address = "db1.example.com:3306".parse()?;
    assert_eq!(desk.point_writer(&named).await, Err(ProxyError::NotAnAddress(named.clone())));
    assert_eq!(
        desk.add_server(Pool::Reader, &none, &named, weight(1)).await,
        Err(ProxyError::NotAnAddress(named))
    );
    let impossible = desk.add_server(Pool::Writer, &none, &one.at, weight(1)).await;
    assert!(matches!(impossible, Err(ProxyError::Impossible(_))), "{impossible:?}");
    assert_eq!(desk.pools().await?.written_to(), Some(&one.at), "nothing was changed");

    let socket = front.proxy.socket().to_owned();
    let unix = RuntimeSocket::Unix(socket.clone());
    let other = HaProxy::new(unix, (name("billing_write"), name("primary")), name("billing_read"));
    assert_eq!(other.pools().await, Err(ProxyError::NoPool(Pool::Writer)));
    assert_eq!(other.point_writer(&one.at).await, Err(ProxyError::NoPool(Pool::Writer)));

    // By way of a host it is the same proxy.
    let on = RuntimeSocket::On(Arc::new(Local::new("proxy1")), socket.display().to_string());
    assert_eq!(desk_pools(on).await, Ok(desk.pools().await?));

    front.proxy.freeze()?;
    assert_eq!(front.desk.pools().await, Err(ProxyError::Time));
    front.proxy.kill()?;
    let away = front.desk.pools().await;
    assert!(matches!(&away, Err(error @ ProxyError::Unreachable(_)) if error.passes()), "{away:?}");
    let on = RuntimeSocket::On(Arc::new(Local::new("proxy1")), socket.display().to_string());
    let away = desk_pools(on).await;
    assert!(matches!(&away, Err(ProxyError::Unreachable(_))), "{away:?}");
    Ok(())
}

async fn desk_pools(at: RuntimeSocket) -> Result<dbdesk_components::proxy::Pools, ProxyError> {
    desk(at).expect("names").pools().await
}

#[tokio::test]
async fn a_runtime_port_is_the_same_api_and_one_that_is_no_admin_is_denied() -> Result<()> {
    let (tcp, weak) = (Port::free()?, Port::free()?);
    let (write, read) = (Port::free()?, Port::free()?);
    let one = Named::start("m1").await?;
    let config = |socket: &str| {
        let text = config((&write, &read), socket, Some(one.at.clone())).text()?;
        let more = |port: &Port, level: &str| {
            format!("    stats socket ipv4@127.0.0.1:{} level {level}\n", port.number())
        };
        Ok(text.replacen(
            "    stats timeout",
            &format!("{}{}    stats timeout", more(&tcp, "admin"), more(&weak, "user")),
            1,
        ))
    };
    let _proxy = lab::HaProxy::start(config).await?;
    let at = |port: &Port| RuntimeSocket::Tcp(SocketAddr::from(([127, 0, 0, 1], port.number())));
    let strong = desk(at(&tcp))?;
    strong.hold_writer().await?;
    assert!(strong.pools().await?.held);
    let weak = desk(at(&weak))?;
    let denied = weak.point_writer(&one.at).await;
    assert!(matches!(denied, Err(ProxyError::Denied(_))), "{denied:?}");
    assert!(strong.pools().await?.held);
    Ok(())
}

#[tokio::test]
async fn the_file_is_what_haproxy_takes_and_what_would_mean_more_in_it_is_refused() -> Result<()> {
    let (write, read) = (Port::free()?, Port::free()?);
    let good = HaproxyConfig {
        readers: vec![
            (name("r1"), "192.0.2.2:3306".parse()?, weight(10)),
            (name("r2"), "[2001:db8::2]:3307".parse()?, weight(0)),
        ],
        check: Check::Handshake { user: "haproxy_check".into() },
        ..config((&write, &read), "/run/haproxy/orders.sock", Some("192.0.2.1:3306".parse()?))
    };
    let shown = HaproxyConfig { write: "0.0.0.0:3306".parse()?, read: "[::]:3307".parse()?, ..good.clone() };
    insta::assert_snapshot!(shown.text()?);
    lab::HaProxy::check(&good.text()?).await?;
    let held = HaproxyConfig { primary: None, readers: Vec::new(), check: Check::Connect, ..good.clone() };
    lab::HaProxy::check(&held.text()?).await?;
    for bad in [
        HaproxyConfig { group: "or\nders".into(), ..good.clone() },
        HaproxyConfig { group: String::new(), ..good.clone() },
        HaproxyConfig { socket: "/run/a b".into(), ..good.clone() },
        HaproxyConfig { socket: "run/a".into(), ..good.clone() },
        HaproxyConfig { check: Check::Handshake { user: "x\ny".into() }, ..good.clone() },
    ] {
        assert!(bad.text().is_err(), "{bad:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_handshake_finds_a_database_up_and_does_not_count_as_an_error_of_the_host() -> Result<()> {
    let db = MariaDb::start().await?;
    db.sql("CREATE USER haproxy_check@'127.0.0.1'").await?;
    let (write, read) = (Port::free()?, Port::free()?);
    let at = Address::new("127.0.0.1", db.port())?;
    let config = |socket: &str| {
        let whole = HaproxyConfig {
            readers: vec![(name("r1"), at.clone(), Weight::ONE)],
            check: Check::Handshake { user: "haproxy_check".into() },
            ..config((&write, &read), socket, Some(at.clone()))
        };
        // Twice a second is enough for a test to see it more than once.
        Ok(whole.text()?.replace("inter 1000", "inter 100"))
    };
    let proxy = lab::HaProxy::start(config).await?;
    let desk = desk(RuntimeSocket::Unix(proxy.socket().into()))?;
    let aborted =
        "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='Aborted_connects'";
    let connections =
        "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='Connections'";
    let (first, aborted_first): (u32, String) = (db.sql(connections).await?.parse()?, db.sql(aborted).await?);
    until("some checks", LIMIT, || async {
        let now: u32 = db.sql(connections).await?.parse()?;
        ensure!(now > first + 10, "{now}");
        Ok(())
    })
    .await?;
    assert_eq!(desk.pools().await?.reader[0].health, Health::Up);
    assert_eq!(db.sql(aborted).await?, aborted_first);
    Ok(())
}
