//! A database is asked for.

use super::{
    Caller, Failure, Once,
    asking::{AskFiling, can_grant, file_ask},
    content,
    refuse::{invalid, quoted},
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
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        account::DatabaseRequest,
        problem::{Code, Refusal},
        ticket::TicketView,
    },
};
use dbdesk_components::mysql::accounts::Accounts;
use std::time::Duration;
use tokio::time::timeout;

/// The server is asked for so long what the desk's own accounts have.
const ASKED: Duration = Duration::from_secs(5);
/// Longest name of a team.
const TEAM_CHARS: usize = 64;

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
    let name = DatabaseName::parse(body.name.trim()).map_err(|Said { en, zh }| {
        let text = quoted(&body.name);
        invalid(said!("“{text}”: {en}.", "“{text}”：{zh}。"))
    })?;
    if found.group.databases.iter().any(|known| *known == *name.as_str()) {
        return Err(there(&body.name, &found.group.name).into());
    }
    let charset = Charset::parse(body.charset.as_deref().unwrap_or("utf8mb4"), body.collation.as_deref())
        .map_err(invalid)?;
    let owner = body.owner.or_else(|| caller.person.team.clone());
    let owner = owner
        .map(|owner| owner.trim().chars().take(TEAM_CHARS).collect::<String>())
        .filter(|owner| !owner.is_empty());
    let database = name.to_string();
    let own = own_gets(desk, &found.group, &name).await;
    let ask = Ask::MakeDatabase { database: Database { name, charset }, owner, size_mb: body.size_mb, own };
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
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
