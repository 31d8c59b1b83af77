//! A request for a cluster while it is filled in: a page of the wizard, with what is wrong on it and the picture of what would be built.

use super::{
    escape::{block, code, plain, prose},
    message::{Button, Embed, Message, Pick, Select},
};
use crate::inbound::builds::{Menu, Page, custom_id};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::cluster::{
        BuildDraftView, BuildFailover, BuildFault, BuildPart, BuildRequest, HostView, PackageView,
    },
};
use serenity::model::application::ButtonStyle;

const COLOUR: u32 = 0x0034_98db;
const GOOD: u32 = 0x0027_ae60;
const WARNS: u32 = 0x00e6_7e22;
/// Choices of a menu.
const MENU: usize = 25;
/// Faults of one message.
const FAULTS: usize = 10;
/// Characters of one fault.
const FAULT: usize = 300;
/// Characters of the document that stand in the message; all of it is a file.
const DOCUMENT: usize = 1_400;
/// Steps that stand in the message.
const STEPS: usize = 24;
/// Parameters that are listed.
const PARAMETERS: usize = 20;

/// The name of the document's file.
pub const DOCUMENT_FILE: &str = "request.json";
/// The name of the picture's file.
pub const PICTURE_FILE: &str = "cluster.png";

/// The package that was chosen.
fn package(view: &BuildDraftView) -> Option<&PackageView> {
    let name = view.draft.package.trim().to_lowercase();
    view.packages.iter().find(|package| package.name == name)
}

/// The pages that this request has.
#[must_use]
pub fn pages(view: &BuildDraftView) -> Vec<Page> {
    let Some(package) = package(view) else { return vec![Page::Package] };
    let has = |layer: &str| package.layers.iter().any(|one| one == layer);
    let is_there = |page: &Page| match page {
        Page::Identity => false,
        Page::Proxies => has("proxy"),
        Page::Addresses => has("vip") || has("dns"),
        _ => true,
    };
    Page::ALL.into_iter().filter(is_there).collect()
}

/// The page, or the nearest before it that this request has.
fn shown(pages: &[Page], wanted: Page) -> Page {
    pages.iter().copied().filter(|page| *page <= wanted).max().unwrap_or(Page::Package)
}

/// A page; `png`: the picture of what would be built.
#[must_use]
pub fn page(view: &BuildDraftView, wanted: Page, png: Option<Vec<u8>>, lang: Lang) -> Message {
    let pages = pages(view);
    let page = shown(&pages, wanted);
    let at = pages.iter().position(|one| *one == page).unwrap_or_default();
    let faults = faults(view, page, lang);
    let (of, number) = (pages.len(), at + 1);
    let name = plain(&view.draft.name, 32);
    let Said { en, zh } = heading(page);
    let title = said!("Build {name} · {number} of {of} · {en}", "搭建 {name} · 第 {number}/{of} 步 · {zh}");
    let mut lines = content(view, page, lang);
    lines.extend(faults.iter().cloned());
    let colour = match (faults.is_empty(), page) {
        (true, Page::Review) => GOOD,
        (true, _) => COLOUR,
        (false, _) => WARNS,
    };
    let embed =
        Embed { title: title.in_lang(lang).to_owned(), text: lines.join("\n"), colour, ..Embed::default() };
    let mut message = Message {
        embeds: vec![embed],
        selects: selects(view, page, lang),
        buttons: buttons(view, (&pages, at), lang),
        ..Message::default()
    };
    if page == Page::Review
        && let Some(request) = &view.check.request
    {
        message = message.with_file(DOCUMENT_FILE, document(request));
    }
    match png {
        Some(png) => message.with_file(PICTURE_FILE, png),
        None => message,
    }
}

/// It is not wanted any more.
#[must_use]
pub fn cancelled(lang: Lang) -> Message {
    let said = Said::fixed(
        "Cancelled. Nothing was filed, and what you filled in is forgotten.",
        "已取消。没有提交工单，填写的内容已删除。",
    );
    Message::text(said.in_lang(lang))
}

fn document(request: &BuildRequest) -> String {
    serde_json::to_string_pretty(request).unwrap_or_default()
}

