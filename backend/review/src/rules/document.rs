//! All rules as a document: `docs/rules.md` and `docs/rules.zh-CN.md`, written by `make docs`.

use super::find;
use crate::{
    layers::{InForce, RuleInForce, usual},
    settings::RuleLevel,
};
use dbdesk_commands::{
    lang::{Lang, Said},
    wire::rule::RuleLine,
};
use std::fmt::Write as _;

/// The documents, by their place in the repository.
pub const PLACES: [(&str, Lang); 2] = [("docs/rules.md", Lang::En), ("docs/rules.zh-CN.md", Lang::Zh)];

const HEAD: Said = Said::fixed(
    "# The rules of the review\n\n\
     Written by `make docs` from the rules' own pages; whoever wants to change a line changes the page. In chat, \
     `/sql rules` shows the same, as in force for a service group; on a machine, `dbdesk review --rules` and \
     `dbdesk review --rule NAME`.\n\n\
     The level and the thresholds below are those of a rule by itself. The configuration changes them for all, for an \
     environment, for a service group (`[review.rules]`, `[review.limits]` in \
     [`dbdesk.example.toml`](../backend/dbdesk.example.toml)). A **firm** rule can be made more serious and never less: \
     without it something would pass that nobody understands. Of rules with the same word under *exclusive* at most one \
     is on.\n\n[中文](rules.zh-CN.md)\n",
    "# 审核规则\n\n\
     本文件由 `make docs` 根据各条规则的说明页生成；要改内容，请改说明页。在聊天里可以用 `/sql rules` 查看（可按服务组显示生效的级别），\
     在机器上可以用 `dbdesk review --rules` 和 `dbdesk review --rule 规则名`。\n\n\
     下面列出的是规则自带的级别和阈值。可以在配置里按全局、环境、服务组调整（见 [`dbdesk.example.toml`](../backend/dbdesk.example.toml) 的 \
     `[review.rules]` 和 `[review.limits]`）。标有 **不可降低** 的规则只能调高级别：没有它，无法理解的内容就会被放行。\
     *互斥* 一栏写着同一个词的规则，最多只能启用一条。\n\n[English](rules.md)\n",
);

fn heading(level: RuleLevel) -> Said {
    match level {
        RuleLevel::Error => Said::fixed("error: it must be amended", "error：必须修改"),
        RuleLevel::NeedsDba => {
            Said::fixed("needs_dba: amend it, or send it to a DBA", "needs_dba：修改，或转交 DBA")
        }
        RuleLevel::Warning => Said::fixed("warning: shown, passes", "warning：提示风险，不拦截"),
        RuleLevel::Notice => Said::fixed("notice: a matter of taste, passes", "notice：建议，不拦截"),
        RuleLevel::Off => Said::fixed("off: it looks where it is switched on", "off：默认不检查，可以启用"),
    }
}

/// All rules by themselves, by level.
#[must_use]
pub fn document(lang: Lang) -> String {
    let by_itself = InForce::of([]);
    let of_level = |level: RuleLevel| -> Vec<&RuleInForce> {
        let all = find("").into_iter().filter(|rule| usual(rule) == level);
        all.filter_map(|rule| by_itself.rules().iter().find(|one| one.rule.id == rule.id)).collect()
    };
    let mut out = HEAD.in_lang(lang).to_owned();
    for level in RuleLevel::ALL {
        let rules = of_level(level);
        if rules.is_empty() {
            continue;
        }
        let columns = Said::fixed(
            "| rule | it finds | thresholds | exclusive |\n| --- | --- | --- | --- |",
            "| 规则 | 检查什么 | 阈值 | 互斥 |\n| --- | --- | --- | --- |",
        );
        // Writing to a String does not fail.
        let _ = write!(
            out,
            "\n## {} ({})\n\n{}\n",
            heading(level).in_lang(lang),
            rules.len(),
            columns.in_lang(lang)
        );
        for rule in rules {
            out.push_str(&row(&by_itself.line(rule, lang), lang));
        }
    }
    let limits = by_itself.limits_of_none();
    if !limits.is_empty() {
        let heading = Said::fixed("Thresholds of no single rule", "不属于某一条规则的阈值");
        let lines: Vec<String> =
            limits.iter().map(|limit| format!("- `{} = {}`\n", limit.name, limit.shown())).collect();
        let _ = write!(out, "\n## {}\n\n{}", heading.in_lang(lang), lines.concat());
    }
    out
}

fn row(rule: &RuleLine, lang: Lang) -> String {
    let firm = if rule.firm { Said::fixed(" **firm**", " **不可降低**") } else { Said::fixed("", "") };
    let limits: Vec<String> =
        rule.limits.iter().map(|limit| format!("`{} = {}`", limit.name, limit.shown())).collect();
    format!(
        "| [`{id}`](../backend/review/src/rules/{file}.md){firm} | {title} | {limits} | {exclusive} |\n",
        id = rule.id,
        file = rule.id.replace('-', "_"),
        firm = firm.in_lang(lang),
        title = rule.title.replace('|', "\\|"),
        limits = limits.join(" "),
        exclusive = rule.exclusive.as_deref().unwrap_or_default(),
    )
}
