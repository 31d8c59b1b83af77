//! `dbdesk review --rules` and `--rule NAME`: what is in force, and a rule's page, as text.

use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::rule::{LimitLine, Origin, RuleLevel, RuleLine, RulePage, RuleView, Scope},
};
use std::fmt::Write as _;

/// For whom rules are in force, as a phrase.
fn place(scope: &Scope) -> Said {
    match (&scope.service_group, &scope.environment) {
        (Some(group), Some(environment)) => said!(
            " for the service group {group} (environment {environment})",
            "服务组 {group}（环境 {environment}）"
        ),
        (Some(group), None) => said!(" for the service group {group}", "服务组 {group}"),
        (None, Some(environment)) => said!(" for the environment {environment}", "环境 {environment}"),
        (None, None) => Said::fixed("", "全局"),
    }
}

fn meaning(level: RuleLevel) -> Said {
    match level {
        RuleLevel::Error => Said::fixed("must be amended", "必须修改"),
        RuleLevel::NeedsDba => Said::fixed("amend it, or send it to a DBA", "修改，或转交 DBA"),
        RuleLevel::Warning => Said::fixed("shown, passes", "提示风险，不拦截"),
        RuleLevel::Notice => Said::fixed("a matter of taste, passes", "建议，不拦截"),
        RuleLevel::Off => Said::fixed("does not look", "不检查"),
    }
}

/// All rules, grouped by level.
pub(super) fn list(page: &RulePage, lang: Lang) -> String {
    let (Said { en, zh }, measure, count) = (place(&page.scope), &page.measure, page.rules.len());
    let head = said!(
        "{count} rules as in force{en}; measure {measure}",
        "共 {count} 条规则，以下是{zh}生效的级别；标识 {measure}"
    );
    let mut out = format!("{}\n", head.in_lang(lang));
    let wide = page.rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    for level in RuleLevel::ALL {
        let rules: Vec<&RuleLine> = page.rules.iter().filter(|rule| rule.level == level).collect();
        if rules.is_empty() {
            continue;
        }
        let (word, meaning, count) = (level.word(), meaning(level), rules.len());
        // Writing to a String does not fail.
        let _ = writeln!(out, "\n{word} ({count}): {}", meaning.in_lang(lang));
        for rule in rules {
            let _ = writeln!(out, "  {:wide$}  {:11}  {}", rule.id, rule.from.word(), rule.title);
            for note in notes(rule, lang) {
                let _ = writeln!(out, "  {:wide$}  {:11}  {note}", "", "");
            }
        }
    }
    if !page.limits.is_empty() {
        let heading = Said::fixed("thresholds of no single rule:", "不属于某一条规则的阈值：");
        let lines: Vec<String> = page.limits.iter().map(|one| format!("  {}\n", limit(one))).collect();
        let _ = write!(out, "\n{}\n{}", heading.in_lang(lang), lines.concat());
    }
    out
}

/// What is to be said of a rule beside its title.
fn notes(rule: &RuleLine, lang: Lang) -> Vec<String> {
    let mut notes: Vec<String> = rule.limits.iter().map(limit).collect();
    if let Some(other) = &rule.excluded_by {
        notes.push(said!("off because {other} is on", "因为启用了 {other}").in_lang(lang).to_owned());
    }
    notes
}

fn limit(limit: &LimitLine) -> String {
    format!("{} = {} ({})", limit.name, limit.shown(), limit.from.word())
}

/// A rule's page.
pub(super) fn page(view: &RuleView, lang: Lang) -> String {
    let (rule, said) = (&view.rule, |en, zh| Said::fixed(en, zh).in_lang(lang).to_owned());
    let (level, from, usual) = (rule.level.word(), rule.from.word(), rule.default.word());
    let Said { en, zh } = place(&view.scope);
    let stands = if rule.from == Origin::Default {
        said!("{level} (default){en}", "{level}（默认），{zh}")
    } else {
        said!("{level} ({from}; by default {usual}){en}", "{level}（{from}，默认 {usual}），{zh}")
    };
    let colon = said(": ", "：");
    let mut out = format!("{}\n{}{colon}{}\n", rule.id, said("level", "级别"), stands.in_lang(lang));
    if rule.firm {
        let _ = writeln!(out, "{}", said("no setting makes it less serious", "任何设置都不能降低它的级别"));
    }
    for note in notes(rule, lang) {
        let _ = writeln!(out, "{note}");
    }
    for (name, text) in [
        (said("What", "是什么"), &view.what),
        (said("Why", "为什么"), &view.why),
        (said("What to do", "怎么办"), &view.what_to_do),
    ] {
        let _ = writeln!(out, "\n{name}{colon}{text}");
    }
    for (name, sql) in
        [(said("It finds", "会报出"), &view.bad), (said("It does not find", "不会报出"), &view.good)]
    {
        if let Some(sql) = sql {
            let lines: Vec<String> = sql.lines().map(|line| format!("    {line}\n")).collect();
            let _ = write!(out, "\n{name}{}\n{}", colon.trim_end(), lines.concat());
        }
    }
    out
}
