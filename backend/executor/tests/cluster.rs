//! Servers are brought back to what the inventory says, and the inventory to what they say, on real primaries with replicas.

#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::{Context as _, Result, bail, ensure};
use dbdesk_cluster::ask::Ask;
use dbdesk_cmdb::{
    ServiceGroup,
    drift::{self, Difference, Seen},
};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::{group::InstanceRole, task::TaskKind},
};
use dbdesk_components::mysql::probe;
use dbdesk_executor::{
    pen::Pen,
    process,
    run::{self, Account, Outcome, Settings, Steering},
};
use dbdesk_store::{
    begin,
    group_history::{self, Change},
    revision::Effect,
    service_group::{self, GroupRow},
    task,
};
use dbdesk_ticket::machine::TaskEnd;
use desk::{Desk, Wanted, clock};
use lab::{MariaDb, MySql, Server};
use sqlx::mysql::MySqlConnectOptions;
use std::{ops::DerefMut, sync::Arc, time::Duration};
use tokio::sync::watch;

type Node = Box<dyn DerefMut<Target = Server>>;

const LIMIT: Duration = Duration::from_secs(30);
const USER: &str = "steer";
const PASSWORD: &str = "steer-of-the-lab";

/// What the account that steers needs, as `dbdesk.example.toml` says.
const MARIADB_GRANTS: &str = "CREATE USER steer@'%' IDENTIFIED BY 'steer-of-the-lab'; GRANT READ_ONLY ADMIN, REPLICATION SLAVE ADMIN, \
     REPLICATION MASTER ADMIN, SLAVE MONITOR, BINLOG MONITOR ON *.* TO steer@'%'; CREATE USER repl@'%' IDENTIFIED BY 'repl-of-the-lab'; \
     GRANT REPLICATION SLAVE ON *.* TO repl@'%'";
const MYSQL_GRANTS: &str = "CREATE USER steer@'%' IDENTIFIED BY 'steer-of-the-lab'; GRANT REPLICATION CLIENT ON *.* TO steer@'%'; \
     GRANT SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN, REPLICATION_SLAVE_ADMIN ON *.* TO steer@'%'; \
     CREATE USER repl@'%' IDENTIFIED BY 'repl-of-the-lab'; GRANT REPLICATION SLAVE ON *.* TO repl@'%'";

struct Stage {
    desk: Desk,
    replicas: Vec<Node>,
    is_mariadb: bool,
}

fn follow(is_mariadb: bool, port: u16) -> String {
    if is_mariadb {
        format!(
            "STOP SLAVE; CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={port}, MASTER_USER='repl', MASTER_PASSWORD='repl-of-the-lab', \
             MASTER_USE_GTID=slave_pos; START SLAVE; SET GLOBAL read_only = 1"
        )
    } else {
        format!(
            "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={port}, SOURCE_USER='repl', \
             SOURCE_PASSWORD='repl-of-the-lab', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1; START REPLICA; SET GLOBAL super_read_only = 1"
        )
    }
}

impl Stage {
    /// A primary with two replicas, all of one group.
    async fn on(primary: Node, replicas: Vec<Node>, flavour: &str) -> Result<Self> {
        let is_mariadb = flavour.starts_with("mariadb");
        let desk = Desk::with(Box::new(MariaDb::start().await?), primary).await?;
        desk.target.sql(if is_mariadb { MARIADB_GRANTS } else { MYSQL_GRANTS }).await?;
        let stage = Self { desk, replicas, is_mariadb };
        let port = stage.desk.target.port();
        for replica in &stage.replicas {
            replica.sql(&follow(is_mariadb, port)).await?;
        }
        let GroupRow { mut group, version, .. } = stage.group().await?;
        flavour.clone_into(&mut group.flavour);
        group
            .instances
            .extend(stage.replicas.iter().map(|one| desk::instance(one.port(), InstanceRole::Replica)));
        stage.put(&group, version).await?;
        stage.differs_in(&[]).await?;
        Ok(stage)
    }

    async fn mariadb() -> Result<Self> {
        let (a, b, c) = tokio::try_join!(MariaDb::start(), MariaDb::start(), MariaDb::start())?;
        Self::on(Box::new(a), vec![Box::new(b), Box::new(c)], "mariadb-10.11").await
    }

    async fn mysql() -> Result<Self> {
        let (a, b) = tokio::try_join!(MySql::start(), MySql::start())?;
        // What the lab wrote into each is nothing that one follows of the other.
        for node in [&a, &b] {
            node.sql("RESET BINARY LOGS AND GTIDS").await?;
        }
        Self::on(Box::new(a), vec![Box::new(b)], "mysql-9.7").await
    }

    async fn group(&self) -> Result<GroupRow> {
        service_group::by_id(&self.desk.pool, self.desk.group).await?.context("a group")
    }

    async fn put(&self, group: &ServiceGroup, seen: u64) -> Result<()> {
        let mut tx = begin(&self.desk.pool).await?;
        service_group::put(&mut tx, group, &Change::of(seen, "a test"), desk::now()).await?;
        Ok(tx.commit().await?)
    }

