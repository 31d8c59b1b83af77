//! An account is asked for: a ticket that makes it, and a row that says who has what until when.

use super::{
    Caller, Failure, Once,
    asking::{AskFiling, can_grant, dialect, file_ask, plugin, until},
    content,
    refuse::{invalid, invalid_value, invalid_whole, quoted},
    reviewing::{database, group, options},
    view,
};
use crate::desk::Desk;
use dbdesk_account::{
    DatabaseName, Dialect, HostPattern, Level, Privileges, Reach, TableName, UserName,
    ask::{Account, Ask},
    given,
    name::BASE_CHARS,
};
use dbdesk_cmdb::{ServiceGroup, near::nearest};
use dbdesk_commands::{
    clock::Time,
    id::{AccountId, TicketId},
    lang::{Lang, Said, said},
    wire::{
        account::{AccountRequest, AccountState},
        problem::{Code, Refusal},
        ticket::TicketView,
    },
};
use dbdesk_components::mysql::probe::{TABLE_NAMES, table_names};
use dbdesk_executor::run::secret_place;
use dbdesk_store::{
    Tx,
    account::{self, AccountRow, NewAccount},
    account_secret::{self, Kind},
    person::Person,
    service_group::GroupRow,
    ticket::{self, TicketRow},
};
use dbdesk_undo::sealed::{NONCE_BYTES, seal_secret};
use std::{collections::BTreeSet, time::Duration};

/// The server is asked for so long which tables it has.
const ASKED: Duration = Duration::from_secs(5);
/// Most hosts of one account.
const HOSTS: usize = 10;

/// Files it.
pub async fn request(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    body: AccountRequest,
) -> Result<TicketView, Failure> {
    let found = group(desk, caller.within(), &body.service_group).await?;
    database(&found.group, &body.database)?;
    can_grant(desk, &found.group)?;
    let judged = judged(desk, &found.group, &body)?;
    if let Reach::Tables(tables) = &judged.reach {
        are_there(desk, &found.group, (&judged.name, tables)).await?;
    }
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let row = filed(desk, &mut tx, (&caller.person, caller.lang), &found, (body, judged), now).await?;
    once.about(&mut tx, row.id).await?;
    desk.commit(tx).await?;
    desk.offer(&row, now).await;
    desk.changed(row.id);
    view::ticket(desk, row.id, caller.lang).await
}

/// The same in somebody's name, for what follows from another ticket of his.
pub(super) async fn file_for(
    desk: &Desk,
    tx: &mut Tx,
    whose: (&Person, Lang),
    found: &GroupRow,
    body: AccountRequest,
    now: Time,
) -> Result<TicketRow, Failure> {
    database(&found.group, &body.database)?;
    can_grant(desk, &found.group)?;
    let judged = judged(desk, &found.group, &body)?;
    filed(desk, tx, whose, found, (body, judged), now).await
}

/// What a request says, read.
pub(super) struct Judged {
    reason: String,
    until: Time,
    level: Level,
    reach: Reach,
    name: DatabaseName,
    application: Option<String>,
    hosts: Vec<HostPattern>,
    dialect: Dialect,
}

/// Reads it, without asking a server.
pub(super) fn judged(desk: &Desk, group: &ServiceGroup, body: &AccountRequest) -> Result<Judged, Failure> {
    let reason = content::reason(&body.reason)?;
    let until = until(desk, &body.until, group, desk.clock.now())?;
    let level = Level::parse(body.level.trim()).map_err(|said| named(&body.level, &said))?;
    let reach = match body.tables.as_deref().map(str::trim).filter(|tables| !tables.is_empty()) {
        Some(tables) => Reach::parse(tables).map_err(|said| named(tables, &said))?,
        None => Reach::Database,
    };
    let name = DatabaseName::parse(&body.database).map_err(|said| named(&body.database, &said))?;
    let (application, hosts) = from(desk, &body.from)?;
    let dialect = dialect(group)?;
    Ok(Judged { reason, until, level, reach, name, application, hosts, dialect })
}

