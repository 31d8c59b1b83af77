//! A database is asked for.

use super::{
    Caller, Failure, Once,
    asking::{AskFiling, can_grant, file_ask},
    content,
    refuse::{invalid, invalid_value, invalid_whole, quoted},
    reviewing::group,
    view,
};
use crate::desk::Desk;
use dbdesk_account::{
    DatabaseName,
    ask::Ask,
    database::{Charset, Database},
    own::Gets,
};
use dbdesk_cmdb::{ServiceGroup, near::nearest};
use dbdesk_commands::{
    id::TicketId,
    lang::said,
    wire::{
        account::DatabaseRequest,
        problem::{Code, Refusal},
        ticket::TicketView,
    },
};
use dbdesk_components::mysql::accounts::Accounts;
use dbdesk_store::{person, ticket};
use std::time::Duration;
use tokio::time::timeout;

/// The server is asked for so long what the desk's own accounts have.
const ASKED: Duration = Duration::from_secs(5);
/// Teams that are looked through.
const TEAMS: u32 = 10_000;

/// Files it.
pub async fn request(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    body: DatabaseRequest,
) -> Result<TicketView, Failure> {
    let found = group(desk, caller.within(), &body.service_group).await?;
    can_grant(desk, &found.group)?;
    let reason = content::reason(&body.reason)?;
    let name = DatabaseName::parse(body.name.trim()).map_err(|said| invalid_value(&body.name, &said))?;
    if found.group.databases.iter().any(|known| *known == *name.as_str()) {
        return Err(there(&body.name, &found.group.name).into());
    }
    let charset = Charset::parse(body.charset.as_deref().unwrap_or("utf8mb4"), body.collation.as_deref())
        .map_err(|said| invalid_whole(&said))?;
    let owner = match body.owner.as_deref().map(str::trim).filter(|owner| !owner.is_empty()) {
        Some(named) => Some(team(desk, named).await?),
        None => caller.person.team.clone(),
    };
    let database = name.to_string();
    let own = own_gets(desk, &found.group, &name).await;
    let ask = Ask::MakeDatabase { database: Database { name, charset }, owner, size_mb: body.size_mb, own };
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    if let Some(first) = ticket::asking_for_database(&mut tx, found.id, &database).await? {
        return Err(asked(&database, first).into());
    }
    let filing = AskFiling {
        group: &found,
        database,
        requester: &caller.person,
        reason,
        lang: body.lang.unwrap_or(caller.lang),
        ask: &ask,
        is_free: false,
    };
    let row = file_ask(desk, &mut tx, filing, now).await?;
    once.about(&mut tx, row.id).await?;
    desk.commit(tx).await?;
    desk.offer(&row, now).await;
    desk.changed(row.id);
    view::ticket(desk, row.id, caller.lang).await
}

/// What the accounts that review and run tickets get on it, as far as the account of accounts may give it. Where the server does not answer,
/// nothing: the ticket's thread says at its end what is lacking.
async fn own_gets(desk: &Desk, group: &ServiceGroup, name: &DatabaseName) -> Vec<Gets> {
    let account = desk.config.target.account_account(&group.name);
    let Some((account, primary)) = account.zip(group.primary()) else { return Vec::new() };
    let needs = desk.config.target.needs(&group.name, !desk.config.backup.secret_key.is_empty());
    let others: Vec<_> = group.databases.iter().filter_map(|other| DatabaseName::parse(other).ok()).collect();
    let server = account.options(&primary.host, primary.port);
    let asked = async {
        let mut accounts = Accounts::open(&server, ASKED).await?;
        let gets = accounts.own_gets(&needs, name, &others).await?;
        let gets = accounts.may_give(gets, name).await?;
        accounts.close().await;
        anyhow::Ok(gets)
    };
    match timeout(ASKED, asked).await {
        Ok(Ok(gets)) => gets,
        Ok(Err(error)) => {
            tracing::warn!(group = %group.name, %error, "what the desk's own accounts lack on a new database can not be asked");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// A team that somebody is in.
async fn team(desk: &Desk, named: &str) -> Result<String, Failure> {
    let teams = person::teams(&desk.store, TEAMS).await?;
    if teams.iter().any(|team| team == named) {
        return Ok(named.to_owned());
    }
    let near = nearest(named, teams.iter().map(String::as_str)).join(", ");
    let named = quoted(named);
    Err(invalid(if near.is_empty() {
        said!(
            "“{named}” is nobody's team: nobody is in a team yet. Leave `owner` out.",
            "没有人属于团队“{named}”：目前还没有任何团队。请不要填写 `owner`。"
        )
    } else {
        said!(
            "“{named}” is nobody's team. Did you mean: {near}? Left out, it is your own.",
            "没有人属于团队“{named}”。你要找的是不是：{near}？不填则为你自己的团队。"
        )
    })
    .into())
}

fn asked(name: &str, first: TicketId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "{first} asks for the database “{name}” already. Wait for it, or withdraw it first.",
            "{first} 已经在申请数据库“{name}”。请等它完成，或先撤回它。"
        ),
    )
}

fn there(name: &str, group: &str) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "Service group “{group}” has a database “{name}” already. Ask for an account on it with `/account request`.",
            "服务组“{group}”里已经有数据库“{name}”。可以用 `/account request` 申请它的账号。",
            name = quoted(name)
        ),
    )
}
