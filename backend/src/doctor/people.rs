//! The desk's people: whether somebody can decide, whether they are linked as the configuration says, and whether what was done without
//! approval was looked at.

use super::Check;
use crate::config::Config;
use chrono::TimeDelta;
use dbdesk_commands::{
    clock::Clock,
    lang::{Said, said},
    wire::person::Role,
};
use dbdesk_store::{
    Error, Pool, emergency,
    person::{self, DESK, Person},
};

const PART: &str = "people";
/// People that are looked at.
const MOST: u32 = 20_000;
/// An emergency is to be reviewed within this.
const REVIEWED_WITHIN: TimeDelta = TimeDelta::days(7);

/// What can be said with or without the store.
pub(super) async fn check(config: &Config, store: Option<&Pool>, clock: &Clock) -> Vec<Check> {
    let Some(store) = store else { return vec![of_the_file(config)] };
    match known(config, store, clock).await {
        Ok(checks) => checks,
        Err(error) => vec![Check::failed(
            PART,
            said!("they can not be read from the store: {error}", "无法从数据库读取人员：{error}"),
            said!("see what is said of the store", "请看数据库一项"),
        )],
    }
}

async fn known(config: &Config, store: &Pool, clock: &Clock) -> Result<Vec<Check>, Error> {
    let people = person::all(store, MOST).await?;
    let mut checks = if people.is_empty() {
        vec![of_the_file(config)]
    } else {
        let with_roles: Vec<&Person> = people.iter().filter(|person| !person.roles.is_empty()).collect();
        // The desk files tickets in its own name.
        let without = people.iter().filter(|person| person.roles.is_empty() && person.name != DESK).count();
        let dbas = with_roles.iter().filter(|person| person.roles.contains(&Role::Dba)).count();
        let linked = with_roles.iter().filter(|person| person.discord_id.is_some()).count();
        vec![counted((with_roles.len(), without), dbas, linked)]
    };
    checks.extend(other_links(config, &people));
    checks.extend(no_admin(&people));
    let before = clock.now() - REVIEWED_WITHIN;
    let ids: Vec<String> =
        emergency::not_reviewed_since(store, before).await?.iter().map(ToString::to_string).collect();
    if !ids.is_empty() {
        let ids = ids.join(", ");
        checks.push(Check::warning(
            PART,
            said!(
                "nobody has reviewed what was done in these emergencies, for 7 days and more: {ids}",
                "以下紧急状态结束 7 天以上仍无人复核：{ids}"
            ),
            said!(
                "let another DBA of the group, or an admin, use `/emergency review`",
                "请该组的另一位 DBA 或管理员使用 `/emergency review`"
            ),
        ));
    }
    Ok(checks)
}

/// Without a DBA nobody can approve; without Discord ids nobody is known in chat.
fn of_the_file(config: &Config) -> Check {
    let all = config.person.len();
    if all == 0 {
        return Check::failed(
            PART,
            said!("the configuration names nobody", "配置里没有任何人员"),
            said!(
                "write a [[person]] for each, with name, discord_id and roles; dbdesk.example.toml shows how",
                "为每个人写一段 [[person]]，包括 name、discord_id 和 roles；写法见 dbdesk.example.toml"
            ),
        );
    }
    let dbas = config.person.iter().filter(|person| person.roles.contains(&Role::Dba)).count();
    let linked = config.person.iter().filter(|person| person.discord_id.is_some()).count();
    counted((all, 0), dbas, linked)
}

fn counted((all, without): (usize, usize), dbas: usize, linked: usize) -> Check {
    let (en, zh) = match without {
        0 => (String::new(), String::new()),
        without => (
            format!("; {without} more have no role and may nothing (`dbdesk person list`)"),
            format!("；另有 {without} 人没有角色，不能做任何操作（见 `dbdesk person list`）"),
        ),
    };
    let found = said!(
        "{all} people, {dbas} DBAs, {linked} known in Discord{en}",
        "共 {all} 人，DBA {dbas} 人，已关联 Discord {linked} 人{zh}"
    );
    if dbas >= 2 && linked >= all {
        return Check::ok(PART, found);
    }
    let mend = said!(
        "at least two DBAs are needed (nobody approves his own ticket), and everyone who uses the chat must be linked (`/link`, or discord_id)",
        "至少要有两位 DBA（不能审批自己的工单），在聊天里使用的人都要关联（`/link` 或 discord_id）"
    );
    if dbas == 0 { Check::failed(PART, found, mend) } else { Check::warning(PART, found, mend) }
}

/// Who is another Discord user than the configuration says.
fn other_links(config: &Config, people: &[Person]) -> Option<Check> {
    let differs = |person: &&crate::config::Person| {
        let Some(wanted) = &person.discord_id else { return false };
        let linked = people.iter().find(|known| known.discord_id.as_ref() == Some(wanted));
        let himself = people.iter().find(|known| known.name == person.name);
        linked.is_some_and(|known| known.name != person.name)
            || himself.is_some_and(|known| known.discord_id.as_ref() != Some(wanted))
    };
    let names: Vec<&str> = config.person.iter().filter(differs).map(|person| person.name.as_str()).collect();
    if names.is_empty() {
        return None;
    }
    let names = names.join(", ");
    Some(Check::failed(
        PART,
        said!(
            "the configuration gives these people another discord_id than an admin has linked, or one that was unlinked: {names}",
            "配置里以下人员的 discord_id 与管理员关联的不一致，或已被解除：{names}"
        ),
        said!(
            "mend [[person]] discord_id, or `dbdesk person link` and `unlink`; until then the link that is there holds",
            "请修正 [[person]] 的 discord_id，或使用 `dbdesk person link`、`unlink`；在此之前以现有关联为准"
        ),
    ))
}

/// Nobody could say who is who.
fn no_admin(people: &[Person]) -> Option<Check> {
    let is_admin = |person: &Person| person.roles.contains(&Role::Admin) && person.discord_id.is_some();
    if people.is_empty() || people.iter().any(is_admin) {
        return None;
    }
    let found: Said = said!("no admin is known in Discord", "没有关联 Discord 的管理员");
    Some(Check::warning(
        PART,
        found,
        said!(
            "give somebody the role admin (`dbdesk person roles`): only an admin can confirm who is who after `/link`",
            "请给某人分配 admin 角色（`dbdesk person roles`）：`/link` 之后只有管理员能确认身份"
        ),
    ))
}
