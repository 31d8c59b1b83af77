//! Names in a real PowerDNS, by its API and by signed updates, and what DNS says of them.

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{TimeDelta, Utc};
use dbdesk_commands::clock::Clock;
use dbdesk_components::dns::{
    DnsName, Kind, Names, NamesError, NoKey, NoPlace, PowerDns, RecordSet, Rfc2136, key_from_file,
};
use hickory_proto::{
    op::{Message, OpCode, Query, ResponseCode},
    rr::{Name, RData, RecordType},
};
use std::{os::unix::fs::PermissionsExt as _, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, UdpSocket},
    time::timeout,
};

fn name(text: &str) -> DnsName {
    text.parse().expect("a name")
}

fn set(kind: Kind, ttl_s: u32, values: &[&str]) -> RecordSet {
    RecordSet::parse(kind, ttl_s, values.iter().copied()).expect("a record set")
}

async fn api(server: &lab::PowerDns, zone: &str) -> Result<PowerDns> {
    let key = key_from_file(&server.api_key_file()).await?;
    Ok(PowerDns::new(&server.endpoint().parse()?, name(zone), &key)?)
}

#[expect(clippy::disallowed_methods, reason = "the server has the real clock")]
fn clock(ahead: TimeDelta) -> Clock {
    Clock::new(move || Utc::now() + ahead)
}

fn updates(server: &lab::PowerDns, zone: &str, key_name: &str, ahead: TimeDelta) -> Result<Rfc2136> {
    let key = (&name(key_name), STANDARD.decode(server.tsig_key())?);
    Ok(Rfc2136::new(server.dns(), name(zone), key, clock(ahead))?)
}

