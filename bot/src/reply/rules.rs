//! The review's rules: all of them by level, or the page of one.

use super::{
    escape::{block, code, prose},
    limits::{self, cut, length},
    message::{Embed, Message},
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::rule::{LimitLine, Origin, RuleLevel, RuleLine, RulePage, RuleView, Scope},
};
use std::fmt::Write as _;

/// Names of rules in one message, with room for the headings.
const NAMES: usize = 5_500;
/// The most rules that words find.
pub const FOUND: usize = 15;
/// The edge of a rule that does not look.
const GREY: u32 = 0x0095_a5a6;

/// All rules by level, and all that is said of each as a file.
#[must_use]
pub fn list(page: &RulePage, lang: Lang) -> Message {
    let (count, Said { en, zh }) = (page.rules.len(), place(&page.scope));
    let example = page.rules.iter().find(|rule| rule.level == RuleLevel::NeedsDba).or(page.rules.first());
    let example = example.map_or("", |rule| rule.id.as_str());
    let head = said!(
        "📏 {count} rules{en}. `/sql rules name:{example}` explains one (type any words to search); the file has a line about each.",
        "📏 共 {count} 条规则{zh}。用 `/sql rules name:{example}` 查看某一条的说明（可以输入任意词语搜索），附件里每条规则都有一行简介。"
    );
    let mut room = NAMES;
    let embeds = RuleLevel::ALL.into_iter().filter_map(|level| {
        let ids: Vec<&str> =
            page.rules.iter().filter(|rule| rule.level == level).map(|rule| rule.id.as_str()).collect();
        (!ids.is_empty()).then(|| {
            let title = format!("{} · {}", words::rule_level(level, lang), ids.len());
            let text = names(&ids, room.min(limits::DESCRIPTION), lang);
            room = room.saturating_sub(length(&title) + length(&text));
            Embed { title, text, colour: colour(level), ..Embed::default() }
        })
    });
    let message = Message { embeds: embeds.collect(), ..Message::text(head.in_lang(lang)) };
    message.with_file("rules.txt", as_text(page, lang))
}

/// The rules that some words find, the best match first, a line each.
#[must_use]
pub fn found(page: &RulePage, words: &str, lang: Lang) -> Message {
    let words = code(words, 60);
    let example = page.rules.first().map_or("", |rule| rule.id.as_str());
    let head = said!(
        "📏 Rules with {words}; `/sql rules name:{example}` explains one.",
        "📏 与 {words} 有关的规则；用 `/sql rules name:{example}` 查看说明。"
    );
    let line = |rule: &RuleLine| {
        let level = super::words::rule_level(rule.level, lang);
        format!("{} · {} · {level}", code(&rule.id, 66), prose(&rule.title, 120))
    };
    let lines: Vec<String> = page.rules.iter().take(FOUND).map(line).collect();
    let embed = Embed { text: lines.join("\n"), colour: GREY, ..Embed::default() };
    Message { embeds: vec![embed], ..Message::text(head.in_lang(lang)) }
}

/// As many names as fit, and how many did not.
fn names(ids: &[&str], room: usize, lang: Lang) -> String {
    const MORE: usize = 40;
    let mut out = String::new();
    for (at, id) in ids.iter().enumerate() {
        let name = code(id, 66);
        if length(&out) + length(&name) + 1 + MORE > room {
            let more = said!("… and {n} more in the file", "……另有 {n} 条见附件", n = ids.len() - at);
            out.push_str(more.in_lang(lang));
            return out;
        }
        out.push_str(&name);
        out.push(' ');
    }
    out.trim_end().to_owned()
}

fn colour(level: RuleLevel) -> u32 {
    level.level().map_or(GREY, words::level_colour)
}

