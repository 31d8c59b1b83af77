//! The rules of the stand-in.

use dbdesk_commands::{
    lang::{Lang, Said},
    wire::{
        problem::Code,
        rule::{LimitLine, Origin, RuleLevel, RuleLine, RulePage, RuleView, Scope},
    },
};
use serde_json::{Value, json};
use std::collections::HashMap;

fn scope(query: &HashMap<String, String>) -> Scope {
    let service_group = query.get("service_group").cloned();
    Scope { environment: service_group.as_ref().map(|_| "production".to_owned()), service_group }
}

fn rules(lang: Lang) -> Vec<RuleLine> {
    let line = |id: &str, title: Said, level| RuleLine {
        id: id.to_owned(),
        title: title.in_lang(lang).to_owned(),
        level,
        from: Origin::Default,
        default: level,
        firm: false,
        exclusive: None,
        excluded_by: None,
        limits: Vec::new(),
    };
    let mut rows = line(
        "too-many-affected-rows",
        Said::fixed("an `UPDATE` that changes more than 1,000 rows", "`UPDATE` 改动超过 1,000 行"),
        RuleLevel::NeedsDba,
    );
    rows.limits =
        vec![LimitLine { name: "affected_rows".to_owned(), value: json!(100), from: Origin::Environment }];
    vec![
        line(
            "delete-without-where",
            Said::fixed("a `DELETE` without `WHERE`", "没有 `WHERE` 的 `DELETE`"),
            RuleLevel::NeedsDba,
        ),
        rows,
    ]
}

/// `GET /v1/rules`
pub fn list(query: &HashMap<String, String>, lang: Lang) -> Value {
    let words = query.get("q").cloned().unwrap_or_default();
    let has = |rule: &RuleLine| rule.id.contains(&words) || rule.title.contains(&words);
    let rules = rules(lang).into_iter().filter(has).collect();
    serde_json::to_value(RulePage {
        scope: scope(query),
        measure: "0123456789ab".to_owned(),
        rules,
        limits: Vec::new(),
    })
    .unwrap()
}

/// `GET /v1/rules/{id}`
pub fn show(id: &str, query: &HashMap<String, String>, lang: Lang) -> Result<Value, (Code, Said)> {
    let said = |en, zh| Said::fixed(en, zh).in_lang(lang).to_owned();
    let rule = rules(lang).into_iter().find(|rule| rule.id == id).ok_or((
        Code::UnknownRule,
        Said::fixed(
            "There is no rule of this name. Did you mean `delete-without-where`?",
            "没有这条规则。你要找的是不是：`delete-without-where`？",
        ),
    ))?;
    let view = RuleView {
        scope: scope(query),
        what: rule.title.clone(),
        rule,
        why: said("it deletes every row.", "会删掉所有行。"),
        what_to_do: said("say which rows.", "写明要删哪些行。"),
        bad: Some("DELETE FROM orders;".to_owned()),
        good: Some("DELETE FROM orders WHERE id = 1;".to_owned()),
    };
    Ok(serde_json::to_value(view).unwrap())
}
