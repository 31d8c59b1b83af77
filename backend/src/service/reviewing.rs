//! A review: read the SQL, ask the live server within a time limit, judge.

use super::{
    Failure,
    asking::Asked,
    gathering, online,
    refuse::{self, invalid, no_database, no_group},
    spread::{self, Placed},
    without_undo::{self, Beyond, Keeping},
};
use crate::desk::Desk;
use dbdesk_cmdb::{GroupStage, Instance, ServiceGroup, Within};
use dbdesk_commands::{
    lang::said,
    wire::{
        problem::{Code, Refusal},
        review::{Level, MAX_SQL_BYTES},
    },
};
use dbdesk_components::mysql::OpenError;
use dbdesk_review::{Facts, Flavour, Found, Judged, Settings};
use dbdesk_store::{
    cluster_build, group_history,
    service_group::{self, GroupRow},
};
use dbdesk_ticket::spread::Spread;
use sha2::{Digest as _, Sha256};
use sqlx::mysql::MySqlConnectOptions;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// What a review came to.
#[derive(Debug)]
pub(super) struct Reviewed {
    pub(super) judged: Judged,
    pub(super) sql_hash: String,
    /// It takes a ticket back, in so many parts.
    pub(super) takes_back: Option<u32>,
    /// Statements that may run although they can not be taken back, from 0.
    pub(super) without_undo: Vec<u32>,
    /// Statements that a tool makes online, from 0.
    pub(super) online: Vec<u32>,
    /// Statements that may be made in chunks, from 0.
    pub(super) in_chunks: Vec<u32>,
    /// Where the statements run, where that is not all in one place.
    pub(super) spread: Option<Spread>,
    /// What is asked for, where that is no SQL.
    pub(super) asked: Option<Box<Asked>>,
}

impl Reviewed {
    pub(super) fn statements(&self) -> u32 {
        let statements = || u32::try_from(self.judged.statements.len()).unwrap_or(u32::MAX);
        self.asked.as_ref().map_or_else(statements, |asked| asked.steps)
    }
}

/// SHA-256 of the SQL, hex.
pub(super) fn hash(sql: &str) -> String {
    hex::encode(Sha256::digest(sql.as_bytes()))
}

/// The group with this name that is in service, or the names near to it. One that is not reached is answered as if there were none.
pub(super) async fn group(desk: &Desk, within: &Within, name: &str) -> Result<GroupRow, Failure> {
    let found = any_group(desk, within, name).await?;
    if found.group.stage == GroupStage::InService {
        return Ok(found);
    }
    let by = match found.group.stage {
        GroupStage::Building => cluster_build::ticket_of(&desk.store, found.id).await?,
        _ => group_history::last_ticket(&desk.store, found.id).await?,
    };
    Err(refuse::not_in_service(&found.group, by).into())
}

/// The same, wherever it stands in its life: to look at it.
pub(super) async fn any_group(desk: &Desk, within: &Within, name: &str) -> Result<GroupRow, Failure> {
    match service_group::by_name(&desk.store, name).await? {
        Some(group) if within.has(group.id) => Ok(group),
        _ => Err(no_group(name, &service_group::names(&desk.store, within).await?).into()),
    }
}

/// Whether the group has this database.
pub(super) fn database(group: &ServiceGroup, name: &str) -> Result<(), Refusal> {
    if group.databases.iter().any(|database| database == name) {
        Ok(())
    } else {
        Err(no_database(name, group))
    }
}

/// How an account reaches an instance.
pub(super) fn options(desk: &Desk, group: &ServiceGroup, instance: &Instance) -> MySqlConnectOptions {
    desk.config.target.review_account(&group.name).options(&instance.host, instance.port)
}

pub(super) fn size(sql: &str) -> Result<(), Refusal> {
    let bytes = sql.len();
    if sql.trim().is_empty() {
        return Err(invalid(said!(
            "There is no SQL. Write at least one statement.",
            "没有 SQL。请至少写一条语句。"
        )));
    }
    if bytes > MAX_SQL_BYTES {
        return Err(Refusal::new(
            Code::TooLarge,
            said!(
                "The SQL has {bytes} bytes; {MAX_SQL_BYTES} (2 MB) is the most. Split it into several tickets.",
                "SQL 有 {bytes} 字节，最多 {MAX_SQL_BYTES} 字节（2 MB）。请拆成几个工单。"
            ),
        ));
    }
    Ok(())
}

