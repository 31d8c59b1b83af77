//! Servers on hosts: made, started, copied, kept and restored, with the real programs.

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Utc};
use dbdesk_account::{DatabaseName, desk::Named};
use dbdesk_cluster::step::{CopyBy, InstanceSpec};
use dbdesk_components::{
    host::{Local, Ssh, SshAccess},
    instance::{
        Account, Accounts, InstanceError, Login, Place, Restore, Role,
        backup::{BackupPlace, Taking, list, prune, take, verify},
        bring_back, checksum, configure, copy_data, make, position, remove, restore_table, running,
        set_aside, set_position, start, stop, what,
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
    // Nobody pulls the plug in the middle of a test.
    let fast =
        [("innodb_flush_method", "nosync"), ("innodb_flush_log_at_trx_commit", "2"), ("sync_binlog", "0")];
    let parameters = [small, ("max_connections", "50")].into_iter().chain(fast);
    InstanceSpec {
        flavour: flavour.into(),
        server_id: place.port.into(),
        buffer_pool_mb: 32,
        parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
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

#[tokio::test]
async fn a_copy_of_a_server_that_is_written_to_follows_it_and_misses_nothing() -> Result<()> {
    let mut machine = Machine::mariadb()?;
    // The second server is reached as another machine would be.
    let sshd = lab::Sshd::start().await?;
    let access = SshAccess {
        address: "127.0.0.1".into(),
        port: sshd.port(),
        user: sshd.user().into(),
        key_file: sshd.key_file(),
        known_hosts_file: sshd.known_hosts_file(),
        folder: sshd.client_folder(),
    };
    let there: &'static Ssh = Box::leak(Box::new(Ssh::new("there", &access)?));
    copies(&mut machine, "mariadb-10.11", Some(there), [CopyBy::Dump, CopyBy::MariadbBackup]).await
}

#[tokio::test]
async fn a_copy_of_a_mysql_that_is_written_to_follows_it_and_misses_nothing() -> Result<()> {
    let mut machine = Machine::mysql().await?;
    copies(&mut machine, "mysql-9.7", None, [CopyBy::Dump, CopyBy::Clone]).await
}

/// A primary, a replica made of it in the one way, and one made of that replica in the other.
async fn copies(
    machine: &mut Machine,
    flavour: &str,
    there: Option<&'static Ssh>,
    ways: [CopyBy; 2],
) -> Result<()> {
    let primary = machine.place()?;
    made_and_started(&primary, flavour, "T-1").await?;
    let sql_of = async |place: &Place<'_>, text: &str| sql(place, flavour, text).await;
    sql_of(&primary, "SET GLOBAL read_only = OFF; CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, v VARCHAR(40)) ").await?;
    let writer = Writer::start(&primary);
    let mut from = primary.clone();
    let mut replicas = Vec::new();
    for way in ways {
        let mut to = machine.place()?;
        if let (Some(there), true) = (there, replicas.is_empty()) {
            to.host = there;
        }
        make(&to, &spec(flavour, &to), "T-2", &Accounts::default()).await?;
        let replication = login("dbdesk_replication");
        assert_eq!(position(&to).await?, None);
        let first = copy_data(&from, &to, way, Some(&replication)).await?;
        // One that is not known to have come to its end is made again, and reaches further.
        let again = way == CopyBy::MariadbBackup;
        let copied = if again { copy_data(&from, &to, way, Some(&replication)).await? } else { first };
        assert_eq!(position(&to).await?.as_ref(), Some(&copied));
        assert_eq!(running(&to).await?, None);
        start(&to).await?;
        for _ in 0..2 {
            assert!(set_position(&to).await?.is_set);
        }
        follow(&to, flavour, &primary).await?;
        assert_eq!(copy_data(&from, &to, way, Some(&replication)).await, Err(InstanceError::Runs));
        if way == CopyBy::MariadbBackup {
            // It is somebody's now.
            stop(&to, GRACE).await?;
            let occupied = copy_data(&from, &to, way, Some(&replication)).await;
            assert!(matches!(occupied, Err(InstanceError::Occupied(_))), "{occupied:?}");
            start(&to).await?;
        }
        from = to.clone();
        replicas.push(to);
    }
    let written = writer.stop().await?;
    assert!(written > 10, "{written} rows were written meanwhile");
    let ask =
        "SELECT COUNT(*), MIN(id), MAX(id), SUM(id) FROM shop.orders; CHECKSUM TABLE shop.orders EXTENDED";
    let truth = sql_of(&primary, ask).await?;
    assert!(truth.starts_with(&format!("{written}\t1\t{written}\t")), "{truth}");
    for replica in &replicas {
        until("the replica to have all", LIMIT, || async {
            let seen = sql_of(replica, ask).await?;
            ensure!(seen == truth, "{seen}, not {truth}: {}", sql_of(replica, status(flavour)).await?);
            Ok(())
        })
        .await?;
        // The desk's accounts came with the data, and its root is still nobody of the network.
        let users = sql_of(replica, "SELECT COUNT(*) FROM mysql.user WHERE user LIKE 'dbdesk\\_%'").await?;
        assert_eq!(users, "5");
    }
    if there.is_some() {
        differs(&primary, &replicas, flavour, written).await?;
    }
    for replica in &replicas {
        stop(replica, GRACE).await?;
    }
    stop(&primary, GRACE).await.map_err(Into::into)
}

/// What is changed on a replica alone is found, there and nowhere else.
async fn differs(primary: &Place<'_>, replicas: &[Place<'_>], flavour: &str, rows: u32) -> Result<()> {
    let databases = ["shop".to_owned()];
    let review = login("dbdesk_review");
    let compared = checksum(primary, replicas, &databases, &review).await?;
    assert_eq!(
        (compared.tables, compared.rows, &*compared.differences),
        (1, rows.into(), &[][..]),
        "{compared:?}"
    );
    sql(&replicas[1], flavour, "SET sql_log_bin = 0; UPDATE shop.orders SET v = '' WHERE id = 7").await?;
    sql(&replicas[0], flavour, "SET sql_log_bin = 0; DELETE FROM shop.orders WHERE id IN (3, 4)").await?;
    let compared = checksum(primary, replicas, &databases, &review).await?;
    let found: Vec<_> =
        compared.differences.iter().map(|one| (&*one.replica, &*one.table, one.rows)).collect();
    let (first, second) =
        (format!("127.0.0.1:{}", replicas[0].port), format!("127.0.0.1:{}", replicas[1].port));
    assert_eq!(found, [(&*first, "orders", 2), (&*second, "orders", 0)]);
    assert!(!Path::new(&primary.folder).join("checksum.cnf").exists());
    let refused = checksum(primary, replicas, &databases, &login("dbdesk_nobody")).await;
    assert!(matches!(refused, Err(InstanceError::Host(..))), "{refused:?}");
    Ok(())
}

async fn made_and_started(place: &Place<'_>, flavour: &str, by: &str) -> Result<()> {
    make(place, &spec(flavour, place), by, &accounts()).await?;
    Ok(start(place).await?)
}

fn status(flavour: &str) -> &'static str {
    if flavour.starts_with("mariadb") { "SHOW SLAVE STATUS" } else { "SHOW REPLICA STATUS" }
}

async fn follow(to: &Place<'_>, flavour: &str, source: &Place<'_>) -> Result<()> {
    let port = source.port;
    let follow = if flavour.starts_with("mariadb") {
        format!(
            "CHANGE MASTER TO master_host = '127.0.0.1', master_port = {port}, master_user = 'dbdesk_replication', \
             master_password = '{PASSWORD}', master_use_gtid = slave_pos; START SLAVE"
        )
    } else {
        format!(
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = {port}, \
             SOURCE_USER = 'dbdesk_replication', SOURCE_PASSWORD = '{PASSWORD}', SOURCE_AUTO_POSITION = 1, \
             GET_SOURCE_PUBLIC_KEY = 1; START REPLICA"
        )
    };
    sql(to, flavour, &follow).await?;
    until("the replica to follow", LIMIT, || async {
        let seen = sql(to, flavour, status(flavour)).await?;
        ensure!(seen.matches("Yes").count() >= 2, "{seen}");
        Ok(())
    })
    .await
}

/// Writes row after row until it is stopped.
struct Writer {
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Result<u32>>,
}

impl Writer {
    fn start(place: &Place<'_>) -> Self {
        use sqlx::{ConnectOptions as _, mysql::MySqlConnectOptions};
        let options = MySqlConnectOptions::new()
            .host("127.0.0.1")
            .port(place.port)
            .username("dbdesk_run")
            .password(PASSWORD);
        let (stop, mut stopped) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            let mut connection = options.connect().await?;
            let mut written = 0;
            while stopped.try_recv().is_err() {
                written += 1;
                let insert = format!("INSERT INTO shop.orders VALUES ({written}, UUID())");
                sqlx::raw_sql(sqlx::AssertSqlSafe(insert)).execute(&mut connection).await?;
            }
            Ok(written)
        });
        Self { stop, task }
    }

    /// How many rows it wrote.
    async fn stop(self) -> Result<u32> {
        // One that failed has let go of its end already.
        let _ = self.stop.send(());
        self.task.await?
    }
}