/// What an application is told: the code, and each answer with its time to live.
async fn asked(
    server: &lab::PowerDns,
    name: &str,
    kind: RecordType,
) -> Result<(ResponseCode, Vec<(String, u32)>)> {
    let mut question = Message::query();
    question.add_query(Query::query(Name::from_ascii(name)?, kind));
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.connect(server.dns()).await?;
    socket.send(&question.to_vec()?).await?;
    let mut bytes = [0; 1_500];
    let size = timeout(Duration::from_secs(5), socket.recv(&mut bytes)).await.context("no answer")??;
    let answer = Message::from_vec(&bytes[..size])?;
    let told = answer.answers.iter().map(|record| match &record.data {
        RData::A(address) => (address.to_string(), record.ttl),
        RData::AAAA(address) => (address.to_string(), record.ttl),
        other => (other.to_string(), record.ttl),
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    Ok((answer.metadata.response_code, told))
}

/// What both ways do alike.
async fn keeps_names(server: &lab::PowerDns, names: &dyn Names) -> Result<()> {
    let (write, read) = (name("orders-write.db.example.com"), name("orders-read.db.example.com"));
    assert_eq!(names.read(&write).await?, []);
    names.remove(&write, Kind::A).await?;
    let one = set(Kind::A, 5, &["192.0.2.1"]);
    let two = set(Kind::A, 30, &["192.0.2.3", "192.0.2.2"]);
    for _ in 0..2 {
        names.put(&write, &one).await?;
        assert_eq!(names.read(&write).await?, std::slice::from_ref(&one));
    }
    let told = asked(server, "orders-write.db.example.com.", RecordType::A).await?;
    assert_eq!(told, (ResponseCode::NoError, vec![("192.0.2.1".to_owned(), 5)]));
    // Nothing of what was before is left, and the other kind beside it is its own.
    let six = set(Kind::Aaaa, 5, &["2001:db8::1"]);
    names.put(&write, &two).await?;
    names.put(&write, &six).await?;
    assert_eq!(names.read(&write).await?, [two.clone(), six.clone()]);
    let told = asked(server, "ORDERS-write.db.example.com.", RecordType::A).await?.1;
    assert_eq!(told, [("192.0.2.2".to_owned(), 30), ("192.0.2.3".to_owned(), 30)]);
    // An alias is nothing else.
    let alias = set(Kind::Cname, 5, &["orders-write.db.example.com"]);
    assert_eq!(names.put(&write, &alias).await, Err(NamesError::Conflict(Kind::A)));
    assert_eq!(names.read(&write).await?, [two.clone(), six.clone()]);
    names.put(&read, &alias).await?;
    assert_eq!(names.put(&read, &one).await, Err(NamesError::Conflict(Kind::Cname)));
    assert_eq!(names.read(&read).await?, [alias]);
    let told = asked(server, "orders-read.db.example.com.", RecordType::A).await?.1;
    assert_eq!(told.len(), 3, "{told:?}");
    for _ in 0..2 {
        names.remove(&write, Kind::A).await?;
        assert_eq!(names.read(&write).await?, std::slice::from_ref(&six));
    }
    names.remove(&write, Kind::Aaaa).await?;
    names.remove(&read, Kind::Cname).await?;
    assert_eq!(asked(server, "orders-write.db.example.com.", RecordType::A).await?.0, ResponseCode::NXDomain);
    let other = name("orders.example.org");
    let elsewhere = || NamesError::Elsewhere(other.clone(), name(lab::PowerDns::ZONE));
    assert_eq!(names.put(&other, &one).await, Err(elsewhere()));
    assert_eq!(names.read(&other).await, Err(elsewhere()));
    Ok(())
}

#[tokio::test]
async fn names_are_kept_by_the_api_and_a_wrong_key_or_zone_is_told() -> Result<()> {
    let mut server = lab::PowerDns::start().await?;
    let names = api(&server, lab::PowerDns::ZONE).await?;
    assert!(names.about().await?.starts_with("4."));
    keeps_names(&server, &names).await?;

    let one = set(Kind::A, 5, &["192.0.2.1"]);
    let wrong = PowerDns::new(&server.endpoint().parse()?, name(lab::PowerDns::ZONE), "hush-hush")?;
    let denied = wrong.put(&name("a.db.example.com"), &one).await;
    assert!(matches!(&denied, Err(error @ NamesError::Denied(_)) if !error.passes()), "{denied:?}");
    assert!(matches!(wrong.about().await, Err(NamesError::Denied(_))));
    assert!(!format!("{wrong:?} {denied:?}").contains("hush"));
    assert_eq!(names.read(&name("a.db.example.com")).await?, []);
    let other = api(&server, "example.org").await?;
    let no_zone = || NamesError::NoZone(name("example.org"));
    assert_eq!(other.put(&name("a.example.org"), &one).await, Err(no_zone()));
    assert_eq!(other.read(&name("a.example.org")).await, Err(no_zone()));
    assert_eq!(other.about().await, Err(no_zone()));

    server.freeze()?;
    assert_eq!(names.read(&name("a.db.example.com")).await, Err(NamesError::Time));
    server.kill()?;
    let away = names.put(&name("a.db.example.com"), &one).await;
    assert!(matches!(&away, Err(error @ NamesError::Unreachable(_)) if error.passes()), "{away:?}");
    Ok(())
}

#[tokio::test]
async fn names_are_kept_by_signed_updates_and_a_wrong_key_clock_or_zone_is_told() -> Result<()> {
    let mut server = lab::PowerDns::start().await?;
    let names = updates(&server, lab::PowerDns::ZONE, lab::PowerDns::TSIG_NAME, TimeDelta::zero())?;
    keeps_names(&server, &names).await?;

    let (a, one) = (name("a.db.example.com"), set(Kind::A, 5, &["192.0.2.1"]));
    let unknown = updates(&server, lab::PowerDns::ZONE, "stranger", TimeDelta::zero())?;
    let key = (&name(lab::PowerDns::TSIG_NAME), vec![7; 32]);
    let wrong = Rfc2136::new(server.dns(), name(lab::PowerDns::ZONE), key, clock(TimeDelta::zero()))?;
    let late = updates(&server, lab::PowerDns::ZONE, lab::PowerDns::TSIG_NAME, TimeDelta::hours(-1))?;
    server.zone("example.net").await?;
    let others = updates(&server, "example.net", lab::PowerDns::TSIG_NAME, TimeDelta::zero())?;
    for (what, names, name) in [
        ("a key that is not known", &unknown, &a),
        ("a key that is wrong", &wrong, &a),
        ("a clock that is slow", &late, &a),
        ("a zone that the key may not write", &others, &name("a.example.net")),
    ] {
        let denied = names.put(name, &one).await;
        assert!(
            matches!(&denied, Err(error @ NamesError::Denied(_)) if !error.passes()),
            "{what}: {denied:?}"
        );
        assert_eq!(names.read(name).await?, [], "{what}");
    }
    let nowhere = updates(&server, "example.org", lab::PowerDns::TSIG_NAME, TimeDelta::zero())?;
    let no_zone = || NamesError::NoZone(name("example.org"));
    assert_eq!(nowhere.put(&name("a.example.org"), &one).await, Err(no_zone()));
    assert_eq!(nowhere.read(&name("a.example.org")).await, Err(no_zone()));

    server.freeze()?;
    assert_eq!(names.read(&a).await, Err(NamesError::Time));
    server.kill()?;
    let away = names.put(&a, &one).await;
    assert!(matches!(&away, Err(error @ NamesError::Unreachable(_)) if error.passes()), "{away:?}");
    Ok(())
}

#[tokio::test]
async fn a_yes_that_nobody_signed_is_not_believed() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = listener.local_addr()?;
    let liar = async move {
        let (mut stream, _) = listener.accept().await?;
        let mut asked = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut asked).await?;
        let yes = Message::response(Message::from_vec(&asked)?.metadata.id, OpCode::Update).to_vec()?;
        stream.write_u16(u16::try_from(yes.len())?).await?;
        stream.write_all(&yes).await?;
        anyhow::Ok(())
    };
    let key = (&name("desk"), vec![7; 32]);
    let names = Rfc2136::new(server, name("db.example.com"), key, clock(TimeDelta::zero()))?;
    let (a, one) = (name("a.db.example.com"), set(Kind::A, 5, &["192.0.2.1"]));
    let (lied, said) = tokio::join!(liar, names.put(&a, &one));
    lied?;
    assert!(matches!(said, Err(NamesError::Nonsense(_))), "{said:?}");
    Ok(())
}

