//! A person makes a token, for himself or, as an admin, for another. It never gives more than the one that asks for it.

use super::{
    Caller, Failure, Once,
    refuse::{invalid, quoted},
    reviewing::any_group,
    scope,
};
use crate::desk::Desk;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use dbdesk_cmdb::Within;
use dbdesk_commands::{
    clock::Time,
    lang::{Said, said},
    wire::{
        audit::{SubjectKind, What},
        problem::{Code, Refusal},
        token::{Lasts, May, TokenCreate, TokenKind, TokenMade, TokenView},
    },
};
use dbdesk_store::{
    audit::Decision,
    person::{self, Person},
    token::{self, Kind, NewToken},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// The most that a person has at a time.
pub const MOST: i64 = 20;
/// The most service groups that one token names.
pub const MOST_GROUPS: usize = 50;
const NAME_CHARS: usize = 64;
/// How the text of every token begins, so that it is known where it should not be.
pub(super) const TOKEN_BEGINS: &str = "dbdesk_";

/// Makes it, and shows it this once.
pub async fn create(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    body: TokenCreate,
) -> Result<TokenMade, Failure> {
    if caller.token.is_bot() {
        return Err(not_in_chat().into());
    }
    let name = name(&body.name)?;
    let person = whose(desk, caller, body.person.as_deref()).await?;
    let may = may(caller, body.may)?;
    if person.id != caller.person.id {
        only_harmless(&person.name, &may)?;
    }
    let (within, service_groups) = groups(desk, caller, body.service_groups).await?;
    let now = desk.clock.now();
    let expires_at = end(desk, caller, body.expires.as_deref(), now)?;
    let new = NewToken {
        name,
        kind: Kind::Person(person.id),
        may,
        within,
        expires_at: Some(expires_at),
        made_by: Some(caller.token.id),
    };
    let (text, hash) = drawn(desk.chance.bytes()?);

    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    // Who revokes it at this moment waits for what is made here, and finds it; or has revoked it.
    if !token::lock(&mut tx, caller.token.id).await? {
        return Err(revoked_just_now().into());
    }
    if token::count(&mut tx, person.id, now).await? >= MOST {
        return Err(too_many(&person.name).into());
    }
    token::insert(&mut *tx, &new, &hash, now)
        .await
        .map_err(|error| if error.is_duplicate() { Failure::from(taken(&new.name)) } else { error.into() })?;
    tx.decided(created(&new, &person.name, now));
    let about = TokenView {
        name: new.name,
        kind: TokenKind::Person,
        person: Some(person.view()),
        may: new.may,
        service_groups,
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
        last_used_from: None,
        revoked_at: None,
    };
    // The text itself is kept nowhere, not for the same request again either.
    once.keep(&mut tx, &TokenMade { about: about.clone(), token: None }).await?;
    desk.commit(tx).await?;
    Ok(TokenMade { about, token: Some(text) })
}

fn revoked_just_now() -> Refusal {
    Refusal::new(
        Code::Unauthenticated,
        said!("This token was revoked just now. Nothing was made.", "这个令牌刚刚被吊销。没有创建任何令牌。"),
    )
}

/// A token's text of random bytes, and what is kept of it.
#[must_use]
pub fn drawn(bytes: [u8; 32]) -> (String, [u8; 32]) {
    let text = format!("{TOKEN_BEGINS}{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = Sha256::digest(text.as_bytes()).into();
    (text, hash)
}

/// For the audit log: what it is for, never what it is.
#[must_use]
pub fn created(new: &NewToken, whose: &str, at: Time) -> Decision {
    let groups = match &new.within {
        Within::All => None,
        Within::Only(groups) => Some(groups.iter().map(ToString::to_string).collect::<Vec<_>>()),
    };
    let detail =
        json!({ "of": whose, "may": new.may, "service_groups": groups, "expires_at": new.expires_at });
    Decision::new(What::TokenCreated, SubjectKind::Token, &new.name, detail, at)
}

/// A name that can stand in a path and on a command line.
pub fn name(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    let usable = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if begins && name.len() <= NAME_CHARS && name.bytes().all(usable) {
        return Ok(name.to_owned());
    }
    Err(invalid(said!(
        "“{name}” is not usable as a token's name: at most {NAME_CHARS} letters, digits, `.`, `-` and `_`, a letter or digit first.",
        "“{name}”不能用作令牌的名字：只能用字母、数字、`.`、`-` 和 `_`，以字母或数字开头，最多 {NAME_CHARS} 个字符。",
        name = quoted(name)
    )))
}

async fn whose(desk: &Desk, caller: &Caller, asked: Option<&str>) -> Result<Person, Failure> {
    match asked.map(str::trim).filter(|name| *name != caller.person.name) {
        None => Ok(caller.person.clone()),
        Some(name) => another(desk, caller, name).await,
    }
}

/// Another person, for an admin whose token is for that.
pub(super) async fn another(desk: &Desk, caller: &Caller, name: &str) -> Result<Person, Failure> {
    only_admin(caller)?;
    let person = person::by_name(&desk.store, name).await?;
    Ok(person.ok_or_else(|| {
        Refusal::new(
            Code::NotFound,
            said!(
                "There is nobody “{name}” at the desk.",
                "工单台里没有“{name}”这个人。",
                name = quoted(name)
            ),
        )
    })?)
}

/// Other people's tokens are for admins.
pub(super) fn only_admin(caller: &Caller) -> Result<(), Refusal> {
    if !caller.is_admin() {
        return Err(Refusal::new(
            Code::Forbidden,
            said!(
                "Tokens of other people are for admins. Ask one of them, or make one for yourself.",
                "只有管理员可以处理别人的令牌。请联系管理员，或者为自己创建令牌。"
            ),
        ));
    }
    scope::holds(&caller.token, May::Admin)
}

/// Whoever makes a token holds its text first: one for somebody else never decides in his name.
fn only_harmless(name: &str, may: &BTreeSet<May>) -> Result<(), Refusal> {
    if may.iter().all(|may| matches!(may, May::Read | May::File)) {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Forbidden,
        said!(
            "A token for somebody else may `read` and `file` only: you would hold what decides in the name of {name}. {name} makes others himself, \
             or the operator with `dbdesk token create`.",
            "为别人创建的令牌只能有 `read` 和 `file`：否则你就能以 {name} 的名义审批。其他范围请由 {name} 自己创建，或由运维用 `dbdesk token create` 创建。"
        ),
    ))
}

fn may(caller: &Caller, asked: Option<BTreeSet<May>>) -> Result<BTreeSet<May>, Refusal> {
    let own = &caller.token.what.may;
    let Some(asked) = asked else {
        return Ok(May::USUAL.into_iter().filter(|may| own.contains(may)).collect());
    };
    if asked.is_empty() {
        return Err(invalid(said!(
            "A token that may nothing is of no use: name at least one scope in `may`, or leave it out.",
            "没有任何范围的令牌没有用处：请在 `may` 中至少写一个范围，或者不填。"
        )));
    }
    for may in &asked {
        scope::holds(&caller.token, *may)?;
    }
    Ok(asked)
}

async fn groups(
    desk: &Desk,
    caller: &Caller,
    asked: Option<BTreeSet<String>>,
) -> Result<(Within, Option<Vec<String>>), Failure> {
    let Some(asked) = asked else {
        let own = caller.within().clone();
        let names = match &own {
            Within::All => None,
            Within::Only(_) => Some(dbdesk_store::service_group::names(&desk.store, &own).await?),
        };
        return Ok((own, names));
    };
    if asked.is_empty() || asked.len() > MOST_GROUPS {
        return Err(invalid(said!(
            "`service_groups` names 1 to {MOST_GROUPS} groups; leave it out for all that your own token reaches.",
            "`service_groups` 可以写 1 到 {MOST_GROUPS} 个服务组；不填则与你自己的令牌相同。"
        ))
        .into());
    }
    let (mut ids, mut names) = (BTreeSet::new(), Vec::new());
    for name in &asked {
        let found = any_group(desk, caller.within(), name.trim()).await?;
        ids.insert(found.id);
        names.push(found.group.name);
    }
    Ok((Within::Only(ids), Some(names)))
}

/// When it ends: never later than the token that asks for it.
fn end(desk: &Desk, caller: &Caller, asked: Option<&str>, now: Time) -> Result<Time, Refusal> {
    let api = &desk.config.api;
    let own = caller.token.what.expires_at;
    let lasts = asked.map(|asked| asked.parse().map_err(|said: Said| invalid(said))).transpose()?;
    match lasts {
        None => {
            let usual = now + TimeDelta::days(i64::from(api.token_days.min(api.token_days_most)));
            Ok(own.map_or(usual, |own| own.min(usual)))
        }
        Some(Lasts::Never) => Err(without_end(api.token_days_most)),
        Some(Lasts::For(lasts)) if lasts > TimeDelta::days(i64::from(api.token_days_most)) => {
            Err(too_long(api.token_days_most))
        }
        Some(Lasts::For(lasts)) if own.is_some_and(|own| now + lasts > own) => Err(Refusal::new(
            Code::Forbidden,
            said!(
                "A token can make none that lasts longer than itself. Leave `expires` out: then it lasts as long as this one at most.",
                "令牌不能创建比自己有效期更长的令牌。不填 `expires` 时，有效期最长与当前令牌相同。"
            ),
        )),
        Some(Lasts::For(lasts)) => Ok(now + lasts),
    }
}

/// Only the bot's token lasts until it is revoked.
#[must_use]
pub fn without_end(days: u32) -> Refusal {
    invalid(said!(
        "A person's token ends: write how long it lasts, such as `90d`, at most `{days}d`. Only the bot's may last for ever.",
        "个人令牌必须有有效期：请写明期限，例如 `90d`，最长 `{days}d`。只有机器人的令牌可以永久有效。"
    ))
}

/// Longer than the configuration has it.
#[must_use]
pub fn too_long(days: u32) -> Refusal {
    invalid(said!(
        "A token lasts at most {days} days here (`api.token_days_most`).",
        "这里的令牌有效期最长 {days} 天（`api.token_days_most`）。"
    ))
}

fn too_many(name: &str) -> Refusal {
    Refusal::new(
        Code::TooMany,
        said!(
            "{name} has {MOST} tokens already. Revoke one with `DELETE /v1/tokens/NAME` first.",
            "{name} 已有 {MOST} 个令牌。请先用 `DELETE /v1/tokens/名字` 吊销一个。"
        ),
    )
}

fn taken(name: &str) -> Refusal {
    invalid(said!(
        "There is, or was, a token “{name}” already. Choose another name.",
        "已经有过名为“{name}”的令牌，请换一个名字。"
    ))
}

fn not_in_chat() -> Refusal {
    Refusal::new(
        Code::Forbidden,
        said!(
            "Tokens are not made through the bot: they would stand in chat. Make one with a token of your own, or ask an admin for \
             `dbdesk token create`.",
            "不能通过机器人创建令牌，否则令牌会出现在聊天里。请用自己的令牌创建，或请管理员执行 `dbdesk token create`。"
        ),
    )
}