/// For whom, as the end of a sentence.
fn place(scope: &Scope) -> Said {
    let Some(group) = scope.service_group.as_deref().map(|name| code(name, 40)) else {
        return Said::fixed("", "");
    };
    match scope.environment.as_deref().map(|name| code(name, 30)) {
        Some(environment) => {
            said!(", as in force for {group} ({environment})", "，按 {group}（{environment}）的设置")
        }
        None => said!(", as in force for {group}", "，按 {group} 的设置"),
    }
}

/// All that is said of each rule, for a file.
fn as_text(page: &RulePage, lang: Lang) -> String {
    let mut out = String::new();
    for level in RuleLevel::ALL {
        let rules: Vec<&RuleLine> = page.rules.iter().filter(|rule| rule.level == level).collect();
        if rules.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{} ({})", words::rule_level(level, lang), rules.len());
        for rule in rules {
            let _ = writeln!(out, "  {}: {}", rule.id, rule.title);
            let more: Vec<String> =
                rule.limits.iter().map(|one| limit(one, lang)).chain(from(rule, lang)).collect();
            if !more.is_empty() {
                let _ = writeln!(out, "      {}", more.join(" · "));
            }
        }
        out.push('\n');
    }
    out
}

/// Who made a rule another than it is by itself.
fn from(rule: &RuleLine, lang: Lang) -> Option<String> {
    let usual = words::rule_level(rule.default, lang);
    let who = origin(rule.from)?;
    let who = who.in_lang(lang);
    let said = if let Some(other) = &rule.excluded_by {
        said!("off because {other} is on ({who})", "因启用 {other} 而关闭（{who}）")
    } else {
        said!("{who}; by default {usual}", "{who}，默认为 {usual}")
    };
    Some(said.in_lang(lang).to_owned())
}

fn origin(from: Origin) -> Option<Said> {
    match from {
        Origin::Default => None,
        Origin::Global => Some(Said::fixed("set for all service groups", "全局设置")),
        Origin::Environment => Some(Said::fixed("set for this environment", "本环境的设置")),
        Origin::Group => Some(Said::fixed("set for this service group", "本服务组的设置")),
    }
}

fn limit(limit: &LimitLine, lang: Lang) -> String {
    let who = origin(limit.from).map(|who| format!(" ({})", who.in_lang(lang))).unwrap_or_default();
    format!("{} = {}{who}", limit.name, limit.shown())
}

/// A rule's page.
#[must_use]
pub fn page(view: &RuleView, lang: Lang) -> Message {
    let rule = &view.rule;
    let word = |en, zh| Said::fixed(en, zh).in_lang(lang).to_owned();
    let mut fields = vec![
        (word("Why", "为什么"), cut(&view.why, limits::FIELD_VALUE).into_owned(), false),
        (word("What to do", "怎么办"), cut(&view.what_to_do, limits::FIELD_VALUE).into_owned(), false),
    ];
    for (name, sql) in [
        (word("Found, for example", "会报出的写法"), &view.bad),
        (word("Fine, for example", "没有问题的写法"), &view.good),
    ] {
        if let Some(sql) = sql {
            fields.push((name, block("sql", sql, 600).0, false));
        }
    }
    let mut level = words::rule_level(rule.level, lang);
    if let Some(more) = from(rule, lang) {
        let _ = write!(level, "\n{more}");
    }
    if rule.firm {
        let firm = word("no setting makes it less serious", "任何设置都不能降低它的级别");
        let _ = write!(level, "\n{firm}");
    }
    fields.push((word("Level", "级别"), level, true));
    let limits: Vec<String> = rule.limits.iter().map(|one| code(&limit(one, lang), 120)).collect();
    fields.push((word("Thresholds", "阈值"), limits.join("\n"), true));
    let text = cut(&view.what, 1_500).into_owned();
    let embed =
        Embed { title: rule.id.clone(), text, colour: colour(rule.level), fields, ..Embed::default() };
    let Said { en, zh } = place(&view.scope);
    let head = said!("📏 A rule of the review{en}", "📏 审核规则{zh}");
    Message { embeds: vec![embed], ..Message::text(head.in_lang(lang)) }
}
