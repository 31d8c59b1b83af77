//! Service groups: lists, one with its servers, its picture, its history.

use super::{
    escape::{code, plain},
    limits::DESCRIPTION,
    message::{Embed, Message},
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::group::{
        FrontLayer, FrontView, GroupHistory, GroupPage, GroupVersion, GroupView, InstanceRole, InstanceView,
        Topology,
    },
};

/// Groups of one message.
const LISTED: usize = 25;
/// Characters of a group's databases.
const DATABASES: usize = 80;
/// Servers of one message.
const SERVERS: usize = 20;
/// Versions of one message.
const VERSIONS: usize = 8;
/// Characters of what one version changed.
const CHANGES: usize = 350;
/// Characters of one difference, or of what a server says that is wrong.
const SENTENCE: usize = 240;

const COLOUR: u32 = 0x0034_98db;
const GOOD: u32 = 0x0027_ae60;
const WARNS: u32 = 0x00e6_7e22;

/// Service groups.
#[must_use]
pub fn list(page: &GroupPage, lang: Lang) -> Message {
    if page.groups.is_empty() {
        return Message::text(
            Said::fixed("There is no such service group.", "没有符合条件的服务组。").in_lang(lang),
        );
    }
    let mut lines: Vec<String> = page.groups.iter().take(LISTED).map(|group| line(group, lang)).collect();
    let more = page.groups.len().saturating_sub(LISTED);
    if more > 0 {
        lines.push(
            said!("… and {more} more; give a part of the name", "……另有 {more} 个，请输入名称的一部分")
                .in_lang(lang)
                .to_owned(),
        );
    }
    boxed(Said::fixed("Service groups", "服务组").in_lang(lang).to_owned(), &lines.join("\n"), COLOUR)
}

fn line(group: &GroupView, lang: Lang) -> String {
    let team = match &group.team {
        Some(team) => plain(team, 64),
        None => Said::fixed("no team", "无团队").in_lang(lang).to_owned(),
    };
    let name = plain(&group.name, 32);
    let databases = plain(&group.databases.join(", "), DATABASES);
    let databases = said!("databases: {databases}", "数据库：{databases}");
    format!("**{name}** · {} · {} · {team} · {}", group.environment, group.flavour, databases.in_lang(lang))
}

/// One with its servers as they are now.
#[must_use]
pub fn show(it: &Topology, lang: Lang) -> Message {
    let group = &it.group;
    let mut lines = vec![line(group, lang)];
    let Said { en, zh } = failover(&it.failover);
    let version = it.version;
    let package = it.package.as_ref().map(|package| plain(package, 40));
    let (built, built_zh) = package.map_or_else(Default::default, |package: String| {
        (format!(" · package {package}"), format!(" · 方案 {package}"))
    });
    let second = said!(
        "When the primary dies: {en} · version {version} of the inventory{built}",
        "主库故障时：{zh} · 清单版本 {version}{built_zh}"
    );
    lines.push(second.in_lang(lang).to_owned());
    lines.extend(it.front.iter().map(|front| front_line(front, lang)));
    lines.extend(it.instances.iter().take(SERVERS).map(|one| server(one, lang)));
    let more = it.instances.len().saturating_sub(SERVERS);
    if more > 0 {
        lines.push(said!("… and {more} more", "……另有 {more} 台").in_lang(lang).to_owned());
    }
    let colour = if it.differences.is_empty() {
        lines.push(
            Said::fixed("✅ The servers are what the inventory says.", "✅ 服务器与清单一致。")
                .in_lang(lang)
                .to_owned(),
        );
        GOOD
    } else {
        lines
            .push(Said::fixed("⚠️ Not as the inventory says:", "⚠️ 与清单不一致：").in_lang(lang).to_owned());
        lines.extend(it.differences.iter().map(|said| format!("• {}", plain(said.in_lang(lang), SENTENCE))));
        WARNS
    };
    boxed(plain(&group.name, 32), &lines.join("\n"), colour)
}

/// Its servers as they are now.
#[must_use]
pub fn servers(it: &Topology, lang: Lang) -> Message {
    let mut lines: Vec<String> = it.instances.iter().take(SERVERS).map(|one| server(one, lang)).collect();
    let more = it.instances.len().saturating_sub(SERVERS);
    if more > 0 {
        lines.push(said!("… and {more} more", "……另有 {more} 台").in_lang(lang).to_owned());
    }
    lines.extend(it.differences.iter().map(|said| format!("⚠️ {}", plain(said.in_lang(lang), SENTENCE))));
    let title = said!("Servers of {group}", "{group} 的服务器", group = plain(&it.group.name, 32));
    let colour = if it.differences.is_empty() { GOOD } else { WARNS };
    boxed(title.in_lang(lang).to_owned(), &lines.join("\n"), colour)
}

fn failover(word: &str) -> Said {
    match word {
        "auto" => Said::fixed("another takes its place", "自动切换"),
        "confirm" => Said::fixed("a DBA is asked", "由 DBA 确认切换"),
        _ => Said::fixed("it is announced, and nothing done", "仅通知，不做任何操作"),
    }
}

