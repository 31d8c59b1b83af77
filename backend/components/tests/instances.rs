//! Servers on hosts: made, started, copied, kept and restored, with the real programs.

use anyhow::{Context as _, Result, ensure};
use dbdesk_account::{DatabaseName, desk::Named};
use dbdesk_cluster::step::{CopyBy, InstanceSpec};
use dbdesk_components::{
    host::{Local, file, process},
    instance::{
        Account, Accounts, InstanceError, Login, Place, Role, bring_back, configure, copy_data, make,
        position, remove, running, set_aside, set_position, start, stop, what,
    },
};
use lab::{Folder, Port, until};
use std::{
    collections::BTreeMap, os::unix::fs::PermissionsExt as _, path::Path, process::Command, time::Duration,
};

const GRACE: Duration = Duration::from_secs(30);
const LIMIT: Duration = Duration::from_secs(30);
const PASSWORD: &str = "a-password-of-the-test";

/// A machine's folder for servers, and this machine.
struct Machine {
    folder: Folder,
    host: Local,
    user: &'static str,
    ports: Vec<Port>,
}

impl Machine {
    /// With `MariaDB` from the path; its servers run as `mysql`, where we may start them so.
    fn mariadb() -> Result<Self> {
        let user = if rustix::process::geteuid().is_root() { "mysql" } else { "" };
        Self::of(user)
    }

    /// With `MySQL` from the lab's cache, which only whoever runs the test may read.
    async fn mysql() -> Result<Self> {
        let machine = Self::of("")?;
        let tool = lab::MySql::online_tool().await?;
        let usr = tool.parent().and_then(Path::parent).context("the folder of MySQL")?;
        std::fs::create_dir(machine.folder.path().join("programs"))?;
        std::os::unix::fs::symlink(usr, machine.folder.path().join("programs/mysql-9.7"))?;
        Ok(machine)
    }

    fn of(user: &'static str) -> Result<Self> {
        let folder = Folder::temporary()?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let me =
            if rustix::process::geteuid().is_root() { "root" } else { Box::leak(whoami()?.into_boxed_str()) };
        let user = if user.is_empty() { me } else { user };
        Ok(Self { folder, host: Local::new("here"), user, ports: Vec::new() })
    }

    fn place(&mut self) -> Result<Place<'static>> {
        let port = Port::free()?;
        let number = port.number();
        self.ports.push(port);
        let folder = format!("{}/{number}", self.folder.path().display());
        // A test's machine lives as long as its test.
        let host: &'static Local = Box::leak(Box::new(self.host.clone()));
        Ok(Place { host, folder, address: "127.0.0.1".into(), port: number, user: self.user.into() })
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // What a failed test left running.
        let entries = std::fs::read_dir(self.folder.path()).into_iter().flatten().flatten();
        for entry in entries {
            let record = std::fs::read_to_string(entry.path().join("process")).unwrap_or_default();
            let pid = record.split(' ').next().and_then(|pid| pid.parse().ok());
            if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
                let of_ours = std::fs::read_to_string(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
                if of_ours.is_ok_and(|line| line.contains(&*entry.path().to_string_lossy())) {
                    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
                }
            }
        }
    }
}

fn whoami() -> Result<String> {
    Ok(String::from_utf8(Command::new("id").arg("-un").output()?.stdout)?.trim().to_owned())
}

fn spec(flavour: &str, place: &Place<'_>) -> InstanceSpec {
    let small = if flavour.starts_with("mariadb") {
        ("innodb_log_file_size", "16M")
    } else {
        ("innodb_redo_log_capacity", "16M")
    };
    InstanceSpec {
        flavour: flavour.into(),
        server_id: place.port.into(),
        buffer_pool_mb: 32,
        parameters: BTreeMap::from([
            (small.0.to_owned(), small.1.to_owned()),
            ("max_connections".to_owned(), "50".to_owned()),
        ]),
    }
}

