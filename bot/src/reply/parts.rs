//! A service group's proxies, virtual IPs and names.

use super::{
    escape::{code, plain},
    limits::DESCRIPTION,
    message::{Embed, Message},
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::workflow::{NamePurpose, PartsView},
};

/// Parts of one message.
const LISTED: usize = 16;
const BLUE: u32 = 0x0034_98db;

/// Where writes and reads go.
#[must_use]
pub fn proxies(it: &PartsView, lang: Lang) -> Message {
    let line = |proxy: &dbdesk_commands::wire::workflow::ProxyPart| {
        let (at, writer) = (code(&proxy.proxy, 120), code(&proxy.writer, 120));
        let (kind, admin) = (plain(&proxy.kind, 20), code(&proxy.admin, 120));
        let reads = match proxy.read_port {
            Some(port) => {
                let readers: Vec<String> =
                    proxy.readers.iter().take(LISTED).map(|one| code(one, 120)).collect();
                let readers = readers.join(", ");
                said!(" · reads (port {port}) to {readers}", " · 读（端口 {port}）到 {readers}")
            }
            None => Said::fixed("", ""),
        };
        let Said { en, zh } = reads;
        said!(
            "🔀 {at} {kind}, steered at {admin}: writes to {writer}{en}",
            "🔀 {at} {kind}，管理地址 {admin}：写到 {writer}{zh}"
        )
    };
    let title = said!("Proxies of {group}", "{group} 的代理", group = plain(&it.service_group, 32));
    let none = Said::fixed("It has no proxies.", "没有代理。");
    listed(it, &title, &none, &it.proxies.iter().map(line).collect::<Vec<_>>(), lang)
}

/// Which address may be where.
#[must_use]
pub fn vips(it: &PartsView, lang: Lang) -> Message {
    let line = |vip: &dbdesk_commands::wire::workflow::VipPart| {
        let (at, on) = (code(&vip.vip, 60), plain(&vip.interface, 20));
        let hosts: Vec<String> = vip.hosts.iter().take(LISTED).map(|one| code(one, 64)).collect();
        let hosts = hosts.join(", ");
        let Said { en, zh } = purpose(vip.purpose);
        said!("📍 {at} ({en}) on {on} of one of {hosts}", "📍 {at}（{zh}）在 {hosts} 之一的 {on} 上")
    };
    let title = said!("Virtual IPs of {group}", "{group} 的虚拟 IP", group = plain(&it.service_group, 32));
    let none = Said::fixed("It has no virtual IPs.", "没有虚拟 IP。");
    listed(it, &title, &none, &it.vips.iter().map(line).collect::<Vec<_>>(), lang)
}

/// Where names lead.
#[must_use]
pub fn names(it: &PartsView, lang: Lang) -> Message {
    let line = |name: &dbdesk_commands::wire::workflow::NamePart| {
        let (at, to) = (code(&name.name, 253), code(&name.leads_to, 253));
        let (zone, ttl) = (code(&name.zone, 253), name.ttl_s);
        let Said { en, zh } = purpose(name.purpose);
        said!(
            "🌐 {at} ({en}) leads to {to} · zone {zone}, kept for {ttl} s",
            "🌐 {at}（{zh}）解析到 {to} · 区域 {zone}，TTL {ttl} 秒"
        )
    };
    let title = said!("Names of {group}", "{group} 的域名", group = plain(&it.service_group, 32));
    let none = Said::fixed("It has no names.", "没有域名。");
    listed(it, &title, &none, &it.names.iter().map(line).collect::<Vec<_>>(), lang)
}

fn purpose(purpose: NamePurpose) -> Said {
    match purpose {
        NamePurpose::Write => Said::fixed("writes", "写"),
        NamePurpose::Read => Said::fixed("reads", "读"),
    }
}

fn listed(it: &PartsView, title: &Said, none: &Said, lines: &[Said], lang: Lang) -> Message {
    let mut lines: Vec<String> = lines.iter().map(|line| line.in_lang(lang).to_owned()).collect();
    if lines.is_empty() {
        lines.push(none.in_lang(lang).to_owned());
    }
    let version = it.version;
    let from = said!("By the inventory, version {version}.", "以上来自清单，版本 {version}。");
    lines.push(from.in_lang(lang).to_owned());
    let text = lines.join("\n").chars().take(DESCRIPTION).collect();
    let title = title.in_lang(lang).to_owned();
    Message { embeds: vec![Embed { title, text, colour: BLUE, ..Embed::default() }], ..Message::default() }
}
