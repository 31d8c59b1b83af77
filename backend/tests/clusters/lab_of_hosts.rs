//! Six hosts with nothing on them, a name server, and the desk.

use crate::{
    desk::{Desk, Wanted, now},
    parts::Engine,
};
use anyhow::{Context as _, Result, bail, ensure};
use chrono::{DateTime, Utc};
use dbdesk_cluster::{
    Ask, Workflow,
    build::{BuildRequest, Known, Planned, Taken, planned},
    package::Package,
};
use dbdesk_cmdb::{GroupId, Host, Reach, ServiceGroup};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::{
        cluster::{BuildDatabase, BuildHost, BuildName, BuildProxy, BuildPurpose, BuildVip},
        group::InstanceRole,
        task::TaskKind,
    },
};
use dbdesk_store::{
    begin,
    cluster_backup::{self, BackupRow},
    group_history::Change,
    revision::Effect,
    service_group::{self, GroupRow},
    ticket,
};
use hickory_proto::{
    op::{Message, Query},
    rr::{Name, RData, RecordType},
};
use lab::{Network, PowerDns, Process, Redis, Server};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, mysql::MySqlConnectOptions};
use std::{os::unix::process::ExitStatusExt as _, path::Path, time::Duration};
use tokio::{net::UdpSocket, time::timeout};

pub const LIMIT: Duration = Duration::from_mins(1);
/// The last part of the virtual IP.
pub const VIP: u8 = 100;
pub const NAME: &str = "orders.db.example.com";
pub const READ_NAME: &str = "orders-ro.db.example.com";
const HOSTS: u8 = 6;
const SECRET: &str = "of-the-lab-of-hosts";

pub struct Lab {
    pub network: Network,
    pub dns: PowerDns,
    engine: Engine,
    pub hosts: Vec<Host>,
    monitoring: tempfile::TempDir,
    base: tempfile::TempDir,
}

impl Lab {
    /// Nothing, where namespaces are known to be forbidden.
    pub async fn start() -> Result<Option<Self>> {
        let Some(network) = Network::joined(HOSTS)? else { return Ok(None) };
        let base = tempfile::Builder::new().prefix("lab").tempdir()?;
        let monitoring = tempfile::tempdir()?;
        let user = lab::current_user()?;
        let hosts: Vec<Host> = (1..=HOSTS)
            .map(|number| Host {
                name: format!("host-{number}"),
                address: network.address(number),
                reach: Reach::Namespace { namespace: network.host(usize::from(number) - 1).to_owned() },
                folder: base.path().join(format!("h{number}")).display().to_string(),
                user: user.clone(),
                memory_mb: Some(2_048),
                labels: Vec::new(),
            })
            .collect();
        let (dns, desk, redis) = tokio::try_join!(PowerDns::start(), Desk::start(), Redis::start())?;
        let mut engine = Engine::of(desk, redis, (8, 4))?;
        engine.configured(format!(
            "[cluster]\nfile_sd_dir = \"{}\"\n[cluster.zone.\"{}\"]\nendpoint = \"{}\"\nsecret_key_file = \"{}\"\n",
            monitoring.path().display(),
            PowerDns::ZONE,
            dns.endpoint(),
            dns.api_key_file().display(),
        ))?;
        let mut tx = begin(&engine.desk.pool).await?;
        for host in &hosts {
            dbdesk_store::host::put(&mut tx, host, &Change::first("a story"), now()).await?;
        }
        tx.commit().await?;
        Ok(Some(Self { network, dns, engine, hosts, monitoring, base }))
    }

    /// Package A on these hosts: three servers, and two proxies with a virtual IP.
    pub fn planned(&self, name: &str) -> Result<Planned> {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../packages/a.toml"))?;
        let package = Package::parse("a", &text).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
        let server = |host: &str, role| BuildHost { host: host.to_owned(), role, port: None };
        let proxy = |host: &str| BuildProxy { host: host.to_owned(), write_port: None, read_port: None };
        let dns = |name: &str, purpose| BuildName { name: name.to_owned(), zone: None, purpose, ttl_s: None };
        let request = BuildRequest {
            name: name.to_owned(),
            environment: "production".to_owned(),
            reason: "a story".to_owned(),
            package: "a".to_owned(),
            hosts: vec![
                server("host-1", InstanceRole::Primary),
                server("host-2", InstanceRole::Replica),
                server("host-3", InstanceRole::Replica),
            ],
            buffer_pool_mb: Some(128),
            proxies: vec![proxy("host-4"), proxy("host-5")],
            vip: Some(BuildVip {
                address: self.network.address(VIP),
                prefix_bits: 24,
                interface: Network::INTERFACE.to_owned(),
            }),
            names: vec![dns(NAME, BuildPurpose::Write), dns(READ_NAME, BuildPurpose::Read)],
            database: Some(BuildDatabase { name: name.to_owned(), charset: None }),
            ..BuildRequest::default()
        };
        let (taken, zones) = (Taken::default(), [PowerDns::ZONE.to_owned()]);
        let known = Known { hosts: &self.hosts, zones: &zones, taken: &taken };
        planned(&request, &package, &known).map_err(|faults| anyhow::anyhow!("{faults:#?}"))
    }

