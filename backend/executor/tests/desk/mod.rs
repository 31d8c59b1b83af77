//! A desk with a target, on real servers: what the stories of executor, schedule and the processes start from.

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use dbdesk_cmdb::{FailoverPolicy, GroupId, Instance, ServiceGroup};
use dbdesk_commands::{
    clock::Clock,
    id::{PersonId, TaskId, TicketId},
    lang::Lang,
    when::When,
    wire::{
        entry::Event,
        group::InstanceRole,
        person::Actor,
        task::TaskKind,
        ticket::{Risk, TicketState},
    },
};
use dbdesk_store::{
    Connect, Pool, begin, entry,
    group_history::Change,
    migrate,
    revision::{self, Effect, Revision},
    run::Admission,
    service_group,
    task::{self, NewTask, Retry, TaskRow},
    ticket::{self, NewTicket, TicketChange},
};
use dbdesk_ticket::{
    admission::Limits,
    exclusion::{Exclusion, SHIPPED},
    spread::Spread,
};
use lab::{MariaDb, Server};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, time::Duration};

/// The name of the service group and of its database.
pub const SHOP: &str = "shop";
/// The longest wait for a state.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Our own database and one target.
pub struct Desk {
    pub store: Box<dyn std::ops::DerefMut<Target = Server>>,
    pub target: Box<dyn std::ops::DerefMut<Target = Server>>,
    pub connect: Connect,
    pub pool: Pool,
    pub group: GroupId,
}

/// The time now, as a role has it.
#[expect(clippy::disallowed_methods, reason = "a story has the real clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// So much may run at once in a group.
pub fn admission(per_group: u32) -> Admission {
    let limits = Limits { per_group, per_instance: None, per_kind: BTreeMap::new() };
    Admission { limits, exclusion: Exclusion::read(SHIPPED).unwrap() }
}

pub fn clock() -> Clock {
    Clock::new(now)
}

/// What is approved beyond a statement that is kept and taken back as one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    Nothing,
    /// It may run although it can not be taken back.
    Undo,
    /// It may be made in chunks.
    OneChunk,
}

/// A ticket to be made: approved, and due.
pub struct Wanted<'a> {
    pub sql: &'a str,
    pub due_in: TimeDelta,
    pub approval_lasts: TimeDelta,
    pub effect: Effect,
    /// Whoever files it offers it right after.
    pub is_offered: bool,
    /// What its statements may be beyond.
    pub beyond: Beyond,
    /// A tool makes its changes online.
    pub online: bool,
    /// Where its statements run, where that is not all in the shop.
    pub spread: Option<Spread>,
    /// Where one of several numbered tables fails, it goes on with the others.
    pub goes_on: bool,
}

impl Default for Wanted<'_> {
    fn default() -> Self {
        let effect =
            Effect { kind: TaskKind::Dml, touches: Some([].into()), repeatable: false, script: None };
        let approval_lasts = TimeDelta::hours(24);
        Self {
            sql: "",
            due_in: TimeDelta::zero(),
            approval_lasts,
            effect,
            is_offered: false,
            beyond: Beyond::Undo,
            online: false,
            spread: None,
            goes_on: false,
        }
    }
}

impl Desk {
    /// Starts both servers; our own database is a `MariaDB`.
    pub async fn start() -> Result<Self> {
        let (store, target) = tokio::try_join!(MariaDb::start(), MariaDb::start())?;
        Self::with(Box::new(store), Box::new(target)).await
    }

    /// With this server for our own database.
    pub async fn with(
        store: Box<dyn std::ops::DerefMut<Target = Server>>,
        target: Box<dyn std::ops::DerefMut<Target = Server>>,
    ) -> Result<Self> {
        store.sql("CREATE DATABASE desk").await?;
        let connect = Connect {
            host: "127.0.0.1".into(),
            port: store.port(),
            user: Server::USER.into(),
            password: store.password().into(),
            database: "desk".into(),
            max_connections: 8,
            acquire_timeout_ms: 2_000,
            statement_timeout_ms: 10_000,
            asks_idle: true,
        };
        let pool = dbdesk_store::pool(&connect);
        migrate::run(&pool).await?;
        let group = put(&pool, SHOP, target.port()).await?;
        sqlx::query("INSERT INTO person (name, created_at) VALUES ('ann', UTC_TIMESTAMP(3))")
            .execute(&pool)
            .await?;
        target
            .sql("CREATE DATABASE shop; CREATE TABLE shop.done (n INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(64), v INT DEFAULT 0)")
            .await?;
        Ok(Self { store, target, connect, pool, group })
    }