    /// What its servers say now.
    async fn seen(&self) -> Result<Vec<Seen>> {
        let mut all = Vec::new();
        for instance in self.group().await?.group.instances {
            let server = MySqlConnectOptions::new()
                .host(&instance.host)
                .port(instance.port)
                .username(USER)
                .password(PASSWORD);
            let live = probe::instance(&server, Duration::from_secs(5)).await;
            let unreachable = live.as_ref().err().map(ToString::to_string);
            let (host, port) = (instance.host, instance.port);
            all.push(Seen { host, port, live: live.ok(), unreachable, databases: None });
        }
        Ok(all)
    }

    async fn differences(&self) -> Result<Vec<Difference>> {
        Ok(drift::differences(&self.group().await?.group, &self.seen().await?))
    }

    /// Waits until the servers say that they differ in this.
    async fn differs_in(&self, kinds: &[&str]) -> Result<()> {
        lab::until("the differences that a hand made", LIMIT, || async {
            let found = self.differences().await?;
            let names: Vec<String> = found
                .iter()
                .map(|one| Ok(serde_json::to_value(one)?["kind"].as_str().unwrap_or_default().to_owned()))
                .collect::<Result<_>>()?;
            ensure!(
                names == kinds && self.seen().await?.iter().all(|seen| seen.live.is_some()),
                "{found:#?}"
            );
            Ok(())
        })
        .await
    }

    async fn repair(&self) -> Result<Ask> {
        let GroupRow { group, .. } = self.group().await?;
        let found = self.differences().await?;
        let steps = drift::servers_repaired(&group, &found);
        Ok(Ask::RepairServers {
            steps,
            flavour: group.flavour,
            why: found.iter().map(|one| one.said().en.into_owned()).collect(),
        })
    }

    /// A ticket that asks for this, approved and due.
    async fn asked(&self, ask: &Ask) -> Result<(TicketId, TaskId)> {
        let effect =
            Effect { kind: TaskKind::Cluster, touches: Some([].into()), repeatable: true, script: None };
        let (ticket, task) =
            self.desk.wanted(&Wanted { sql: &ask.text(), effect, ..Wanted::default() }).await?;
        sqlx::query("UPDATE ticket_revision SET request = ? WHERE ticket_id = ?")
            .bind(serde_json::to_string(ask)?)
            .bind(ticket.0)
            .execute(&self.desk.pool)
            .await?;
        sqlx::query("UPDATE task SET total = ? WHERE id = ?")
            .bind(ask.counted())
            .bind(task.0)
            .execute(&self.desk.pool)
            .await?;
        Ok((ticket, task))
    }

    async fn runs(&self, task: TaskId) -> Result<Outcome> {
        let state = tempfile::tempdir()?;
        let account = |user: &str, password: &str| Account { user: user.into(), password: password.into() };
        let user = Arc::new(move |_: &str| account(USER, PASSWORD));
        let steering = Steering { user: user.clone(), replication: Some(account("repl", "repl-of-the-lab")) };
        let settings = Settings {
            steering: Some(Arc::new(steering)),
            ..Settings::usual(self.desk.connect.clone(), user, state.path().to_owned())
        };
        let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
        let (_stop, stop) = watch::channel(false);
        let by = process::claimant("here", std::process::id())?;
        Ok(Box::pin(run::run(task, by, pen, settings, clock(), stop)).await?)
    }

    async fn done(&self, ask: &Ask) -> Result<(TicketId, TaskId)> {
        let (ticket, task) = self.asked(ask).await?;
        let outcome = self.runs(task).await?;
        let story = self.desk.story(ticket).await?;
        ensure!(matches!(outcome, Outcome::Ended(TaskEnd::Succeeded)), "{outcome:?}: {story}");
        let row = task::get(&self.desk.pool, task).await?.context("a task")?;
        ensure!(row.done == row.total, "{} of {}: {story}", row.done, row.total);
        ensure!(!story.contains("of-the-lab"), "no password is told: {story}");
        Ok((ticket, task))
    }

    async fn fails(&self, ask: &Ask) -> Result<String> {
        let (ticket, task) = self.asked(ask).await?;
        let outcome = self.runs(task).await?;
        let story = self.desk.story(ticket).await?;
        ensure!(matches!(outcome, Outcome::Ended(TaskEnd::Failed)), "{outcome:?}: {story}");
        Ok(story)
    }

    fn words(&self, mariadb: &'static str, mysql: &'static str) -> &'static str {
        if self.is_mariadb { mariadb } else { mysql }
    }
}