    pub async fn group(&self, name: &str) -> Result<GroupRow> {
        service_group::by_name(&self.engine.desk.pool, name).await?.context("a group")
    }

    /// A ticket for this on a group, which is put into the inventory unless it is there; approved, and due.
    pub async fn asked(&self, group: &ServiceGroup, workflow: Workflow) -> Result<(TicketId, TaskId)> {
        let pool = &self.engine.desk.pool;
        if service_group::by_name(pool, &group.name).await?.is_none() {
            let mut tx = begin(pool).await?;
            service_group::put(&mut tx, group, &Change::first("a story"), now()).await?;
            tx.commit().await?;
        }
        let id = self.group(&group.name).await?.id;
        let ask = Ask::Workflow(Box::new(workflow));
        let effect =
            Effect { kind: TaskKind::Cluster, touches: Some([].into()), repeatable: true, script: None };
        let (ticket, task) =
            self.engine.desk.wanted(&Wanted { sql: &ask.text(), effect, ..Wanted::default() }).await?;
        for (sql, of) in [
            ("UPDATE ticket SET service_group_id = ? WHERE id = ?", ticket.0),
            ("UPDATE task SET service_group_id = ? WHERE id = ?", task.0),
        ] {
            sqlx::query(sql).bind(id.0).bind(of).execute(pool).await?;
        }
        sqlx::query("UPDATE ticket_revision SET request = ? WHERE ticket_id = ?")
            .bind(serde_json::to_string(&ask)?)
            .bind(ticket.0)
            .execute(pool)
            .await?;
        sqlx::query("UPDATE task SET total = ? WHERE id = ?")
            .bind(ask.counted())
            .bind(task.0)
            .execute(pool)
            .await?;
        Ok((ticket, task))
    }

    /// By hand, as a file of the inventory that is loaded.
    pub async fn put(&self, group: &ServiceGroup, seen: u64) -> Result<()> {
        let mut tx = begin(&self.engine.desk.pool).await?;
        service_group::put(&mut tx, group, &Change::of(seen, "a story"), now()).await?;
        Ok(tx.commit().await?)
    }

    pub async fn backups(&self, group: GroupId) -> Result<Vec<BackupRow>> {
        Ok(cluster_backup::of_group(&self.engine.desk.pool, group, 10).await?)
    }

    /// The server's time, once its second is over.
    pub async fn later(&self, (host, port): (&str, u16)) -> Result<DateTime<Utc>> {
        let asked = "SELECT CAST(UNIX_TIMESTAMP() AS SIGNED)";
        let was = self.count(host, port, asked).await?;
        lab::until("the next second", LIMIT, || async {
            let is = self.count(host, port, asked).await?;
            ensure!(is > was, "{is}");
            Ok(())
        })
        .await?;
        DateTime::from_timestamp(was + 1, 0).context("a time")
    }

    async fn task(&self, of: TicketId) -> Result<TaskId> {
        let ticket = ticket::get(&self.engine.desk.pool, of).await?.context("a ticket")?;
        ticket.now.task.context("a task")
    }

    /// How many steps are done.
    pub async fn done(&self, of: TicketId) -> Result<usize> {
        let task = self.task(of).await?;
        Ok(self.engine.desk.task(task).await?.done as usize)
    }

    pub async fn story(&self, of: TicketId) -> Result<String> {
        Ok(format!("{}\n{}", self.engine.desk.story(of).await?, self.engine.log()))
    }

    pub fn tells_no_secret(&self, story: &str) -> Result<()> {
        ensure!(!story.contains(SECRET) && !story.contains(self.engine.desk.target.password()), "{story}");
        Ok(())
    }

    /// The process of the ticket's task, told this, until it has ended.
    async fn process(&self, of: TicketId, told: Option<(&str, &str)>) -> Result<std::process::ExitStatus> {
        let task = self.task(of).await?;
        // It waits a while before it is tried again; not here.
        sqlx::query("UPDATE task SET state = 'ready', due_at = UTC_TIMESTAMP(3) WHERE id = ? AND state IN ('waiting', 'ready')")
            .bind(task.0)
            .execute(&self.engine.desk.pool)
            .await?;
        let spec = self.engine.run_of(task)?;
        let spec = ["ACCOUNT", "CLUSTER", "REPLICATION", "REVIEW"].into_iter().fold(spec, |spec, of| {
            spec.env(format!("DBDESK__TARGET__{of}_PASSWORD"), format!("{of}-{SECRET}"))
        });
        let spec = told.into_iter().fold(spec, |spec, (name, value)| spec.env(name, value));
        let mut process = Process::start(spec)?;
        let mut status = None;
        lab::until("the process to end", Duration::from_mins(2), || {
            let ended = process.exited();
            status = ended.as_ref().ok().copied().flatten();
            async move { ended?.context("it runs") }
        })
        .await
        .with_context(|| self.engine.log())?;
        status.context("it has ended")
    }