async fn filed(
    desk: &Desk,
    tx: &mut Tx,
    (person, lang): (&Person, Lang),
    found: &GroupRow,
    (body, judged): (AccountRequest, Judged),
    now: Time,
) -> Result<TicketRow, Failure> {
    let Judged { reason, until, level, reach, name, application, hosts, dialect } = judged;
    let user = user(&body, application.as_deref(), &person.name)?;
    if dialect.is_mariadb() {
        user.turns().map_err(|said| named(user.as_str(), &said))?;
    }
    let hash = body.hash.as_deref().map(str::trim).filter(|hash| !hash.is_empty());
    if let Some(hash) = hash {
        given::parse(hash, dialect).map_err(|said| invalid_whole(&said))?;
    }
    let mut account = Account {
        id: AccountId(1),
        user,
        hosts,
        privileges: Privileges { database: name, level, reach },
        limits: desk.config.account.limits(),
        plugin: plugin(desk, dialect),
        generation: 0,
    };

    free(tx, found, account.user.as_str()).await?;
    let new = NewAccount {
        group: found.id,
        user: account.user.to_string(),
        database: body.database.clone(),
        application,
        owner: person.id,
        team: person.team.clone(),
        expires_at: until,
    };
    account.id = account::insert(tx, &new, now).await?;
    if let Some(hash) = hash {
        keep_hash(desk, tx, (account.id, 0), hash, now).await?;
    }
    let (id, spec) = (account.id, serde_json::to_string(&account).map_err(anyhow::Error::from)?);
    let ask = Ask::Create { account, until, given: hash.is_some() };
    let filing = AskFiling {
        group: found,
        database: body.database,
        requester: person,
        reason,
        lang: body.lang.unwrap_or(lang),
        ask: &ask,
        is_free: false,
    };
    let row = file_ask(desk, tx, filing, now).await?;
    account::asked(tx, id, &spec, row.id).await?;
    Ok(row)
}

/// Seals a hash that was given, until a server has it.
pub(super) async fn keep_hash(
    desk: &Desk,
    tx: &mut Tx,
    of: (AccountId, u32),
    hash: &str,
    now: Time,
) -> Result<(), Failure> {
    let key = desk.config.backup.key().map_err(anyhow::Error::msg)?;
    let key = key.ok_or_else(|| anyhow::anyhow!("there is no key"))?;
    let nonce = desk.chance.bytes::<NONCE_BYTES>()?;
    let sealed =
        seal_secret(hash.as_bytes(), &key, nonce, &secret_place(of.0, of.1)).map_err(anyhow::Error::from)?;
    Ok(account_secret::put(&mut **tx, of, (Kind::Hash, key.name(), &sealed), now).await?)
}

/// What is wrong, with what was typed.
fn named(text: &str, said: &Said) -> Refusal {
    invalid_value(text, said)
}

/// Whether these tables are there. Where the server does not answer it is filed all the same: it is seen when it runs.
async fn are_there(
    desk: &Desk,
    group: &ServiceGroup,
    (database, tables): (&DatabaseName, &BTreeSet<TableName>),
) -> Result<(), Refusal> {
    let Some(primary) = group.primary() else { return Ok(()) };
    let known = table_names(&options(desk, group, primary), database.as_str(), ASKED).await;
    let known = match known {
        Ok(known) => known,
        Err(error) => {
            tracing::warn!(group = %group.name, %error, "whether tables are there can not be asked");
            return Ok(());
        }
    };
    // One that may see none of them would refuse them all.
    let missing =
        tables.iter().find(|table| !known.iter().any(|name| name.eq_ignore_ascii_case(table.as_str())));
    let Some(missing) = missing.filter(|_| (1..TABLE_NAMES).contains(&known.len())) else { return Ok(()) };
    let near = nearest(missing.as_str(), known.iter().map(String::as_str)).join(", ");
    Err(invalid(said!(
        "Database “{database}” of “{group}” has no table “{missing}”. Near to it: {near}.",
        "“{group}”的数据库“{database}”里没有表“{missing}”。相近的有：{near}。",
        group = group.name
    )))
}