fn heading(page: Page) -> Said {
    match page {
        Page::Identity => Said::fixed("Name and reason", "名称和原因"),
        Page::Package => Said::fixed("Package", "套餐"),
        Page::Hosts => Said::fixed("Hosts", "主机"),
        Page::Memory => Said::fixed("Buffer pool and parameters", "缓冲池和参数"),
        Page::Proxies => Said::fixed("Proxies", "代理"),
        Page::Addresses => Said::fixed("Virtual IP and names", "虚拟 IP 和域名"),
        Page::First => Said::fixed("First database and account", "第一个数据库和账号"),
        Page::Review => Said::fixed("The whole request", "完整申请"),
    }
}

fn page_of(part: BuildPart) -> Page {
    match part {
        BuildPart::Identity => Page::Identity,
        BuildPart::Package => Page::Package,
        BuildPart::Hosts => Page::Hosts,
        BuildPart::Memory => Page::Memory,
        BuildPart::Proxies => Page::Proxies,
        BuildPart::Addresses => Page::Addresses,
        BuildPart::First => Page::First,
    }
}

/// What is wrong on this page; on the last one all of it.
fn faults(view: &BuildDraftView, page: Page, lang: Lang) -> Vec<String> {
    let is_here = |part: BuildPart| {
        let of = page_of(part);
        page == Page::Review || of == page || (of == Page::Identity && page == Page::Package)
    };
    let all: Vec<_> = view.check.faults.iter().filter(|fault| is_here(fault.part)).collect();
    let line = |fault: &&BuildFault| {
        let text = prose(fault.said.in_lang(lang), FAULT);
        if page == Page::Review {
            format!("⚠️ **{}**: {text}", heading(page_of(fault.part)).in_lang(lang))
        } else {
            format!("⚠️ {text}")
        }
    };
    let mut lines: Vec<String> = all.iter().take(FAULTS).map(line).collect();
    let more = all.len().saturating_sub(FAULTS);
    if more > 0 {
        lines.push(said!("… and {more} more", "……另有 {more} 处").in_lang(lang).to_owned());
    }
    lines
}

/// What is there already, and what may be chosen.
fn content(view: &BuildDraftView, page: Page, lang: Lang) -> Vec<String> {
    let draft = &view.draft;
    let whole = view.check.request.as_ref();
    let value = |what: Said, text: &str| {
        let text = if text.trim().is_empty() { "–".to_owned() } else { code(text.trim(), 200) };
        let Said { en, zh } = what;
        said!("{en}: {text}", "{zh}：{text}").in_lang(lang).to_owned()
    };
    match page {
        Page::Identity | Page::Package => {
            let mut lines = vec![
                value(Said::fixed("Environment", "环境"), &draft.environment),
                value(Said::fixed("Reason", "原因"), &draft.reason),
            ];
            if let Some(package) = package(view) {
                lines.push(format!("**{}** · {}", plain(&package.name, 32), plain(&package.title, 100)));
                lines.extend(package.text.as_deref().map(|text| plain(text, 500)));
            }
            lines
        }
        Page::Hosts => {
            let wanted = package(view).map_or_else(String::new, |package| package.replicas.clone());
            let mut lines = vec![
                value(Said::fixed("Primary", "主库"), &draft.primary),
                value(said!("Replicas ({wanted})", "从库（{wanted}）"), &draft.replicas.join(", ")),
            ];
            lines.extend(more_hosts(view, lang));
            lines
        }
        Page::Memory => memory(view, lang),
        Page::Proxies => {
            let wanted = package(view).and_then(|package| package.proxies.clone()).unwrap_or_default();
            let ports = whole.and_then(|whole| whole.proxies.first());
            let mut lines =
                vec![value(said!("Proxies ({wanted})", "代理（{wanted}）"), &draft.proxies.join(", "))];
            if let Some(proxy) = ports {
                let (write, read) =
                    (proxy.write_port.unwrap_or_default(), proxy.read_port.unwrap_or_default());
                lines.push(
                    said!("Writes at port {write}, reads at port {read}", "写端口 {write}，读端口 {read}")
                        .in_lang(lang)
                        .to_owned(),
                );
            }
            lines.extend(more_hosts(view, lang));
            lines
        }
        Page::Addresses => {
            let mut lines = Vec::new();
            if package(view).is_some_and(|package| package.layers.iter().any(|layer| layer == "vip")) {
                lines.push(value(Said::fixed("Virtual IP", "虚拟 IP"), &draft.vip));
            }
            lines.push(value(Said::fixed("Names", "域名"), &draft.names.replace('\n', ", ")));
            lines
        }
        Page::First => vec![
            value(Said::fixed("Database", "数据库"), &draft.database),
            value(Said::fixed("Character set (empty: utf8mb4)", "字符集（留空为 utf8mb4）"), &draft.charset),
            value(
                Said::fixed(
                    "Account (empty: none), asked for once the group is there",
                    "账号（留空则不申请），建成后提交申请",
                ),
                &[draft.account.as_str(), draft.level.as_str(), draft.from.as_str()].join(" "),
            ),
        ],
        Page::Review => review(view, lang),
    }
}