    /// Whether it died there. Then it is tried again, as control does that.
    pub async fn dies(&self, of: TicketId, at: &str) -> Result<bool> {
        let status = self.process(of, Some(("DBDESK_DIE_AT", at))).await?;
        if status.signal() != Some(9) {
            return Ok(false);
        }
        self.engine.ended_elsewhere(of).await.or_else(|error| {
            // It tries again by itself: the ticket has not ended.
            if format!("{error:#}").contains("ended: []") { Ok(()) } else { Err(error) }
        })?;
        // As often as it takes.
        let task = self.task(of).await?;
        sqlx::query("UPDATE task SET attempt = 1 WHERE id = ?")
            .bind(task.0)
            .execute(&self.engine.desk.pool)
            .await?;
        Ok(true)
    }

    pub async fn runs(&self, of: TicketId) -> Result<()> {
        let status = self.process(of, None).await?;
        ensure!(status.success(), "{status}: {}", self.story(of).await?);
        Ok(())
    }

    /// Its so manyth step fails.
    pub async fn fails_at(&self, of: TicketId, step: usize) -> Result<()> {
        self.process(of, Some(("DBDESK_FAIL_AT", &format!("run.noted:{step}")))).await?;
        self.ends(of, "failed").await
    }

    pub async fn ends(&self, of: TicketId, word: &str) -> Result<()> {
        let state = self.engine.desk.state(of).await?;
        ensure!(state.word() == word, "it is {}: {}", state.word(), self.story(of).await?);
        Ok(())
    }

    /// What the name server says of a name.
    pub async fn resolved(&self, name: &str) -> Result<String> {
        let all = self.addresses(name).await?;
        all.into_iter().next().with_context(|| format!("{name} is not known"))
    }

    async fn addresses(&self, name: &str) -> Result<Vec<String>> {
        let mut question = Message::query();
        question.add_query(Query::query(Name::from_ascii(name)?, RecordType::A));
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.connect(self.dns.dns()).await?;
        socket.send(&question.to_vec()?).await?;
        let mut bytes = [0; 1_500];
        let size = timeout(Duration::from_secs(5), socket.recv(&mut bytes)).await.context("no answer")??;
        let answer = Message::from_vec(&bytes[..size])?;
        let of = |data: &RData| match data {
            RData::A(address) => Some(address.to_string()),
            _ => None,
        };
        Ok(answer.answers.iter().filter_map(|record| of(&record.data)).collect())
    }

    pub fn options(&self, host: &str, port: u16) -> MySqlConnectOptions {
        let password = self.engine.desk.target.password();
        MySqlConnectOptions::new().host(host).port(port).username(Server::USER).password(password)
    }

    pub async fn open(&self, host: &str, port: u16) -> Result<MySqlConnection> {
        Ok(timeout(Duration::from_secs(10), MySqlConnection::connect_with(&self.options(host, port)))
            .await??)
    }

    pub async fn sql(&self, host: &str, port: u16, sql: &str) -> Result<()> {
        let mut connection = self.open(host, port).await?;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
        Ok(())
    }

    pub async fn count(&self, host: &str, port: u16, sql: &str) -> Result<i64> {
        let mut connection = self.open(host, port).await?;
        Ok(sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await?)
    }

    pub async fn numbers(&self, host: &str, port: u16, sql: &str) -> Result<Vec<i64>> {
        let mut connection = self.open(host, port).await?;
        Ok(sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await?)
    }

    pub async fn server_id(&self, host: &str, port: u16) -> Result<i64> {
        self.count(host, port, "SELECT CAST(@@server_id AS SIGNED)").await
    }

    /// There is no server, no proxy, no folder, no address, no name and nothing to look at.
    pub async fn is_empty(&self) -> Result<()> {
        for (host, number) in self.hosts.iter().zip(0..) {
            let left = std::fs::read_dir(&host.folder).into_iter().flatten().flatten();
            let left: Vec<String> = left.map(|entry| entry.file_name().display().to_string()).collect();
            ensure!(left.is_empty(), "{}: {left:?}", host.name);
            let said = self.network.said(number, &["address", "show"])?;
            ensure!(!said.contains(&format!("{}/", self.network.address(VIP))), "{}: {said}", host.name);
            let pids = self.network.processes(number)?;
            ensure!(pids.is_empty(), "{}: {pids:?}", host.name);
        }
        for name in [NAME, READ_NAME] {
            let left = self.addresses(name).await?;
            ensure!(left.is_empty(), "{name}: {left:?}");
        }
        let left: Vec<_> = std::fs::read_dir(self.monitoring.path())?.flatten().collect();
        ensure!(left.is_empty(), "{left:?}");
        if !self.base.path().exists() {
            bail!("the folder of the hosts is gone");
        }
        Ok(())
    }
}
