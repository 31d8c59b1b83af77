//! The rules of the review: all of them, and the page of one.

use crate::sample::read;
use dbdesk_bot::reply::{limits, rules};
use dbdesk_commands::{
    lang::{Lang, Said},
    wire::rule::{LimitLine, Origin, RuleLevel, RuleLine, RulePage, RuleView, Scope},
};
use serde_json::json;

const LANGS: [Lang; 2] = [Lang::En, Lang::Zh];

/// A rule as it is by itself.
pub fn line(id: &str, level: RuleLevel) -> RuleLine {
    RuleLine {
        id: id.to_owned(),
        title: format!("what `{id}` finds"),
        level,
        from: Origin::Default,
        default: level,
        firm: false,
        exclusive: None,
        excluded_by: None,
        limits: Vec::new(),
    }
}

fn shop() -> Scope {
    Scope { service_group: Some("shop".to_owned()), environment: Some("production".to_owned()) }
}

/// A page of a rule that the service group has its own way.
pub fn view(lang: Lang) -> RuleView {
    let said = |en, zh| Said::fixed(en, zh).in_lang(lang).to_owned();
    let limits = vec![
        LimitLine { name: "index_prefix".to_owned(), value: json!("idx_"), from: Origin::Default },
        LimitLine {
            name: "unique_prefixes".to_owned(),
            value: json!(["uniq_", "uk_"]),
            from: Origin::Environment,
        },
    ];
    RuleView {
        scope: shop(),
        rule: RuleLine {
            level: RuleLevel::NeedsDba,
            from: Origin::Group,
            limits,
            ..line("index-name-without-prefix", RuleLevel::Warning)
        },
        what: said(
            "an index whose name does not begin with `idx_`, or a unique one that does not begin with `uniq_` (or `uk_`).",
            "普通索引名没有以 `idx_` 开头，或者唯一索引名没有以 `uniq_`（或 `uk_`）开头。",
        ),
        why: said("nobody sees in a plan what is an index.", "看执行计划时认不出哪个是索引。"),
        what_to_do: said("begin its name so.", "请按约定命名。"),
        bad: Some("CREATE INDEX a ON orders (a);".to_owned()),
        good: Some("CREATE INDEX idx_a\n  ON orders (a);".to_owned()),
    }
}

#[test]
fn all_rules_by_level() {
    let mut rules: Vec<RuleLine> = [
        ("duplicate-name", RuleLevel::Error),
        ("delete-without-where", RuleLevel::NeedsDba),
        ("drop-table", RuleLevel::NeedsDba),
        ("table-without-comment", RuleLevel::Off),
    ]
    .map(|(id, level)| line(id, level))
    .into();
    if let Some(off) = rules.last_mut() {
        (off.from, off.default) = (Origin::Global, RuleLevel::Warning);
    }
    let page = RulePage { scope: shop(), measure: "0123456789ab".to_owned(), rules, limits: Vec::new() };
    let text = LANGS.map(|lang| {
        let message = rules::list(&page, lang);
        let file = String::from_utf8(message.files[0].bytes.clone()).unwrap();
        let all = RulePage { scope: Scope::default(), ..page.clone() };
        format!("{}──\n{file}──\n{}", read(&message), rules::list(&all, lang).content)
    });
    insta::assert_snapshot!(text.join("════\n"));
}

#[test]
fn a_page_of_a_rule() {
    let text = LANGS.map(|lang| {
        let own = view(lang);
        let mut plain = RuleView { scope: Scope::default(), bad: None, good: None, ..own.clone() };
        plain.rule = RuleLine { firm: true, ..line("not-analysable", RuleLevel::NeedsDba) };
        let mut excluded = plain.clone();
        excluded.rule = line("primary-key-not-auto-increment", RuleLevel::Off);
        (excluded.rule.from, excluded.rule.default) = (Origin::Environment, RuleLevel::Notice);
        excluded.rule.excluded_by = Some("primary-key-auto-increment".to_owned());
        [own, plain, excluded].map(|view| read(&rules::page(&view, lang))).join("──\n")
    });
    insta::assert_snapshot!(text.join("════\n"));
}

#[test]
fn two_hundred_rules_are_all_named_in_one_message() {
    let rules: Vec<RuleLine> = (0..200)
        .map(|n| line(&format!("a-pattern-of-some-{n:03}"), RuleLevel::ALL[[1, 1, 2, 2, 2, 3, 0, 4][n % 8]]))
        .collect();
    let page = RulePage { scope: Scope::default(), measure: String::new(), rules, limits: Vec::new() };
    for lang in LANGS {
        let message = rules::list(&page, lang).fitted();
        let text: String = message.embeds.iter().map(|embed| embed.text.as_str()).collect();
        let missing: Vec<&str> =
            page.rules.iter().map(|rule| rule.id.as_str()).filter(|id| !text.contains(id)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        let all: usize =
            message.embeds.iter().map(|it| limits::length(&it.title) + limits::length(&it.text)).sum();
        assert!(all <= limits::EMBEDS_TOTAL, "{all}");
    }
}