    /// A ticket that is approved and due now.
    pub async fn ticket(&self, sql: &str) -> Result<(TicketId, TaskId)> {
        self.wanted(&Wanted { sql, ..Wanted::default() }).await
    }

    pub async fn wanted(&self, wanted: &Wanted<'_>) -> Result<(TicketId, TaskId)> {
        let at = now();
        let hash = hex::encode(Sha256::digest(wanted.sql.as_bytes()));
        let statements =
            dbdesk_review::split::split(wanted.sql).iter().filter(|piece| !piece.is_empty()).count();
        let change = TicketChange {
            state: TicketState::Scheduled,
            revision: 1,
            when: When::of_text("now").context("now is a time")?,
            due_at: Some(at + wanted.due_in),
            risk: Risk::Low,
            decided_by: None,
            approved_by_policy: true,
            decision_reason: None,
            approved_hash: Some(hash.clone()),
            approval_expires_at: Some(at + wanted.due_in + wanted.approval_lasts),
            task: None,
        };
        let mut tx = begin(&self.pool).await?;
        let new = NewTicket {
            group: self.group,
            database: SHOP.into(),
            requester: PersonId(1),
            team: None,
            account: None,
            reason: "a story".into(),
            lang: Lang::En,
            schedule: None,
            takes_back: None,
            goes_on: wanted.goes_on,
            change: change.clone(),
            at,
        };
        let row = ticket::insert(&mut tx, &new).await?;
        let new = Revision {
            ticket: row.id,
            revision: 1,
            sql: wanted.sql.into(),
            sql_hash: hash,
            statements: u32::try_from(statements)?,
            takes_back: false,
            without_undo: (0..u32::try_from(statements)?).filter(|_| wanted.beyond == Beyond::Undo).collect(),
            in_chunks: (0..u32::try_from(statements)?)
                .filter(|_| wanted.beyond == Beyond::OneChunk)
                .collect(),
            online: if wanted.online { (0..u32::try_from(statements)?).collect() } else { Vec::new() },
            spread: wanted.spread.clone(),
            request: None,
            review: "[]".into(),
            effect: wanted.effect.clone(),
            created_by: PersonId(1),
            created_at: at,
        };
        revision::insert(&mut tx, &new).await?;
        let task = task::insert(
            &mut tx,
            &NewTask {
                ticket: row.id,
                revision: 1,
                total: u32::try_from(statements)?,
                due_at: at + wanted.due_in,
                at,
                is_offered: wanted.is_offered,
                retry: None,
            },
        )
        .await?;
        let row = ticket::move_to(&mut tx, &row, TicketChange { task: Some(task), ..change }, at).await?;
        let event = Event::Approved {
            by: Actor::Policy,
            due_at: at + wanted.due_in,
            waits_for_quiet: false,
            stood_in_for: None,
            emergency: None,
        };
        entry::append(&mut tx, &row, None, &Actor::Policy, at, &event, None).await?;
        tx.commit().await?;
        Ok((row.id, task))
    }

    /// A task that tries `of` again, from its first statement.
    pub async fn again(&self, ticket: TicketId, of: TaskId) -> Result<TaskId> {
        let (at, before) = (now(), self.task(of).await?);
        let mut tx = begin(&self.pool).await?;
        let row = ticket::lock(&mut tx, ticket).await?.context("the ticket is there")?;
        let retry = Some(Retry { of, attempt: before.attempt + 1, from: 0 });
        let (revision, total) = (before.revision, before.total);
        let new = NewTask { ticket, revision, total, due_at: at, at, is_offered: false, retry };
        let task = task::insert(&mut tx, &new).await?;
        let change = TicketChange {
            state: TicketState::Scheduled,
            task: Some(task),
            due_at: Some(at),
            ..row.now.clone()
        };
        ticket::move_to(&mut tx, &row, change, at).await?;
        tx.commit().await?;
        Ok(task)
    }

    pub async fn task(&self, id: TaskId) -> Result<TaskRow> {
        task::get(&self.pool, id).await?.context("the task is there")
    }

    pub async fn state(&self, id: TicketId) -> Result<TicketState> {
        Ok(ticket::get(&self.pool, id).await?.context("the ticket is there")?.now.state)
    }

    /// The story of a ticket, one line an entry; times and processes left out.
    pub async fn story(&self, id: TicketId) -> Result<String> {
        let entries = entry::after(&self.pool, id, 0, 1_000).await?;
        Ok(entries.iter().map(|entry| line(&entry.event)).collect::<Vec<_>>().join("\n"))
    }