/// An application that the desk knows, or hosts as typed.
fn from(desk: &Desk, text: &str) -> Result<(Option<String>, Vec<HostPattern>), Refusal> {
    let (text, policy) = (text.trim(), desk.config.account.hosts());
    let known = desk.config.account.application.get(text);
    let hosts: Vec<&str> = match known {
        Some(application) => application.hosts.iter().map(String::as_str).collect(),
        None => text.split([',', ' ', '，', '、']).filter(|host| !host.is_empty()).collect(),
    };
    if hosts.is_empty() || hosts.len() > HOSTS {
        let names = applications(desk);
        return Err(invalid(said!(
            "Say from where it connects: an application that the desk knows{names}, or 1 to {HOSTS} addresses or networks such as \
             `10.1.0.0/16`, between commas.",
            "请说明从哪里连接：工单台已知的应用{names}，或 1 到 {HOSTS} 个地址或网段（例如 `10.1.0.0/16`），用逗号分隔。"
        )));
    }
    // More likely an application's name gone wrong than a host.
    let bare = |host: &&&str| !host.contains(['.', ':', '%']) && !host.eq_ignore_ascii_case("localhost");
    if let Some(host) = hosts.iter().filter(|_| known.is_none()).find(bare) {
        let names = applications(desk);
        return Err(invalid(said!(
            "The desk knows no application “{host}”; it knows those of its configuration{names}. Choose one, or write an address, a network, or a \
             host's full name.",
            "工单台没有应用“{host}”，只有配置中的应用{names}。请选择一个，或填写地址、网段或完整的主机名。",
            host = quoted(host)
        )));
    }
    let parsed = hosts.iter().map(|host| HostPattern::parse(host, policy).map_err(|said| named(host, &said)));
    Ok((known.map(|_| text.to_owned()), parsed.collect::<Result<_, _>>()?))
}

fn applications(desk: &Desk) -> String {
    let names: Vec<&str> = desk.config.account.application.keys().map(String::as_str).take(10).collect();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

/// What it is called: as asked, or of database, level and whom it is for.
fn user(body: &AccountRequest, application: Option<&str>, person: &str) -> Result<UserName, Refusal> {
    if let Some(name) = body.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        return UserName::parse(name).map_err(|said| named(name, &said));
    }
    let made = format!("{}_{}_{}", body.database, body.level.trim(), application.unwrap_or(person));
    let made = made.to_lowercase();
    let plain = made.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' });
    let plain: String = plain.skip_while(|letter| !letter.is_ascii_lowercase()).take(BASE_CHARS).collect();
    UserName::parse(plain.trim_end_matches('_')).map_err(|said| invalid_whole(&said))
}

/// Whether nobody has that name on this group, and nobody asks for it.
async fn free(tx: &mut Tx, group: &GroupRow, user: &str) -> Result<(), Failure> {
    let Some(row) = account::lock_named(tx, group.id, user).await? else { return Ok(()) };
    match row.state {
        AccountState::Dropped => Ok(()),
        AccountState::Active | AccountState::Locked => Err(there(&row).into()),
        AccountState::Asked => match row.ticket {
            Some(id) if ticket::lock(tx, id).await?.is_some_and(|ticket| is_open(&ticket)) => {
                Err(asked(&row, id).into())
            }
            _ => Ok(()),
        },
    }
}

/// One that failed can be tried again, but keeps the name from nobody: its row is replaced, and a retry finds it gone.
fn is_open(ticket: &dbdesk_store::ticket::TicketRow) -> bool {
    use dbdesk_commands::wire::ticket::TicketState as S;
    !matches!(ticket.now.state, S::Failed | S::Lost | S::Rejected | S::Withdrawn | S::Cancelled)
}

fn there(row: &AccountRow) -> Refusal {
    let (id, user) = (row.id, &row.user);
    Refusal::new(
        Code::WrongState,
        said!(
            "There is an account `{user}` already: {id}. Renew it with `/account renew`, or choose another `name`.",
            "账号 `{user}` 已经存在：{id}。请用 `/account renew` 续期，或换一个 `name`。"
        ),
    )
}

fn asked(row: &AccountRow, by: TicketId) -> Refusal {
    let user = &row.user;
    Refusal::new(
        Code::WrongState,
        said!(
            "{by} asks for `{user}` already. Wait for it, withdraw it, or choose another `name`.",
            "{by} 已经在申请 `{user}`。请等它完成、撤回它，或换一个 `name`。"
        ),
    )
}