#[tokio::test]
async fn a_key_comes_from_a_file_of_its_owner_and_goes_over_a_network_sealed_only() -> Result<()> {
    let folder = lab::Folder::temporary()?;
    let file = folder.path().join("key");
    assert!(matches!(key_from_file(&file).await, Err(NoKey::File(..))));
    for (text, mode, good) in [
        ("k\n", 0o600, true),
        ("k", 0o440, true),
        ("k", 0o644, false),
        ("", 0o600, false),
        ("a b", 0o600, false),
        ("a\nb\n", 0o600, false),
        (&*"x".repeat(4_097), 0o600, false),
    ] {
        std::fs::write(&file, text)?;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode))?;
        assert_eq!(key_from_file(&file).await.is_ok(), good, "{text:?} {mode:o}");
        std::fs::remove_file(&file)?;
    }
    let at = |url: &str| PowerDns::new(&url.parse().unwrap(), name("db.example.com"), "k").map(drop);
    for plain in ["http://ns1.example.com:8081", "ftp://127.0.0.1"] {
        assert_eq!(at(plain), Err(NoPlace::Plain), "{plain}");
    }
    for good in ["https://ns1.example.com/", "http://127.0.0.1:8081", "http://[::1]:8081/"] {
        assert_eq!(at(good), Ok(()), "{good}");
    }
    let odd = PowerDns::new(&"https://ns1.example.com".parse()?, name("db.example.com"), "a\nb");
    assert!(matches!(odd, Err(NoPlace::Key)));
    Ok(())
}