fn more_hosts(view: &BuildDraftView, lang: Lang) -> Option<String> {
    let said = Said::fixed(
        "There are more hosts than a menu holds; **Type** takes any of them.",
        "主机数量超过菜单容量，可以用 **手动填写** 输入其他主机。",
    );
    view.more_hosts.then(|| said.in_lang(lang).to_owned())
}

fn memory(view: &BuildDraftView, lang: Lang) -> Vec<String> {
    let whole = view.check.request.as_ref();
    let mut lines = Vec::new();
    if let Some(whole) = whole {
        let pool = whole.buffer_pool_mb.map_or_else(|| "–".to_owned(), |mb| format!("{mb} MB"));
        let flavour = code(whole.flavour.as_deref().unwrap_or_default(), 40);
        let (en, zh) = if whole.semi_sync == Some(true) { ("yes", "是") } else { ("no", "否") };
        let failover = whole.failover.map_or("", BuildFailover::word);
        let said = said!(
            "{flavour} · buffer pool {pool} · semi-sync: {en} · when the primary dies: {failover}",
            "{flavour} · 缓冲池 {pool} · 半同步：{zh} · 主库故障时：{failover}"
        );
        lines.push(said.in_lang(lang).to_owned());
        let set: Vec<String> =
            whole.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        if !set.is_empty() {
            lines.push(block("ini", &set.join("\n"), 1_000).0);
        }
    }
    let options: Vec<String> = package(view)
        .into_iter()
        .flat_map(|package| package.parameters.iter().take(PARAMETERS))
        .map(|one| format!("{} ({})", code(&one.name, 64), plain(&one.takes, 60)))
        .collect();
    if !options.is_empty() {
        let options = options.join(", ");
        lines.push(said!("May be set: {options}", "可设置：{options}").in_lang(lang).to_owned());
    }
    lines
}

fn review(view: &BuildDraftView, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(request) = &view.check.request {
        lines.push(block("json", &document(request), DOCUMENT).0);
    }
    let steps = &view.check.steps;
    if !steps.is_empty() {
        let count = steps.len();
        lines.push(said!("**{count} steps:**", "**共 {count} 步：**").in_lang(lang).to_owned());
        let numbered = (1..).zip(steps).take(STEPS);
        lines.extend(numbered.map(|(number, step)| format!("{number}. {}", plain(step.in_lang(lang), 140))));
        let more = count.saturating_sub(STEPS);
        if more > 0 {
            lines.push(said!("… and {more} more", "……另有 {more} 步").in_lang(lang).to_owned());
        }
        lines.push(
            Said::fixed(
                "**File** makes a ticket of it. A DBA approves it; each step can be taken back.",
                "**提交** 后生成工单，由 DBA 审批；每一步都可以撤销。",
            )
            .in_lang(lang)
            .to_owned(),
        );
    }
    lines
}

