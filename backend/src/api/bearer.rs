//! Who asks: the bearer token, and for the bot the person it acts as.

use crate::{
    desk::Desk,
    service::{Caller, Failure, Reader},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use chrono::TimeDelta;
use dbdesk_commands::{
    clock::Time,
    id::is_discord_id,
    lang::{Lang, said},
    wire::problem::{Code, Refusal},
};
use dbdesk_store::{
    person,
    token::{self, Kind, Token},
};
use sha2::{Digest as _, Sha256};
use std::{net::IpAddr, sync::Arc};

/// The bot says here for whom it acts: `discord:<user id>`.
const ACT_AS: &str = "x-dbdesk-act-as";
/// The bot says here with what he asks it: `discord:<interaction id>/<channel id>`. Nobody else is believed.
const SOURCE: &str = "x-dbdesk-source";
/// A token's use is noted once in this time.
const NOTE_EVERY: TimeDelta = TimeDelta::minutes(1);

/// The language that the asker prefers among ours; English where he does not say.
pub(super) fn lang_of(headers: &HeaderMap) -> Lang {
    let Some(header) = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) else {
        return Lang::En;
    };
    let mut best = (Lang::En, 0.0_f32);
    for part in header.split(',').take(16) {
        let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
        let weight = rest.trim().strip_prefix("q=").map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        let ours = ["en", "zh"].iter().any(|known| tag.trim().to_ascii_lowercase().starts_with(known));
        if ours && weight > best.1 {
            best = (Lang::of_locale(tag.trim()), weight);
        }
    }
    best.0
}

/// The token of a request, known and not over; its use is noted.
pub(super) async fn token(
    desk: &Desk,
    headers: &HeaderMap,
    from: Option<IpAddr>,
) -> Result<Arc<Token>, Failure> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let Some(bearer) = bearer else {
        return Err(unauthenticated(said!(
            "This needs a token: send `Authorization: Bearer …`. An admin makes one with `dbdesk token create`.",
            "需要令牌：请发送 `Authorization: Bearer …`。管理员可以用 `dbdesk token create` 创建。"
        )));
    };
    // The lookup goes by the hash: how long it takes says nothing about a token that is there.
    let hash: [u8; 32] = Sha256::digest(bearer.as_bytes()).into();
    let Some(token) = token::by_hash(&desk.store, &hash).await? else {
        return Err(unauthenticated(said!(
            "This token is not known, or was revoked. An admin makes a new one with `dbdesk token create`.",
            "这个令牌不存在或已被吊销。管理员可以用 `dbdesk token create` 重新创建。"
        )));
    };
    let now = desk.clock.now();
    if let Some(end) = token.what.expires_at.filter(|end| *end <= now) {
        return Err(over(&token.what.name, end));
    }
    if token.last_used_at.is_none_or(|last| now - last > NOTE_EVERY) {
        let from = from.map(|from| from.to_string());
        if let Err(error) = token::used(&desk.store, token.id, now, from.as_deref()).await {
            tracing::debug!(%error, "the use of a token was not noted");
        }
    }
    Ok(Arc::new(token))
}

/// Whoever holds a token may know its name and its end.
fn over(name: &str, end: Time) -> Failure {
    let end = end.format("%Y-%m-%d %H:%M UTC");
    unauthenticated(said!(
        "The token “{name}” ended on {end}. An admin makes a new one with `dbdesk token create`; one can be made with `POST /v1/tokens` \
         as long as the old one lasts.",
        "令牌“{name}”已于 {end} 到期。请联系管理员用 `dbdesk token create` 创建新的；在旧令牌到期之前，也可以自己用 `POST /v1/tokens` 创建。"
    ))
}

fn unauthenticated(said: dbdesk_commands::lang::Said) -> Failure {
    Refusal::new(Code::Unauthenticated, said).into()
}

/// The person for whom the bot acts.
async fn acting(desk: &Desk, headers: &HeaderMap) -> Result<Option<person::Person>, Failure> {
    let Some(header) = headers.get(ACT_AS) else { return Ok(None) };
    let id = header.to_str().ok().and_then(|text| text.strip_prefix("discord:"));
    let id = id.filter(|id| is_discord_id(id));
    let Some(id) = id else {
        return Err(Refusal::new(
            Code::BadRequest,
            said!(
                "The header `X-Dbdesk-Act-As` must be `discord:` and a Discord user id.",
                "请求头 `X-Dbdesk-Act-As` 的格式必须是 `discord:` 加 Discord 用户 ID。"
            ),
        )
        .into());
    };
    match person::by_discord(&desk.store, id).await? {
        Some(person) => Ok(Some(person)),
        None => Err(Refusal::new(
            Code::NotLinked,
            said!(
                "The desk does not know your Discord account yet. Tell it who you are with `/link name:` and your name in the desk; an \
                 admin confirms it.",
                "工单台还不认识你的 Discord 账号。请用 `/link name:` 加上你在工单台的名字，由管理员确认。"
            ),
        )
        .into()),
    }
}