    /// Waits until the ticket stands there.
    pub async fn reaches(&self, id: TicketId, wanted: TicketState) -> Result<()> {
        lab::until(&format!("{id} to be {}", wanted.word()), LIMIT, || async {
            let state = self.state(id).await?;
            anyhow::ensure!(state == wanted, "it is {}; its story: {}", state.word(), self.story(id).await?);
            Ok(())
        })
        .await
    }

    /// Waits until a statement with these words runs on the target.
    pub async fn runs_on_target(&self, words: &str) -> Result<()> {
        lab::until(&format!("{words} to run on the target"), LIMIT, || async {
            let list = self.target.sql("SHOW FULL PROCESSLIST").await?;
            anyhow::ensure!(list.contains(words), "{list}");
            Ok(())
        })
        .await
    }

    /// What the target's counter says was done.
    pub async fn done(&self) -> Result<String> {
        self.target.sql("SELECT GROUP_CONCAT(what ORDER BY n) FROM shop.done").await
    }

    /// What a person wants of a task.
    pub async fn wish(&self, task: TaskId, wish: dbdesk_ticket::task::Wish) -> Result<()> {
        let mut tx = begin(&self.pool).await?;
        task::wish(&mut tx, task, wish).await?;
        Ok(tx.commit().await?)
    }
}

/// A service group of one server, with the shop's database.
pub async fn put(pool: &Pool, name: &str, port: u16) -> Result<GroupId> {
    put_with(pool, name, vec![instance(port, InstanceRole::Primary)]).await
}

/// A server of a group.
pub fn instance(port: u16, role: InstanceRole) -> Instance {
    Instance::new("127.0.0.1", port, role)
}

/// A service group of these servers.
pub async fn put_with(pool: &Pool, name: &str, instances: Vec<Instance>) -> Result<GroupId> {
    let group = ServiceGroup {
        name: name.into(),
        environment: "production".into(),
        team: None,
        dbas: None,
        flavour: "mariadb-10.11".into(),
        time_zone: "Asia/Shanghai".parse().map_err(|error| anyhow::anyhow!("{error}"))?,
        databases: vec![SHOP.into()],
        instances,
        package: None,
        stage: dbdesk_cmdb::GroupStage::InService,
        failover: FailoverPolicy::Observe,
        semi_sync: None,
        proxies: Vec::new(),
        vips: Vec::new(),
        names: Vec::new(),
        backup: None,
        labels: Vec::new(),
        quiet_windows: Vec::new(),
        peaks: Vec::new(),
    };
    let seen = service_group::by_name(pool, name).await?.map(|row| row.version);
    let mut tx = begin(pool).await?;
    service_group::put(&mut tx, &group, &Change { seen, ticket: None, why: "a test" }, now()).await?;
    tx.commit().await?;
    Ok(service_group::by_name(pool, name).await?.context("the group is there")?.id)
}

fn line(event: &Event) -> String {
    match event {
        Event::Started { epoch, .. } => format!("started, epoch {epoch}"),
        Event::StatementStarted { index, total, .. } => format!("{}/{total} …", index + 1),
        Event::StatementDone { index, total, affected_rows, warnings, .. } => {
            format!("{}/{total} done, {affected_rows} rows {warnings:?}", index + 1)
        }
        Event::StatementFailed { index, total, code, message } => {
            format!("{}/{total} failed {code:?} {message}", index + 1)
        }
        Event::LanesOpened { lanes } => {
            let lanes: Vec<_> =
                lanes.iter().map(|lane| format!("{} {}", lane.group, lane.statements)).collect();
            format!("lanes: {}", lanes.join(", "))
        }
        Event::LaneEnded { group, state, done, total, cause } => {
            format!("{group}: {} {done}/{total} {cause:?}", state.word())
        }
        Event::Ended { state, done, total, cause } => format!("{} {done}/{total} {cause:?}", state.word()),
        Event::TargetUnreachable { limit_ms, .. } => format!("target unreachable, tried for {limit_ms} ms"),
        Event::Approved { .. } => "approved".into(),
        // What it does at that moment is a race.
        Event::LastSeen { index, .. } => format!("the target was asked about statement {}", index + 1),
        Event::Waits { waits } => format!("waits {}", waits.said().en),
        Event::Repeats { attempt, most, cause, .. } => format!("repeats {attempt}/{most} {cause:?}"),
        other => format!("{other:?}"),
    }
}
