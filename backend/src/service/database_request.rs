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
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        account::DatabaseRequest,
        problem::{Code, Refusal},
        ticket::TicketView,
    },
};

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
    let ask = Ask::MakeDatabase { database: Database { name, charset }, owner, size_mb: body.size_mb };
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