/// Who has no role may nothing.
fn no_role(name: &str) -> Refusal {
    Refusal::new(
        Code::Forbidden,
        said!(
            "The desk knows you as “{name}”, but you have no role there. Ask an admin for one (`dbdesk person roles`).",
            "工单台认识你（“{name}”），但你没有任何角色。请联系管理员分配（`dbdesk person roles`）。"
        ),
    )
}

/// Who stands behind a request, as the gate found out.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) token: Arc<Token>,
    person: Option<person::Person>,
    source: Option<String>,
}

impl Asker {
    /// The person, if one stands behind it.
    pub(super) fn caller(&self, lang: Lang) -> Option<Caller> {
        let (token, source) = (Arc::clone(&self.token), self.source.clone());
        self.person.clone().map(|person| Caller { person, token, source, lang })
    }
}

/// From where: the bot says which interaction, everybody else's address is seen.
fn source(token: &Token, headers: &HeaderMap, from: Option<IpAddr>) -> Option<String> {
    if !token.is_bot() {
        return from.map(|from| from.to_string());
    }
    let told = headers.get(SOURCE)?.to_str().ok()?;
    let (interaction, channel) = told.strip_prefix("discord:")?.split_once('/')?;
    (is_discord_id(interaction) && is_discord_id(channel)).then(|| told.to_owned())
}

/// The person for whom this token speaks.
pub(super) async fn asked_by(
    desk: &Desk,
    headers: &HeaderMap,
    token: Arc<Token>,
    from: Option<IpAddr>,
) -> Result<Asker, Failure> {
    let person = match token.what.kind {
        Kind::Bot => acting(desk, headers).await?,
        Kind::Person(id) => {
            let person = person::by_id(&desk.store, id).await?;
            Some(person.ok_or_else(|| anyhow::anyhow!("token {} is of {id}, who is gone", token.id))?)
        }
    };
    if let Some(person) = person.as_ref().filter(|person| person.roles.is_empty()) {
        return Err(no_role(&person.name).into());
    }
    let source = source(&token, headers, from);
    Ok(Asker { token, person, source })
}

/// Who stands behind this request; a route that the gate does not guard has none.
pub(super) fn asker(parts: &Parts) -> Result<&Asker, Failure> {
    let asker = parts.extensions.get();
    asker.ok_or_else(|| anyhow::anyhow!("a route looks for a token that was not asked for").into())
}

fn reader(parts: &Parts) -> Result<Reader, Failure> {
    let (asker, lang) = (asker(parts)?, lang_of(&parts.headers));
    Ok(Reader { person: asker.caller(lang), token: Arc::clone(&asker.token), lang })
}

/// A person must stand behind the request.
impl FromRequestParts<Arc<Desk>> for Caller {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _desk: &Arc<Desk>) -> Result<Self, Failure> {
        reader(parts)?.person.ok_or_else(|| {
            Refusal::new(
                Code::Forbidden,
                said!(
                    "The bot's token alone may only read and tell. Say for whom it acts: `X-Dbdesk-Act-As: discord:<user id>`.",
                    "机器人的令牌本身只能读取和播报。请说明代表谁操作：`X-Dbdesk-Act-As: discord:<用户 ID>`。"
                ),
            )
            .into()
        })
    }
}

/// A person, or the bot by itself.
impl FromRequestParts<Arc<Desk>> for Reader {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _desk: &Arc<Desk>) -> Result<Self, Failure> {
        reader(parts)
    }
}

/// Whether it is the bot's own token.
pub(super) fn only_bot(token: &Token) -> Result<(), Refusal> {
    if token.is_bot() {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Forbidden,
        said!(
            "Only the bot tells tickets in chat and notes how far it got; its token is made with `dbdesk token create --bot`.",
            "只有机器人负责在聊天中播报工单并记录进度；它的令牌用 `dbdesk token create --bot` 创建。"
        ),
    ))
}

/// The bot by itself, and nobody else.
pub struct TheBot;

impl FromRequestParts<Arc<Desk>> for TheBot {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _desk: &Arc<Desk>) -> Result<Self, Failure> {
        only_bot(&asker(parts)?.token)?;
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_language_with_the_greatest_weight_among_ours_is_spoken() {
        for (header, lang) in [
            ("zh-CN", Lang::Zh),
            ("en-GB,zh;q=0.9", Lang::En),
            ("en;q=0.5, zh-TW;q=0.8", Lang::Zh),
            ("de, fr;q=0.9, zh;q=0.1", Lang::Zh),
            ("de", Lang::En),
            ("", Lang::En),
            (";q=;;,", Lang::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(lang_of(&headers), lang, "{header}");
        }
    }
}