/// Reviews `sql`; live where a group is given, else offline. What also lies in groups that are not reached is refused.
pub(super) async fn review(
    desk: &Desk,
    within: &Within,
    sql: &str,
    place: Option<&ServiceGroup>,
    database: Option<&str>,
) -> Result<Reviewed, Failure> {
    size(sql)?;
    let live_ms = desk.config.review.live_timeout_ms;
    let turn = timeout(Duration::from_millis(live_ms), desk.reviews.acquire()).await;
    let _turn = turn.map_err(|_| too_many())?.map_err(anyhow::Error::from)?;
    let started = Instant::now();
    let settings = Arc::new(in_force(desk, place, database));
    let (sql_text, read_by) = (sql.to_owned(), Arc::clone(&settings));
    // Reading megabytes of SQL keeps a core busy: not on the threads that answer requests.
    let most = desk.config.shadow.statements;
    let keeping = Keeping {
        most_rows: Some(desk.config.backup.rows).filter(|_| !desk.config.backup.secret_key.is_empty()),
        set_aside_in: desk.config.ddl.set_aside_in(),
        set_aside_days: desk.config.ddl.set_aside_days,
    };
    let is_live = place.is_some();
    let (script, questions, plan) = tokio::task::spawn_blocking(move || {
        let script = dbdesk_review::read(&sql_text)?;
        let mut questions = script.questions(&read_by);
        if is_live {
            questions.extend(without_undo::questions(&script, &read_by));
        }
        let plan = script.plan(&read_by, most);
        Ok::<_, Refusal>((script, questions, plan))
    })
    .await
    .map_err(anyhow::Error::from)??;
    let spread = match place.zip(database) {
        Some((group, database)) => spread::of(desk, &script, (group, database)).await?,
        None => None,
    };
    if let Some(placed) = &spread
        && !placed.spread.shards.iter().all(|shard| within.has(shard.group))
    {
        return Err(refuse::beyond_groups().into());
    }
    let (facts, unreachable) = match (place, &spread) {
        (None, _) => (Facts::default(), Vec::new()),
        (Some(group), None) => gathering::of_group(desk, group, (questions, plan)).await,
        (Some(group), Some(placed)) => gathering::of_all(desk, group, placed, (&script, questions)).await,
    };
    let others = spread.as_ref().map(|placed| rules_of_others(desk, placed, &settings)).unwrap_or_default();
    let judging = tokio::task::spawn_blocking(move || {
        let mut judged = dbdesk_review::judge(&script, &facts, &settings);
        for settings in &others {
            strictest(&mut judged, dbdesk_review::judge(&script, &facts, settings));
        }
        if !is_live {
            return (judged, Beyond::default(), Vec::new());
        }
        let beyond = without_undo::judge(&mut judged, &script, &facts, &settings, &keeping);
        let online = online::judge(&mut judged, &script, &facts, &settings);
        (judged, beyond, online)
    });
    let (mut judged, beyond, online) = judging.await.map_err(anyhow::Error::from)?;
    for (group, error) in &unreachable {
        not_asked(&mut judged, error, group);
    }
    desk.metrics.reviewed(started.elapsed());
    let Beyond { without_undo, in_chunks } = beyond;
    let spread = spread.map(|placed| placed.spread);
    Ok(Reviewed {
        judged,
        sql_hash: hash(sql),
        takes_back: None,
        without_undo,
        online,
        in_chunks,
        spread,
        asked: None,
    })
}

fn in_force(desk: &Desk, group: Option<&ServiceGroup>, database: Option<&str>) -> Settings {
    let review = &desk.config.review;
    let environment = group.map(|group| group.environment.as_str());
    Settings {
        flavour: group.and_then(|group| Flavour::of_name(&group.flavour)).unwrap_or_default(),
        database: database.map(str::to_owned),
        ..review.in_force(environment, group.map(|group| group.name.as_str())).settings()
    }
}

/// The rules of groups that have others than the ticket's own.
fn rules_of_others(desk: &Desk, placed: &Placed, own: &Settings) -> Vec<Settings> {
    let mut others: Vec<Settings> = Vec::new();
    for group in placed.groups.values() {
        let settings = in_force(desk, Some(group), own.database.as_deref());
        if settings != *own && !others.contains(&settings) {
            others.push(settings);
        }
    }
    others
}

/// What is found by other rules, too, as strictly as any of them says it.
fn strictest(judged: &mut Judged, other: Judged) {
    for (own, theirs) in judged.statements.iter_mut().zip(other.statements) {
        for found in theirs.findings {
            let same = |known: &&mut Found| known.rule == found.rule && known.span == found.span;
            match own.findings.iter_mut().find(same) {
                Some(known) if found.level < known.level => *known = found,
                Some(_) => {}
                None => own.findings.push(found),
            }
        }
    }
}

/// The live server could not be asked: nothing is lost, and nothing passes by itself.
fn not_asked(judged: &mut Judged, error: &OpenError, name: &str) {
    let Some(first) = judged.statements.first_mut() else { return };
    first.findings.push(Found {
        rule: "not-checked-live".into(),
        level: Level::NeedsDba,
        span: first.span,
        message: match error {
            OpenError::Refused { .. } => said!(
                "This could not be checked against the live server of “{name}”: it does not let the desk in.",
                "无法连接“{name}”的数据库做在线检查：对方拒绝了工单台的连接。"
            ),
            _ => said!(
                "This could not be checked against the live server of “{name}”: it did not answer.",
                "无法连接“{name}”的数据库做在线检查：没有响应。"
            ),
        },
        why: said!(
            "Whether the tables exist and how many rows change is therefore not known, so a person must look.",
            "因此无法确认表是否存在、会影响多少行，需要人工确认。"
        ),
        fix: said!(
            "Submit again later, or send it on to a DBA, who can look at the server himself.",
            "可以稍后修改后重新提交，也可以转交 DBA 处理。"
        ),
        edits: Vec::new(),
    });
}

pub(super) fn too_many() -> Refusal {
    Refusal::new(
        Code::TooMany,
        said!(
            "Many reviews are being made at this moment. Nothing was filed; try again in a minute.",
            "现在正在进行的审核太多了。工单没有提交，请过一分钟再试。"
        ),
    )
}