#[tokio::test]
async fn a_backup_is_taken_verified_and_restored_to_a_moment() -> Result<()> {
    let mut machine = Machine::mariadb()?;
    kept(&mut machine, "mariadb-10.11").await
}

#[tokio::test]
async fn a_backup_of_a_mysql_is_taken_verified_and_restored_to_a_moment() -> Result<()> {
    let mut machine = Machine::mysql().await?;
    kept(&mut machine, "mysql-9.7").await
}

async fn kept(machine: &mut Machine, flavour: &str) -> Result<()> {
    let (place, scratch) = (machine.place()?, machine.place()?);
    made_and_started(&place, flavour, "T-1").await?;
    let by_hand = async |text: &str| sql(&place, flavour, text).await;
    by_hand(
        "SET GLOBAL read_only = OFF; CREATE DATABASE shop; USE shop; \
         CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20)); \
         CREATE TABLE orders (id INT PRIMARY KEY, customer INT, v VARCHAR(20), FOREIGN KEY (customer) REFERENCES customers (id)); \
         CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.v = UPPER(NEW.v); \
         INSERT INTO customers VALUES (1, 'Ann'), (2, '安'); INSERT INTO orders VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')",
    )
    .await?;
    let target =
        BackupPlace { host: place.host, folder: format!("{}/backups", machine.folder.path().display()) };
    assert_eq!(list(&target).await?, []);
    let now = DateTime::from_timestamp(now_s()?, 0).context("a time")?;
    let taking = Taking { id: "shop-1".into(), of: "shop".into(), by: "T-5".into(), at: now };
    let backup = take(&place, &target, &taking).await?;
    assert_eq!(take(&place, &target, &taking).await?, backup, "it is taken once");
    assert_eq!(list(&target).await?, std::slice::from_ref(&backup));
    assert_eq!((&*backup.databases, backup.verified_at), (&["shop".to_owned()][..], None));
    assert!(!backup.position.is_empty() && backup.binlog.is_some(), "{backup:?}");
    let path = |ending: &str| format!("{}/shop-1{ending}", target.folder);
    let file = path(if flavour.starts_with("mariadb") { ".xb.gz" } else { ".sql.gz" });
    assert_eq!(std::fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);

    // What came later, what was a mistake, and what was done after the mistake.
    by_hand("INSERT INTO shop.orders VALUES (4, 2, 'd'); ALTER TABLE shop.orders ADD COLUMN w INT DEFAULT 7")
        .await?;
    let until = until_next_second(&place, flavour).await?;
    by_hand("DELETE FROM shop.orders").await?;

    let restore_orders = Restore {
        database: "shop".into(),
        table: "orders".into(),
        becomes: "orders_restored_1".into(),
        until,
        by: "T-6".into(),
    };
    let refused = restore_table(&target, "shop-1", &place, &scratch, &restore_orders).await;
    assert!(matches!(refused, Err(InstanceError::Unusable(_))), "it was not verified: {refused:?}");

    // What is not what it was is found: its bytes, and what it restores to.
    let bytes = std::fs::read(&file)?;
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    std::fs::write(&file, &damaged)?;
    let found = verify(&target, "shop-1", &scratch, now).await;
    assert!(matches!(found, Err(InstanceError::Damaged(_))), "{found:?}");
    std::fs::write(&file, &bytes)?;
    if flavour.starts_with("mariadb") {
        let content = std::fs::read_to_string(path(".content"))?;
        std::fs::write(path(".content"), content.replace("\"customers\"", "\"customer\""))?;
        let found = verify(&target, "shop-1", &scratch, now).await;
        assert!(
            matches!(&found, Err(InstanceError::Damaged(what)) if what.contains("shop.customer")),
            "{found:?}"
        );
        assert!(!Path::new(&scratch.folder).exists(), "its server is gone");
        std::fs::write(path(".content"), content)?;
    }
    let found = verify(&target, "shop-1", &scratch, now).await?;
    assert_eq!((found.tables, found.compared), (2, 2));
    assert_eq!(list(&target).await?[0].verified_at, Some(now));

    // The table as it was before the mistake, beside the one that is there.
    for _ in 0..2 {
        assert_eq!(restore_table(&target, "shop-1", &place, &scratch, &restore_orders).await?, 4);
    }
    let rows =
        by_hand("SELECT * FROM shop.orders_restored_1 ORDER BY id; SELECT COUNT(*) FROM shop.orders").await?;
    assert_eq!(rows, "1\t1\tA\t7\n2\t1\tB\t7\n3\t2\tC\t7\n4\t2\tD\t7\n0");
    let taken = Restore { becomes: "customers".into(), ..restore_orders.clone() };
    let refused = restore_table(&target, "shop-1", &place, &scratch, &taken).await;
    assert_eq!(refused, Err(InstanceError::Exists("customers".into())));
    assert!(!Path::new(&scratch.folder).exists());

    // The last one is never removed, and of others' nothing is.
    assert_eq!(prune(&target, "shop", (0, 0), now).await?, [""; 0]);
    let younger = Taking { id: "shop-2".into(), at: now + chrono::TimeDelta::hours(1), ..taking };
    take(&place, &target, &younger).await?;
    assert_eq!(prune(&target, "other", (1, 0), younger.at).await?, [""; 0]);
    assert_eq!(
        prune(&target, "shop", (1, 0), younger.at).await?,
        [""; 0],
        "the newest that is verified is kept"
    );
    stop(&place, GRACE).await?;
    Ok(())
}

