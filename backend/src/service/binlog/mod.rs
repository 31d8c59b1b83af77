//! What the binary log of a group's primary has of a table's rows, and the SQL that brings them back.

mod made;
mod refuse;

pub(super) use made::make;

use super::{
    Failure,
    refuse::{no_undo, target_down},
    reviewing::too_many,
};
use crate::desk::Desk;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    clock::Time,
    lang::said,
    wire::problem::{Code, Refusal},
};
use dbdesk_components::mysql::{
    binlog::{self, Bounds, Server, Transaction, Wanted},
    facts,
};
use dbdesk_review::{
    Facts, Flavour, Question,
    facts::{Along, Looked, TableName},
};
use dbdesk_undo::{Images, Lack, Layout, fold::fold};
use sha2::{Digest as _, Sha256};
use sqlx::mysql::MySqlConnectOptions;
use std::time::Duration;

/// So much of the log is read: what lies between the time and now.
const MOST_LOG_BYTES: u64 = 2 << 30;
/// For so long.
const READING: Duration = Duration::from_secs(20);
/// More rows than a ticket's SQL could ever hold are not kept.
const MOST_ROWS: usize = 100_000;
/// Nor more bytes of their values.
const MOST_BYTES: usize = 64 << 20;
/// Transactions of which it is asked who ran them: as many as are shown.
pub(super) const SHOWN: usize = 10;
/// The numbers that we have among replicas begin here: they are no address of a network, from which people make theirs.
const MARKS: u32 = 0xF000_0000;

/// Which rows.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    pub(super) group: &'a ServiceGroup,
    pub(super) database: &'a str,
    pub(super) table: &'a str,
    pub(super) from: Time,
    /// `None`: to the end of the log.
    pub(super) until: Option<Time>,
}

impl Place<'_> {
    fn name(&self) -> String {
        format!("{}.{}", self.database, self.table)
    }
}

/// What the log has of them.
#[derive(Debug)]
pub(super) struct Logged {
    pub(super) layout: Layout,
    pub(super) transactions: Vec<Transaction>,
    along: Along,
    server: MySqlConnectOptions,
}

impl Logged {
    /// What all of it came to.
    pub(super) fn images(&self) -> Option<Images> {
        let of = |one: &Transaction| Images { layout: self.layout.clone(), rows: one.rows.clone() };
        // They are all of one layout.
        fold(self.transactions.iter().map(of)).ok()?.into_iter().next()
    }
}

/// By which it is known whether the log has the same of it later: hex.
pub(super) fn digest(images: &Images) -> Result<String, Failure> {
    let text = serde_json::to_vec(images).map_err(anyhow::Error::from)?;
    Ok(hex::encode(Sha256::digest(text)))
}

/// Reads it. Nothing is changed by that.
pub(super) async fn read(desk: &Desk, place: &Place<'_>) -> Result<Logged, Failure> {
    let _turn = desk.reviews.try_acquire().map_err(|_| too_many())?;
    let group = place.group;
    let primary = group.primary().ok_or_else(|| target_down(group, "the inventory names no primary"))?;
    let account = desk.config.target.run_account(&group.name);
    let server = account.options(&primary.host, primary.port);
    let (facts, name) = ask(desk, place, &server).await?;
    let layout = Layout::now(place.database, place.table, &facts);
    let Some(Looked::Found(table)) = facts.looked(&name) else {
        return Err(refuse::no_table(place).into());
    };
    let layout = layout.map_err(|lack| refuse::lacks(place, &lack))?;
    // All of it comes back or nothing: that takes transactions.
    let engine = table.engine.clone().unwrap_or_default();
    if !engine.eq_ignore_ascii_case("innodb") {
        let lack = Lack::Engine { table: layout.table.clone(), engine };
        return Err(refuse::lacks(place, &lack).into());
    }
    let Some(along) = table.along.clone() else {
        return Err(target_down(group, "it did not tell what changes along").into());
    };
    if let Some(trigger) = along.triggers.first() {
        return Err(refuse::trigger(place, trigger).into());
    }
    let open = Duration::from_millis(desk.config.target.connect_timeout_ms);
    let bounds =
        Bounds { rows: MOST_ROWS, bytes: MOST_BYTES, read: MOST_LOG_BYTES, open, time: READING, told: SHOWN };
    let wanted = Wanted {
        layout: layout.clone(),
        columns: table.columns.clone(),
        is_mariadb: facts.flavour.is_some_and(Flavour::is_mariadb),
        from: seconds(place.from)?,
        until: place.until.map_or(Ok(u32::MAX), seconds)?,
    };
    let mark = MARKS | u32::from_le_bytes(desk.chance.bytes::<4>()?) & !MARKS;
    let at = Server {
        host: primary.host.clone(),
        port: primary.port,
        user: account.user.clone(),
        password: account.password.expose().to_owned(),
    };
    let transactions = binlog::read(at, wanted, bounds, mark).await;
    let transactions = transactions.map_err(|error| refuse::of(place, &account.user, error))?;
    if transactions.is_empty() {
        return Err(refuse::nothing(place).into());
    }
    Ok(Logged { layout, transactions, along, server })
}

async fn ask(
    desk: &Desk,
    place: &Place<'_>,
    server: &MySqlConnectOptions,
) -> Result<(Facts, TableName), Failure> {
    let name = TableName { database: Some(place.database.to_owned()), table: place.table.to_owned() };
    let questions = [Question::Table(name.clone()), Question::Along(name.clone())];
    let connect = Duration::from_millis(desk.config.target.connect_timeout_ms);
    let limits = facts::Limits { connect, ..facts::Limits::default() };
    let facts = facts::gather_whole(server, &questions, &limits).await;
    Ok((facts.map_err(|error| target_down(place.group, &error.to_string()))?, name))
}

/// The log counts in seconds, until the year 2106.
fn seconds(at: Time) -> Result<u32, Refusal> {
    u32::try_from(at.timestamp()).map_err(|_| {
        Refusal::new(
            Code::Invalid,
            said!("A binary log knows no such time: {at}.", "binlog 里不可能有这个时间：{at}。"),
        )
    })
}

/// All that came of it is as it was before.
pub(super) fn came_to_nothing(place: &Place<'_>) -> Refusal {
    let name = place.name();
    no_undo(said!(
        "What was changed in `{name}` in that time came to nothing: every row was set back before its end. There is nothing to restore.",
        "这段时间里对 `{name}` 的修改最后都还原了，没有需要恢复的行。"
    ))
}
