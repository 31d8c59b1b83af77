//! Hosts: this machine and a real sshd, asked for the same.

use anyhow::{Context as _, Result};
use dbdesk_components::host::{
    Command, Host, HostError, Local, Ssh, SshAccess, file, process, quote, succeeded,
};
use lab::{Folder, Network, Proxy, Sshd, until};
use proptest::prelude::*;
use std::{os::unix::fs::PermissionsExt as _, time::Duration};

const LIMIT: Duration = Duration::from_secs(10);

fn ssh(sshd: &Sshd, port: u16) -> Result<Ssh> {
    Ok(Ssh::new("db1", &access(sshd, port))?)
}

fn access(sshd: &Sshd, port: u16) -> SshAccess {
    SshAccess {
        address: "127.0.0.1".into(),
        port,
        user: sshd.user().into(),
        key_file: sshd.key_file(),
        known_hosts_file: sshd.known_hosts_file(),
        folder: sshd.client_folder(),
    }
}

/// What every host does alike.
async fn does_what_it_is_told(host: &dyn Host) -> Result<()> {
    words_arrive_as_they_were(host).await?;
    bounds_are_kept(host).await?;
    files_are_written_at_once(host).await?;
    processes_stay(host).await
}

#[tokio::test]
async fn this_machine_does_what_it_is_told() -> Result<()> {
    let here = Local::new("here");
    // Who leaves somebody behind that holds his output does not keep us.
    let began = std::time::Instant::now();
    assert_eq!(here.run(&Command::new(["sh", "-c", "setsid sleep 3 & exit 3"])).await?.code, 3);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    does_what_it_is_told(&here).await
}

#[tokio::test]
async fn a_namespace_does_what_it_is_told_with_a_network_of_its_own() -> Result<()> {
    let Some(network) = Network::start(1)? else { return Ok(()) };
    let host = Local::in_namespace(network.host(0));
    let seen = succeeded(&host, &Command::new(["ip", "-brief", "-4", "address"])).await?.text();
    assert!(seen.contains("10.77.0.1/24"), "{seen}");
    does_what_it_is_told(&host).await
}

#[tokio::test]
async fn another_machine_does_by_ssh_what_it_is_told() -> Result<()> {
    let sshd = Sshd::start().await?;
    does_what_it_is_told(&ssh(&sshd, sshd.port())?).await
}

async fn words_arrive_as_they_were(host: &dyn Host) -> Result<()> {
    let words = [
        "a b",
        "",
        "it's \"quoted\"",
        "line\nline",
        "$(id) `id` $HOME ${PATH}",
        "工单 é",
        "*",
        "~",
        "!!",
        "\\",
        "-n",
        "a;b|c&d>e<f",
        "\t",
        "#x",
        "'",
        "''\\''",
    ];
    let command = Command::new(["printf", "%s\\0"].into_iter().chain(words));
    let done = succeeded(host, &command).await?;
    let told: Vec<&str> = std::str::from_utf8(&done.stdout)?.split_terminator('\0').collect();
    assert_eq!(told, words);
    // What is read is read as it is, and what is said is told apart.
    let bytes: Vec<u8> = (0..=255).collect();
    let done = host.run(&Command::new(["cat"]).stdin(bytes.clone())).await?;
    assert_eq!((done.code, done.stdout), (0, bytes));
    let done = host.run(&Command::new(["sh", "-c", "echo out; echo err >&2; exit 7"])).await?;
    assert_eq!((done.code, done.text().trim(), done.complaint().as_str()), (7, "out", "err"));
    assert_eq!(host.run(&Command::new(["no-such-program"])).await?.code, 127);
    assert_eq!(host.run(&Command::new(["sh", "-c", "kill -9 $$"])).await?.code, 137);
    let nul = host.run(&Command::new(["echo", "a\0b"])).await;
    assert!(matches!(nul, Err(HostError::Words(_))), "{nul:?}");
    let long = host.run(&Command::new(["true".to_owned(), "x".repeat(96 << 10)])).await;
    assert!(matches!(long, Err(HostError::Words(_))), "{long:?}");
    // Nobody who is run sees what we were told by our environment.
    let environment = succeeded(host, &Command::new(["env"])).await?.text();
    assert!(environment.contains("LC_ALL=C.UTF-8") && !environment.contains("CARGO"), "{environment}");
    Ok(())
}

