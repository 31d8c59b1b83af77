//! `dbdesk-bot --check`: do Discord and the desk answer, and as whom? Nothing is changed. The token stays here; `dbdesk doctor`
//! reads what is printed.

use crate::{
    backend::{As, Backend, BackendError, READ_LIMIT},
    config::Config,
    guard::Reach,
    rest::{Rest, RestError},
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::card::CardsBehind,
};
use serde::Serialize;
use serde_json::Value;
use twilight_http::routing::Route;

/// What was found about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// It is as it should be.
    pub ok: bool,
    /// What was found.
    pub found: Said,
    /// How to mend it.
    pub mend: Option<Said>,
}

impl Finding {
    fn good(found: Said) -> Self {
        Self { ok: true, found, mend: None }
    }

    fn bad(found: Said, mend: Said) -> Self {
        Self { ok: false, found, mend: Some(mend) }
    }
}

/// Looks at the token, the application, the channels and the desk's API.
///
/// # Errors
/// When the configuration leads elsewhere than it may, or no client can be made.
pub async fn look(config: &Config) -> anyhow::Result<Vec<Finding>> {
    let reach = Reach::of(config.discord.base_url.as_ref())?;
    let rest = Rest::new(&config.discord.token, &reach);
    let mut findings = vec![application(config, &rest).await];
    if findings.iter().all(|finding| finding.ok) {
        findings.push(gateway(&rest, &reach).await);
        let discord = &config.discord;
        let channels = [
            (
                Some(discord.tickets_channel_id),
                Said::fixed("tickets channel", "工单频道"),
                "tickets_channel_id",
            ),
            (discord.admin_channel_id, Said::fixed("admins' channel", "管理员频道"), "admin_channel_id"),
            (discord.alerts_channel_id, Said::fixed("alerts channel", "告警频道"), "alerts_channel_id"),
        ];
        for (id, what, key) in channels {
            if let Some(id) = id {
                findings.push(channel(&rest, id.get(), &what, key).await);
            }
        }
    }
    let backend = Backend::new(config.backend.url.clone(), config.backend.token.clone())?;
    findings.push(desk(config, &backend).await);
    Ok(findings)
}

async fn application(config: &Config, rest: &Rest) -> Finding {
    let answer: Result<Value, RestError> = rest.get(Route::GetCurrentUserApplicationInfo).await;
    let application = match answer {
        Ok(application) => application,
        Err(error) => {
            return Finding::bad(
                said!("Discord does not take the token: {error}", "Discord 不接受这个令牌：{error}"),
                said!(
                    "copy it again from the developer portal (Bot, Reset Token) into [discord] token_file",
                    "请在开发者后台（Bot，Reset Token）重新复制，写入 [discord] token_file"
                ),
            );
        }
    };
    let text = |key: &str| application.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
    let (id, name) = (text("id"), text("name"));
    match config.discord.application_id {
        Some(wanted) if wanted.to_string() != id => Finding::bad(
            said!(
                "the token belongs to {name} ({id}), not to {wanted}",
                "令牌属于 {name}（{id}），而不是 {wanted}"
            ),
            said!("mend [discord] application_id or the token", "请修正 [discord] application_id 或令牌"),
        ),
        _ => Finding::good(said!(
            "the token is that of {name} ({id}); no privileged intent is needed",
            "令牌属于 {name}（{id}）；不需要特权 intent"
        )),
    }
}

async fn gateway(rest: &Rest, reach: &Reach) -> Finding {
    let mend = || said!("may this machine reach Discord?", "请确认本机可以访问 Discord");
    match rest.gateway_url().await {
        Ok(url) => match reach.check_gateway(&url) {
            Ok(()) => Finding::good(said!("the gateway is {url}", "网关地址是 {url}")),
            Err(astray) => Finding::bad(said!("{astray}", "{astray}"), mend()),
        },
        Err(error) => Finding::bad(said!("no gateway: {error}", "找不到网关：{error}"), mend()),
    }
}

async fn channel(rest: &Rest, channel_id: u64, what: &Said, key: &str) -> Finding {
    let Said { en, zh } = what;
    let answer: Result<Value, RestError> = rest.get(Route::GetChannel { channel_id }).await;
    match answer {
        Ok(channel) => {
            let name = channel.get("name").and_then(Value::as_str).unwrap_or("?").to_owned();
            Finding::good(said!("the {en} is #{name}", "{zh}是 #{name}"))
        }
        Err(error) => Finding::bad(
            said!("the {en} {channel_id} can not be seen: {error}", "看不到{zh} {channel_id}：{error}"),
            said!(
                "mend [discord] {key}, and let the bot view that channel, send messages and threads there",
                "请修正 [discord] {key}，并允许机器人查看该频道、在其中发消息和子区消息"
            ),
        ),
    }
}

async fn desk(config: &Config, backend: &Backend) -> Finding {
    let url = &config.backend.url;
    let asked: Result<CardsBehind, BackendError> =
        backend.get(&As::Desk(Lang::En), &["cards", "behind"], &[("wait_s", "0")], READ_LIMIT).await;
    match asked {
        Ok(_) => Finding::good(said!("the desk at {url} knows the bot", "{url} 的工单台认识机器人")),
        Err(error) => Finding::bad(
            said!("the desk at {url}: {error}", "{url} 的工单台：{error}"),
            said!(
                "is `dbdesk serve` running there, and is [backend] token_file what `dbdesk token create --bot` made?",
                "请确认 `dbdesk serve` 在该地址运行，且 [backend] token_file 是 `dbdesk token create --bot` 生成的令牌"
            ),
        ),
    }
}