fn accounts() -> Accounts {
    let roles = [
        (Role::Review, "dbdesk_review"),
        (Role::Run, "dbdesk_run"),
        (Role::Account, "dbdesk_account"),
        (Role::Cluster, "dbdesk_cluster"),
        (Role::Replication, "dbdesk_replication"),
    ];
    let account = |(role, user): (Role, &str)| Account { login: login(user), role };
    Accounts {
        all: roles.into_iter().map(account).collect(),
        databases: vec![Named::One(DatabaseName::parse("shop").expect("a name"))],
    }
}

fn login(user: &str) -> Login {
    Login { user: user.into(), password: PASSWORD.into() }
}

/// As `root`, by the socket: what a test does by hand.
async fn sql(place: &Place<'_>, flavour: &str, sql: &str) -> Result<String> {
    let programs = Path::new(&place.folder).with_file_name("programs");
    let client = match flavour {
        "mysql-9.7" => programs.join(flavour).join("bin/mysql"),
        _ => "mariadb".into(),
    };
    let mut command = tokio::process::Command::new(client);
    command.args(["--no-defaults", "--batch", "--skip-column-names", "--user=root", "-e", sql]);
    command.arg(format!("--socket={}/run/mysql.sock", place.folder)).kill_on_drop(true);
    let out = command.output().await?;
    ensure!(out.status.success(), "{sql}: {}", String::from_utf8_lossy(&out.stderr));
    Ok(String::from_utf8(out.stdout)?.trim_end().to_owned())
}

#[tokio::test]
async fn a_server_is_made_run_changed_and_removed() -> Result<()> {
    let mut machine = Machine::mariadb()?;
    lives(&mut machine, "mariadb-10.11").await
}

#[tokio::test]
async fn a_mysql_is_made_run_changed_and_removed() -> Result<()> {
    let mut machine = Machine::mysql().await?;
    lives(&mut machine, "mysql-9.7").await
}

async fn lives(machine: &mut Machine, flavour: &str) -> Result<()> {
    let place = machine.place()?;
    let (spec, accounts) = (spec(flavour, &place), accounts());
    // What stands in the way.
    let other =
        InstanceSpec { flavour: flavour.replace("10.11", "10.6").replace("9.7", "8.4"), ..spec.clone() };
    let refused = make(&place, &other, "T-1", &accounts).await;
    assert!(matches!(refused, Err(InstanceError::WrongVersion { .. })), "{refused:?}");
    let taken = std::net::TcpListener::bind(("127.0.0.1", place.port))?;
    assert_eq!(make(&place, &spec, "T-1", &accounts).await, Err(InstanceError::PortTaken(place.port)));
    drop(taken);
    std::fs::create_dir(&place.folder)?;
    let theirs = InstanceError::SomebodyElses { folder: place.folder.clone(), by: None };
    assert_eq!(make(&place, &spec, "T-1", &accounts).await, Err(theirs));
    std::fs::remove_dir(&place.folder)?;

    // Made, and made again to the same end; not by somebody else.
    let made = make(&place, &spec, "T-1", &accounts).await?;
    assert_eq!(make(&place, &spec, "T-1", &accounts).await?, made);
    let theirs = InstanceError::SomebodyElses { folder: place.folder.clone(), by: Some("T-1".into()) };
    assert_eq!(make(&place, &spec, "T-2", &accounts).await, Err(theirs.clone()));
    // One that broke off behind its data is made to its end.
    let marker = format!("{}/instance.json", place.folder);
    std::fs::write(&marker, std::fs::read_to_string(&marker)?.replace("\"made\"", "\"begun\""))?;
    assert_eq!(start(&place).await, Err(InstanceError::NotMade(place.folder.clone())));
    assert_eq!(make(&place, &spec, "T-1", &accounts).await?, made);

    start(&place).await?;
    let process = running(&place).await?.context("it runs")?;
    start(&place).await?;
    assert_eq!(running(&place).await?.as_ref(), Some(&process), "it runs once");
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid))?;
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next());
    let id = Command::new("id").args(["-u", machine.user]).output()?.stdout;
    assert_eq!(uid, Some(std::str::from_utf8(&id)?.trim()), "whose it is");
    reads_only_and_lets_nobody_in(&place, flavour).await?;

    // No secret stays in its folder.
    let grep = Command::new("grep").args(["-r", "-l", PASSWORD, &place.folder]).output()?;
    assert_eq!(String::from_utf8(grep.stdout)?, "");

    // A parameter that is set at once, one for the next start, and one that is not for tickets.
    let becomes = BTreeMap::from([
        ("max_connections".to_owned(), Some("60".to_owned())),
        ("back_log".to_owned(), Some("55".to_owned())),
    ]);
    assert_eq!(configure(&place, &becomes).await?, ["back_log"]);
    assert_eq!(configure(&place, &becomes).await?, ["back_log"]);
    let ask = "SELECT @@max_connections, @@back_log";
    assert!(sql(&place, flavour, ask).await?.starts_with("60\t"));
    let refused = configure(&place, &BTreeMap::from([("datadir".to_owned(), None)])).await;
    assert!(matches!(refused, Err(InstanceError::Unusable(_))), "{refused:?}");
    let nonsense = BTreeMap::from([("max_connections".to_owned(), Some("many".to_owned()))]);
    assert!(matches!(configure(&place, &nonsense).await, Err(InstanceError::Server { .. })));
    for _ in 0..2 {
        stop(&place, GRACE).await?;
        assert_eq!(running(&place).await?, None);
    }
    start(&place).await?;
    assert_eq!(sql(&place, flavour, ask).await?, "60\t55");

    let seen = what(&place).await?.context("an instance")?;
    assert_eq!(seen.made.spec.parameters.get("back_log").map(String::as_str), Some("55"));
    assert!(seen.bytes > 1 << 20 && seen.free_bytes > 0 && seen.running.is_some(), "{seen:?}");
    assert!(seen.version.starts_with(flavour.split_once('-').context("a version")?.1), "{}", seen.version);

    // Moved aside, back, and removed: not while it runs, and not by somebody else.
    assert_eq!(remove(&place, "T-1").await, Err(InstanceError::Runs));
    assert_eq!(set_aside(&place, "T-3").await, Err(InstanceError::Runs));
    stop(&place, GRACE).await?;
    let aside = set_aside(&place, "T-3").await?;
    assert_eq!(set_aside(&place, "T-3").await?, aside);
    assert_eq!(what(&place).await?, None);
    for _ in 0..2 {
        bring_back(&place, "T-3").await?;
    }
    start(&place).await?;
    stop(&place, GRACE).await?;
    assert_eq!(remove(&place, "T-2").await, Err(theirs));
    for _ in 0..2 {
        remove(&place, "T-1").await?;
        assert!(!Path::new(&place.folder).exists());
    }
    Ok(())
}