async fn bounds_are_kept(host: &dyn Host) -> Result<()> {
    let flood = Command::new(["sh", "-c", "yes | head -c 5000000; echo end >&2"]).most_output_bytes(1_000);
    let done = host.run(&flood).await?;
    assert_eq!((done.stdout.len(), done.cut, done.complaint().as_str()), (1_000, true, "end"));
    let limit = Duration::from_millis(400);
    let folder = Folder::temporary()?;
    let mark = folder.path().join("mark").display().to_string();
    let endless = Command::new(["sh", "-c", "sleep 2; touch \"$1\"", "x", &mark]).limit(limit);
    let began = std::time::Instant::now();
    assert_eq!(host.run(&endless).await, Err(HostError::Time(limit)));
    // By now the one that was killed would have left its mark.
    until("two seconds", LIMIT, || async {
        anyhow::ensure!(began.elapsed() > Duration::from_millis(2_200), "not yet");
        Ok(())
    })
    .await?;
    assert!(!file::exists(host, &mark).await?);
    Ok(())
}

async fn files_are_written_at_once(host: &dyn Host) -> Result<()> {
    let folder = Folder::temporary()?;
    let at = |name: &str| folder.path().join(name).display().to_string();
    let path = at("it's a $file\n配置");
    assert!(!file::exists(host, &path).await?);
    assert_eq!(file::read(host, &path, 10).await, Err(HostError::Gone(path.clone())));
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    for (bytes, mode) in [(&bytes[..], 0o640), (b"", 0o600), (b"secret", 0o400)] {
        file::write(host, &path, bytes, mode).await?;
        assert_eq!(file::read(host, &path, 200_000).await?, bytes);
        assert_eq!(std::fs::metadata(&path)?.permissions().mode() & 0o7777, u32::from(mode));
    }
    let long = file::read(host, &path, 5).await;
    assert_eq!(long, Err(HostError::Long(path.clone(), 5)));
    // A link is replaced, and what it leads to stays.
    let link = at("link");
    std::os::unix::fs::symlink(&path, &link)?;
    file::write(host, &link, b"other", 0o600).await?;
    assert_eq!(std::fs::read(&path)?, b"secret");
    // A folder that is not there, a folder in the file's place, a path from nowhere.
    assert!(matches!(file::write(host, &at("no/such"), b"", 0o600).await, Err(HostError::Failed { .. })));
    std::fs::create_dir(at("folder"))?;
    assert!(file::write(host, &at("folder"), b"", 0o600).await.is_err());
    assert!(matches!(file::write(host, "etc/x", b"", 0o600).await, Err(HostError::Words(_))));
    for _ in 0..2 {
        file::remove(host, &path).await?;
        assert!(!file::exists(host, &path).await?);
    }
    let mut left: Vec<_> =
        std::fs::read_dir(folder.path())?.map(|e| e.map(|e| e.file_name())).collect::<Result<_, _>>()?;
    left.sort();
    assert_eq!(left, ["folder", "link"]);
    Ok(())
}