fn selects(view: &BuildDraftView, page: Page, lang: Lang) -> Vec<Select> {
    let draft = &view.draft;
    let package = package(view);
    let of = |menu: Menu, placeholder: Said, options: Vec<Pick>, (least, most): (usize, usize)| {
        let most = most.min(options.len());
        (most > 0).then(|| Select {
            custom_id: custom_id("choose", menu.word(), &view.id),
            placeholder: placeholder.in_lang(lang).to_owned(),
            options,
            least: least.min(most),
            most,
        })
    };
    let hosts = |chosen: &[String]| picks(&view.hosts, chosen, lang);
    let menus = match page {
        Page::Package => {
            let name = package.map(|package| package.name.as_str());
            let pick = |one: &PackageView| Pick {
                label: format!("{} · {}", one.name, one.title),
                value: one.name.clone(),
                about: one.text.clone().unwrap_or_default(),
                is_chosen: name == Some(one.name.as_str()),
            };
            let options = view.packages.iter().take(MENU).map(pick).collect();
            vec![of(Menu::Package, Said::fixed("Choose a package", "选择套餐"), options, (1, 1))]
        }
        Page::Hosts => {
            let most = package.map_or(0, |package| usize::from(package.most_replicas));
            let primary = hosts(std::slice::from_ref(&draft.primary));
            let others = picks(&view.hosts, &draft.replicas, lang);
            let others = others.into_iter().filter(|pick| pick.value != draft.primary).collect();
            vec![
                of(Menu::Primary, Said::fixed("The host of the primary", "主库所在主机"), primary, (1, 1)),
                of(
                    Menu::Replicas,
                    Said::fixed("The hosts of the replicas", "从库所在主机"),
                    others,
                    (0, most),
                ),
            ]
        }
        Page::Proxies => {
            let most = package.map_or(0, |package| usize::from(package.most_proxies));
            vec![of(
                Menu::Proxies,
                Said::fixed("The hosts of the proxies", "代理所在主机"),
                hosts(&draft.proxies),
                (0, most),
            )]
        }
        _ => Vec::new(),
    };
    menus.into_iter().flatten().collect()
}

/// Those that may be chosen. What was typed with a port stands there as it was typed.
fn picks(hosts: &[HostView], chosen: &[String], lang: Lang) -> Vec<Pick> {
    let name = |text: &String| text.split(':').next().unwrap_or_default().trim().to_owned();
    let pick = |host: &HostView| {
        let typed = chosen.iter().find(|text| name(text) == host.name);
        let memory = host.memory_mb.map_or_else(String::new, |mb| format!(" · {mb} MB"));
        let taken = host.taken;
        let used = match taken {
            0 => Said::fixed("free", "空闲"),
            _ => said!("ports taken: {taken}", "已占用 {taken} 个端口"),
        };
        Pick {
            label: typed.cloned().unwrap_or_else(|| host.name.clone()),
            value: typed.cloned().unwrap_or_else(|| host.name.clone()),
            about: format!("{}{memory} · {} {}", host.address, used.in_lang(lang), host.labels.join(" ")),
            is_chosen: typed.is_some(),
        }
    };
    hosts.iter().take(MENU).map(pick).collect()
}

fn buttons(view: &BuildDraftView, (pages, at): (&[Page], usize), lang: Lang) -> Vec<Button> {
    let button = |what: &str, word: &str, label: Said, style: ButtonStyle| Button {
        custom_id: custom_id(what, word, &view.id),
        label: label.in_lang(lang).to_owned(),
        style,
    };
    let page = pages.get(at).copied().unwrap_or(Page::Package);
    let mut buttons = Vec::new();
    if let Some(before) = at.checked_sub(1).and_then(|before| pages.get(before)) {
        buttons.push(button("page", before.word(), Said::fixed("Back", "上一步"), ButtonStyle::Secondary));
    }
    let form = match page {
        Page::Identity | Page::Review => None,
        Page::Package => Some((Page::Identity, Said::fixed("Name and reason", "名称和原因"))),
        Page::Hosts | Page::Proxies => Some((page, Said::fixed("Type", "手动填写"))),
        Page::Memory | Page::Addresses | Page::First => Some((page, Said::fixed("Fill in", "填写"))),
    };
    if let Some((form, label)) = form {
        let is_main = matches!(page, Page::Memory | Page::Addresses | Page::First);
        let style = if is_main { ButtonStyle::Primary } else { ButtonStyle::Secondary };
        buttons.push(button("open", form.word(), label, style));
    }
    if let Some(next) = pages.get(at + 1) {
        buttons.push(button("page", next.word(), Said::fixed("Next", "下一步"), ButtonStyle::Primary));
    }
    if page == Page::Review && view.check.faults.is_empty() {
        buttons.push(button("file", "", Said::fixed("File", "提交"), ButtonStyle::Success));
    }
    buttons.push(button("cancel", "", Said::fixed("Cancel", "取消"), ButtonStyle::Danger));
    buttons
}