/// Seconds since 1970, as the servers here count them.
fn now_s() -> Result<i64> {
    let now = Command::new("date").arg("+%s").output()?.stdout;
    Ok(String::from_utf8(now)?.trim().parse()?)
}

/// Binary logs count in seconds: what is done from now on is done in another one than what was done before.
async fn until_next_second(place: &Place<'_>, flavour: &str) -> Result<DateTime<Utc>> {
    let now = sql(place, flavour, "SELECT UNIX_TIMESTAMP()").await?.parse::<i64>()?;
    until("the next second", LIMIT, || async {
        let later = sql(place, flavour, "SELECT UNIX_TIMESTAMP()").await?.parse::<i64>()?;
        ensure!(later > now, "{later}");
        DateTime::from_timestamp(later, 0).context("a time")
    })
    .await
}

#[tokio::test]
async fn what_broke_off_anywhere_is_done_when_it_is_asked_for_again() -> Result<()> {
    let mut machine = Machine::mariadb()?;
    let flavour = "mariadb-10.11";
    let source = machine.place()?;
    made_and_started(&source, flavour, "T-1").await?;
    sql(
        &source,
        flavour,
        "SET GLOBAL read_only = OFF; CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)",
    )
    .await?;
    sql(&source, flavour, "INSERT INTO shop.t SELECT seq FROM shop.seq_1_to_1000").await?;
    let mut copy = machine.place()?;
    // In a network of its own, where the machine allows it.
    let network = lab::Network::start(1)?;
    if let Some(network) = &network {
        copy.host = Box::leak(Box::new(Local::in_namespace(network.host(0))));
        copy.address = "10.77.0.1".into();
    }
    let spec = spec(flavour, &copy);
    broken_off(async || make(&copy, &spec, "T-2", &Accounts::default()).await.map(drop)).await?;
    broken_off(async || copy_data(&source, &copy, CopyBy::MariadbBackup, None).await.map(drop)).await?;
    broken_off(async || start(&copy).await).await?;
    broken_off(async || set_position(&copy).await.map(drop)).await?;
    let position = position(&copy).await?.context("a position")?;
    assert_eq!(
        sql(&copy, flavour, "SELECT @@gtid_slave_pos, @@read_only").await?,
        format!("{}\t1", position.gtid)
    );
    assert_eq!(sql(&copy, flavour, "SELECT COUNT(*) FROM shop.t").await?, "1000");
    broken_off(async || stop(&copy, GRACE).await).await?;
    broken_off(async || set_aside(&copy, "T-3").await.map(drop)).await?;
    broken_off(async || bring_back(&copy, "T-3").await).await?;
    broken_off(async || remove(&copy, "T-2").await).await?;
    assert!(!Path::new(&copy.folder).exists());
    stop(&source, GRACE).await?;
    Ok(())
}

/// Breaks it off sooner and later, until there is time enough for it.
async fn broken_off(mut work: impl AsyncFnMut() -> Result<(), InstanceError>) -> Result<()> {
    let mut patience = Duration::from_millis(15);
    while patience < LIMIT {
        if let Ok(done) = tokio::time::timeout(patience, work()).await {
            return Ok(done?);
        }
        patience = patience * 5 / 3;
    }
    anyhow::bail!("it does not end")
}