async fn processes_stay(host: &dyn Host) -> Result<()> {
    let folder = Folder::temporary()?;
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (record, log) = (at("one's record"), at("log"));
    assert_eq!(process::running(host, &record).await?, None);
    let words =
        ["sh", "-c", "echo \"it's $1\"; trap 'echo asked' TERM; while :; do sleep 0.05; done", "x", "a  b"];
    let first = process::start(host, (&record, &log), words).await?;
    assert_eq!(process::running(host, &record).await?.as_ref(), Some(&first));
    assert_eq!(process::start(host, (&record, &log), words).await?, first, "it runs once");
    let read = || async {
        let log = std::fs::read_to_string(&log)?;
        anyhow::ensure!(log == "it's a  b\n", "{log}");
        Ok(())
    };
    until("its first line", LIMIT, read).await?;
    // It is nobody's child but init's, and in a session of its own.
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", first.pid))?;
    let (_, rest) = stat.rsplit_once(") ").context("a stat")?;
    let words_of_it: Vec<&str> = rest.split(' ').collect();
    assert_eq!((words_of_it[2], words_of_it[3]), (&*first.pid.to_string(), &*first.pid.to_string()));
    assert_ne!(words_of_it[1], std::process::id().to_string());
    // It does not go when it is asked; then it is made to.
    for _ in 0..2 {
        process::end(host, &record, Duration::from_millis(200)).await?;
        assert_eq!(process::running(host, &record).await?, None);
    }
    assert!(std::fs::read_to_string(&log)?.contains("asked"));
    // The number of somebody else in the record is not taken for it.
    let second = process::start(host, (&record, &log), ["sleep", "100"]).await?;
    assert_ne!(second.pid, first.pid);
    let line = std::fs::read_to_string(&record)?;
    std::fs::write(&record, line.replace(&second.pid.to_string(), &std::process::id().to_string()))?;
    assert_eq!(process::running(host, &record).await?, None);
    process::end(host, &record, Duration::ZERO).await?;
    std::fs::write(&record, line)?;
    assert_eq!(process::running(host, &record).await?, Some(second));
    process::end(host, &record, Duration::ZERO).await?;
    // One that is not there, one that ends at once, and a record of nonsense.
    let none = process::start(host, (&record, &log), ["no-such-program"]).await;
    assert_eq!(none, Err(HostError::NoProgram("no-such-program".into())));
    process::start(host, (&record, &log), ["true"]).await?;
    until("its end", LIMIT, || async {
        anyhow::ensure!(process::running(host, &record).await?.is_none(), "it runs");
        Ok(())
    })
    .await?;
    std::fs::write(&record, "1 $(id) x\n")?;
    assert_eq!(process::running(host, &record).await?, None);
    Ok(())
}

#[tokio::test]
async fn who_is_not_who_he_should_be_is_not_spoken_to_and_who_is_away_is_away_for_now() -> Result<()> {
    let mut sshd = Sshd::start().await?;
    let touch = Command::new(["true"]);
    let stranger = SshAccess { key_file: sshd.stranger_file(), ..access(&sshd, sshd.port()) };
    let denied = Ssh::new("db1", &stranger)?.run(&touch).await;
    assert!(matches!(&denied, Err(error @ HostError::Denied(_)) if !error.passes()), "{denied:?}");
    let impostor = SshAccess { known_hosts_file: sshd.wrong_hosts_file(), ..access(&sshd, sshd.port()) };
    let denied = Ssh::new("db1", &impostor)?.run(&touch).await;
    assert!(matches!(denied, Err(HostError::Denied(_))), "{denied:?}");
    // A connection that breaks in the middle leaves it open whether it was done.
    let proxy = Proxy::start(sshd.port()).await?;
    let host = ssh(&sshd, proxy.port())?;
    let folder = Folder::temporary()?;
    let mark = folder.path().join("mark");
    let command = Command::new(["sh", "-c", "touch \"$1\"; sleep 5", "x", &mark.display().to_string()]);
    let cut = async {
        until("the mark", LIMIT, || async { Ok(std::fs::metadata(&mark).map(drop)?) }).await?;
        proxy.close();
        anyhow::Ok(())
    };
    let (broke, cut) = tokio::join!(host.run(&command), cut);
    cut?;
    assert!(matches!(&broke, Err(error @ HostError::Broke(_)) if error.passes()), "{broke:?}");
    sshd.kill()?;
    let host = ssh(&sshd, sshd.port())?;
    let away = host.run(&touch).await;
    assert!(matches!(&away, Err(error @ HostError::Unreachable(_)) if error.passes()), "{away:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_shell_reads_back_every_word(words in proptest::collection::vec("[^\0]{0,20}|['\"\\\\$`! \n\t;&|]{0,12}", 0..6)) {
        let line = format!("printf '%s\\0' x {}", quote::line(words.iter().map(String::as_str)));
        let out = std::process::Command::new("sh").arg("-c").arg(line).output().unwrap();
        let told: Vec<String> =
            String::from_utf8(out.stdout).unwrap().split_terminator('\0').skip(1).map(str::to_owned).collect();
        prop_assert_eq!(told, words);
    }
}