/// Least privilege: who comes over the network may what his role says, and writes nothing where nothing is to be written.
async fn reads_only_and_lets_nobody_in(place: &Place<'_>, flavour: &str) -> Result<()> {
    use sqlx::{ConnectOptions as _, mysql::MySqlConnectOptions};
    let as_user = |user: &str, password: &str| {
        MySqlConnectOptions::new().host("127.0.0.1").port(place.port).username(user).password(password)
    };
    assert!(as_user("root", "").connect().await.is_err(), "root has the socket alone");
    let mut run = as_user("dbdesk_run", PASSWORD).connect().await?;
    let refused = sqlx::raw_sql("CREATE DATABASE shop").execute(&mut run).await.expect_err("it is read-only");
    assert!(
        refused.to_string().contains("read-only") || refused.to_string().contains("read only"),
        "{refused}"
    );
    let mut cluster = as_user("dbdesk_cluster", PASSWORD).connect().await?;
    sqlx::raw_sql("SET GLOBAL read_only = OFF").execute(&mut cluster).await?;
    sqlx::raw_sql("CREATE DATABASE shop").execute(&mut run).await?;
    assert!(sqlx::raw_sql("CREATE DATABASE other").execute(&mut run).await.is_err(), "not its database");
    let semi_sync = if flavour.starts_with("mariadb") {
        "rpl_semi_sync_master_enabled"
    } else {
        "rpl_semi_sync_source_enabled"
    };
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("SET GLOBAL {semi_sync} = ON"))).execute(&mut cluster).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("SET GLOBAL {semi_sync} = OFF"))).execute(&mut cluster).await?;
    sqlx::raw_sql("DROP DATABASE shop").execute(&mut run).await?;
    Ok(())
}