fn front_line(front: &FrontView, lang: Lang) -> String {
    let layer = match front.layer {
        FrontLayer::Dns => Said::fixed("🌐 name", "🌐 域名"),
        FrontLayer::Vip => Said::fixed("📍 virtual IP", "📍 虚拟 IP"),
        FrontLayer::Proxy => Said::fixed("🔀 proxy", "🔀 代理"),
    };
    format!("{} {} → {}", layer.in_lang(lang), code(&front.name, 120), plain(&front.leads_to, 60))
}

fn server(it: &InstanceView, lang: Lang) -> String {
    let role = match it.role {
        InstanceRole::Primary => Said::fixed("primary", "主库"),
        InstanceRole::Replica => Said::fixed("replica", "从库"),
    };
    let used = match it.state.as_str() {
        "drained" => Said::fixed(" · drained", " · 已摘除"),
        "building" => Said::fixed(" · being built", " · 搭建中"),
        _ => Said::fixed("", ""),
    };
    let address = code(&format!("{}:{}", it.host, it.port), 120);
    let (mark, says) = says(it);
    format!("{mark} {address} {}{} · {}", role.in_lang(lang), used.in_lang(lang), says.in_lang(lang))
}

fn says(it: &InstanceView) -> (&'static str, Said) {
    let Some(live) = &it.live else {
        let why = plain(it.unreachable.as_deref().unwrap_or_default(), SENTENCE);
        return if why.is_empty() {
            ("⚪", Said::fixed("not asked", "未查询"))
        } else {
            ("🔴", said!("does not answer: {why}", "无法连接：{why}"))
        };
    };
    let version = plain(&live.version, 60);
    match (it.role, live.read_only, live.replicating, live.lag_ms) {
        (InstanceRole::Primary, false, ..) => ("🟢", said!("takes writes · {version}", "可写 · {version}")),
        (InstanceRole::Primary, true, ..) => ("🔴", said!("read-only · {version}", "只读 · {version}")),
        (InstanceRole::Replica, false, ..) => ("🔴", said!("takes writes · {version}", "可写 · {version}")),
        (_, _, Some(false), _) => {
            let why = plain(live.trouble.as_deref().unwrap_or_default(), SENTENCE);
            ("🔴", said!("has stopped following · {version} {why}", "复制已停止 · {version} {why}"))
        }
        (_, _, _, Some(lag_ms)) => {
            let lag = words::duration(lag_ms);
            let (en, zh) = (lag.en, lag.zh);
            ("🟢", said!("lag {en} · {version}", "延迟 {zh} · {version}"))
        }
        _ => ("🟡", said!("lag not known · {version}", "延迟未知 · {version}")),
    }
}

/// One as a picture.
#[must_use]
pub fn picture(group: &str, png: Vec<u8>, lang: Lang) -> Message {
    let group = code(group, 32);
    let said = said!("{group} as it is now:", "{group} 当前的拓扑：");
    Message::text(said.in_lang(lang)).with_file("topology.png", png)
}

/// Who changed what.
#[must_use]
pub fn history(group: &str, page: &GroupHistory, lang: Lang) -> Message {
    if page.versions.is_empty() {
        let said = Said::fixed("It was not in the inventory at that time.", "当时清单里还没有它。");
        return Message::text(said.in_lang(lang));
    }
    let mut lines: Vec<String> =
        page.versions.iter().take(VERSIONS).map(|version| version_lines(version, lang)).collect();
    if page.more || page.versions.len() > VERSIONS {
        let said = Said::fixed(
            "Older versions: `GET /v1/service-groups/NAME/history?before=VERSION`, or give a time.",
            "更早的版本：`GET /v1/service-groups/NAME/history?before=VERSION`，或给出时间。",
        );
        lines.push(said.in_lang(lang).to_owned());
    }
    let title = said!("History of {group}", "{group} 的变更历史", group = plain(group, 32));
    boxed(title.in_lang(lang).to_owned(), &lines.join("\n"), COLOUR)
}

fn version_lines(it: &GroupVersion, lang: Lang) -> String {
    let who = it.person.as_ref().map_or_else(|| plain(&it.actor, 80), words::person);
    let ticket = it.ticket.map_or_else(String::new, |ticket| format!(" · {ticket}"));
    let head = said!(
        "**Version {version}** · {at} · {who}{ticket} · {why}",
        "**版本 {version}** · {at} · {who}{ticket} · {why}",
        version = it.version,
        at = words::time(it.at),
        why = plain(&it.why, 120)
    );
    let changed: Vec<&str> = it
        .changes
        .iter()
        .flat_map(|changes| changes.lines())
        .filter(|line| line.starts_with(['+', '-']) && !line.starts_with("-- "))
        .collect();
    if changed.is_empty() {
        return head.in_lang(lang).to_owned();
    }
    // A fence of its own must not be ended by what stands in it.
    let text: String = changed.join("\n").replace('`', "ˋ").chars().take(CHANGES).collect();
    format!("{}\n```diff\n{text}\n```", head.in_lang(lang))
}

fn boxed(title: String, text: &str, colour: u32) -> Message {
    let text = text.chars().take(DESCRIPTION).collect();
    Message { embeds: vec![Embed { title, text, colour, ..Embed::default() }], ..Message::default() }
}