/// By hand a replica takes writes, one follows nobody any more, and the primary takes none.
async fn brought_back(stage: &Stage) -> Result<()> {
    let last = stage.replicas.last().context("a replica")?;
    stage.replicas[0]
        .sql(stage.words("SET GLOBAL read_only = 0; STOP SLAVE", "SET GLOBAL read_only = 0; STOP REPLICA"))
        .await?;
    stage.differs_in(&["writable", "not_replicating"]).await.context("by hand")?;
    let ask = stage.repair().await?;
    let (ticket, task) = stage.done(&ask).await?;
    stage.differs_in(&[]).await?;
    // Done again from its first step, as after a crash: nothing is there to do.
    sqlx::query("UPDATE ticket SET state = 'failed' WHERE id = ?")
        .bind(ticket.0)
        .execute(&stage.desk.pool)
        .await?;
    let again = stage.desk.again(ticket, task).await?;
    ensure!(matches!(stage.runs(again).await?, Outcome::Ended(TaskEnd::Succeeded)));
    last.sql(stage.words("STOP SLAVE; RESET SLAVE ALL", "STOP REPLICA; RESET REPLICA ALL")).await?;
    stage.differs_in(&["follows_nobody"]).await?;
    stage.done(&stage.repair().await?).await?;
    stage.differs_in(&[]).await?;
    stage.desk.target.sql(stage.words("SET GLOBAL read_only = 1", "SET GLOBAL super_read_only = 1")).await?;
    stage.differs_in(&["primary_read_only"]).await?;
    stage.done(&stage.repair().await?).await?;
    stage.differs_in(&[]).await?;
    stage.desk.target.sql("INSERT INTO shop.done (what) VALUES ('after')").await?;
    lab::until("the row to arrive at the last replica", LIMIT, || async {
        let count = last.sql("SELECT COUNT(*) FROM shop.done WHERE what = 'after'").await?;
        ensure!(count.trim() == "1", "{count}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn servers_are_brought_back_to_what_the_inventory_says_on_mariadb() -> Result<()> {
    brought_back(&Stage::mariadb().await?).await
}

#[tokio::test]
async fn servers_are_brought_back_to_what_the_inventory_says_on_mysql() -> Result<()> {
    brought_back(&Stage::mysql().await?).await
}

#[tokio::test]
async fn nobody_is_let_write_while_another_may() -> Result<()> {
    let mut stage = Stage::mariadb().await?;
    stage.desk.target.sql("SET GLOBAL read_only = 1").await?;
    stage.differs_in(&["primary_read_only"]).await?;
    let ask = stage.repair().await?;
    stage.replicas[0].sql("SET GLOBAL read_only = 0").await?;
    let told = stage.fails(&ask).await?;
    ensure!(told.contains("takes writes"), "{told}");
    stage.replicas[0].sql("SET GLOBAL read_only = 1").await?;
    stage.replicas[1].kill()?;
    let told = stage.fails(&ask).await?;
    ensure!(told.contains("can not be asked"), "{told}");
    ensure!(stage.desk.target.sql("SELECT @@global.read_only").await?.trim() == "1", "nothing was done");
    Ok(())
}

#[tokio::test]
async fn the_inventory_follows_a_primary_that_was_moved_by_hand_and_its_history_says_why() -> Result<()> {
    let stage = Stage::mariadb().await?;
    let (old, new) = (stage.desk.target.port(), stage.replicas[0].port());
    stage.desk.target.sql("SET GLOBAL read_only = 1").await?;
    stage.replicas[0].sql("STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0").await?;
    for other in [&stage.desk.target, &stage.replicas[1]] {
        other.sql(&follow(true, new)).await?;
    }
    stage.differs_in(&["moved"]).await?;
    let GroupRow { group, version, .. } = stage.group().await?;
    let becomes = drift::inventory_repaired(&group, &stage.differences().await?).context("a repair")?;
    ensure!(
        drift::servers_repaired(&group, &stage.differences().await?).is_empty(),
        "who is primary is no repair of servers"
    );
    let ask = |seen| Ask::RepairInventory {
        seen,
        was: Box::new(group.clone()),
        becomes: Box::new(becomes.clone()),
        why: vec![],
    };
    let told = stage.fails(&ask(version + 1)).await?;
    ensure!(told.contains("has changed since"), "{told}");
    ensure!(stage.group().await?.version == version, "nothing was done");
    let (ticket, task) = stage.done(&ask(version)).await?;
    let now = stage.group().await?;
    ensure!(now.group.primary().is_some_and(|primary| primary.port == new) && now.version == version + 1);
    stage.differs_in(&[]).await?;
    let history = group_history::page(&stage.desk.pool, stage.desk.group, None, 10).await?;
    ensure!(
        history[0].ticket == Some(ticket) && history[0].why.contains("what the servers say"),
        "{:#?}",
        history[0]
    );
    ensure!(history[1].group.primary().is_some_and(|primary| primary.port == old), "{:#?}", history[1]);
    let Some(before) = group_history::as_of(&stage.desk.pool, stage.desk.group, history[1].at).await? else {
        bail!("no version")
    };
    ensure!(before.version == version + 1 || before.version == version, "{before:#?}");
    // Done again as after a crash between the write and its end: it is so already.
    sqlx::query("UPDATE ticket SET state = 'failed' WHERE id = ?")
        .bind(ticket.0)
        .execute(&stage.desk.pool)
        .await?;
    let again = stage.desk.again(ticket, task).await?;
    ensure!(matches!(stage.runs(again).await?, Outcome::Ended(TaskEnd::Succeeded)));
    ensure!(stage.group().await?.version == version + 1, "once");
    Ok(())
}
