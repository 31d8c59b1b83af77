//! Every rule's page is a test: its cases are reviewed, good ones must be silent, bad ones must be found.

use dbdesk_commands::lang::Lang;
use dbdesk_review::{
    Edit, Facts, Flavour, Found, Judged, Settings,
    facts::{Counted, Explained, Looked, Prepared, Repeats},
    plan::{Plan, Scan},
    rules::{self, Rule, page::Case, page::Page},
    shadow::{Answer, Left, Outcome},
};
use std::collections::BTreeSet;

fn review(rule: &Rule, page: &Page<'_>, case: &Case<'_>, sql: &str) -> Judged {
    let script = dbdesk_review::read(sql).expect("a case is a script");
    let mut facts = match page.schema {
        "" => Facts::default(),
        schema => Facts::of_schema(&dbdesk_review::read(schema).expect("a schema is a script")),
    };
    facts.complete &= !page.schema.is_empty() && !page.is_partial && case.option("partial").is_none();
    facts.live = case.option("live").is_some() || case.option("counted").is_some();
    for looked in facts.tables.values_mut() {
        let Looked::Found(table) = looked else { continue };
        table.bytes = case.option("bytes").map(|bytes| bytes.parse().expect("a number")).or(table.bytes);
        table.rows = case.option("empty").map(|_| 0).or(table.rows);
    }
    let last = script.statements().len() - 1;
    if let Some(rows) = case.option("counted") {
        facts.counted.insert(last, Counted::Rows(rows.parse().expect("a number")));
    }
    if let Some(answer) = case.option("repeats") {
        let answer = match answer {
            "rows" => Repeats::Rows,
            "null" => Repeats::Null,
            "none" => Repeats::None,
            _ => Repeats::TimedOut,
        };
        facts.repeats.entry(last).or_default().insert(0, answer);
    }
    if let Some(sentence) = case.option("refused") {
        facts.syntax.insert(last, Prepared::Refused(1054, sentence.to_owned()));
    }
    if let Some(sentence) = case.option("syntax") {
        facts.syntax.insert(last, Prepared::SyntaxError(sentence.to_owned()));
    }
    if let Some((number, sentence)) = case.option("tried").and_then(|said| said.split_once(' ')) {
        let refused = Answer::Refused(number.parse().expect("a number"), sentence.to_owned());
        facts.shadow.answers.insert(last, refused);
    }
    if case.option("behind").is_some() {
        facts.shadow.answers.insert(last, Answer::Behind(0));
    }
    if case.option("left").is_some() {
        facts.shadow.answers.insert(last, Answer::Left(Left::Unsuited));
    }
    if case.option("noserver").is_some() {
        facts.shadow.outcome = Outcome::NoServer(Flavour::default());
    }
    if let Some(plan) = case.option("plan") {
        let plan = Plan { scans: plan.split("; ").map(scan).collect() };
        facts.explained.insert(last, Explained { plan, ..Explained::default() });
    }
    let flavour =
        case.option("flavour").map_or(Flavour::default(), |name| Flavour::of_name(name).expect("a flavour"));
    let mut settings = Settings { flavour, ..Settings::default() };
    if !rule.on {
        settings.rules.insert(rule.id.to_owned(), rule.level.into());
    }
    dbdesk_review::judge(&script, &facts, &settings)
}

/// `orders ALL 20000 filesort`: a table, how it is read, how many rows, and what else.
fn scan(words: &str) -> Scan {
    let mut words = words.split(' ');
    let mut next = || words.next().unwrap_or_default().to_owned();
    let (table, access, rows) = (next(), next(), next());
    let mut scan = Scan { table, access, rows: rows.parse().ok(), ..Scan::default() };
    for word in words {
        match word {
            "filesort" => scan.sorts = true,
            "temporary" => scan.temporary = true,
            key => scan.key = Some(key.to_owned()),
        }
    }
    scan
}

#[test]
fn every_rule_has_a_page_in_both_languages_and_cases_of_both_sorts() {
    let mut ids = BTreeSet::new();
    for rule in rules::ALL {
        let page = Page::of(rule.page);
        assert!(ids.insert(rule.id), "{} twice", rule.id);
        for (lang, words) in [
            (Lang::En, ["**What**", "**Why**", "**What to do**"]),
            (Lang::Zh, ["**是什么**", "**为什么**", "**怎么办**"]),
        ] {
            for word in words {
                assert!(page.text(lang).contains(word), "{}: {word} is missing from the page", rule.id);
            }
        }
        assert!(page.cases.iter().any(|case| case.bad), "{} has no bad case", rule.id);
        assert!(page.cases.iter().any(|case| !case.bad), "{} has no good case", rule.id);
        let blocks = rule.page.matches("```sql ").count() - usize::from(!page.schema.is_empty());
        assert_eq!(blocks, page.cases.len(), "{}: a block is not read", rule.id);
    }
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules")).expect("rules");
    let pages: BTreeSet<String> = files
        .filter_map(|file| {
            file.ok()?.file_name().into_string().ok()?.strip_suffix(".md").map(|stem| stem.replace('_', "-"))
        })
        .collect();
    assert_eq!(pages, ids.iter().map(|id| (*id).to_owned()).collect(), "pages and rules differ");
}

#[test]
fn every_case_of_every_page_holds() {
    let mut wrong = Vec::new();
    for rule in rules::ALL {
        let page = Page::of(rule.page);
        for case in &page.cases {
            let judged = review(rule, &page, case, case.sql);
            let found = judged.findings().any(|found| found.rule == rule.id);
            if found != case.bad {
                let all: Vec<_> =
                    judged.findings().map(|found| format!("{} {}", found.rule, found.message.en)).collect();
                wrong.push(format!(
                    "{} ({}): {}\n   found: {all:?}",
                    rule.id,
                    if case.bad { "bad" } else { "good" },
                    case.sql
                ));
            }
            for found in judged.findings() {
                for said in [&found.message, &found.why, &found.fix] {
                    assert!(!said.en.trim().is_empty() && !said.zh.trim().is_empty(), "{found:?}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases fail:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_a_certain_fix_mends_is_silent_afterwards() {
    let mut wrong = Vec::new();
    for rule in rules::ALL {
        let page = Page::of(rule.page);
        for case in page.cases.iter().filter(|case| case.bad) {
            let judged = review(rule, &page, case, case.sql);
            let ours: Vec<&Found> = judged.findings().filter(|found| found.rule == rule.id).collect();
            let edits: Vec<&[Edit]> = ours.iter().map(|found| &*found.edits).collect();
            let certain = !edits.is_empty() && edits.iter().all(|edits| !edits.is_empty());
            if certain != case.option("mended").is_some() {
                wrong.push(format!("{}: `mended` does not say what is so: {}", rule.id, case.sql));
            }
            if certain {
                let mended = dbdesk_review::mend(case.sql, edits.iter().copied());
                let whole: Vec<&Edit> = edits.iter().copied().flatten().collect();
                if !is_untouched_between(case.sql, &mended, &whole) {
                    wrong.push(format!("{}: more than its edits changed: {mended}", rule.id));
                }
                let still = review(rule, &page, case, &mended).findings().any(|found| found.rule == rule.id);
                if still || mended == case.sql {
                    wrong.push(format!("{}: still found after the fix: {mended}", rule.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether what stands between the edits is in the mended text as it was, in the same order.
fn is_untouched_between(sql: &str, mended: &str, edits: &[&Edit]) -> bool {
    let mut edits: Vec<&&Edit> = edits.iter().collect();
    edits.sort();
    let mut rest = mended;
    let mut at = 0;
    for edit in edits {
        let Some(after) = rest.strip_prefix(&sql[at..edit.span.start]) else { return false };
        let Some(after) = after.strip_prefix(edit.text.as_str()) else { return false };
        (rest, at) = (after, edit.span.end);
    }
    rest == &sql[at..]
}

#[test]
fn every_finding_lies_inside_its_statement_on_character_boundaries() {
    for rule in rules::ALL {
        for case in &Page::of(rule.page).cases {
            // Chinese text before the statement, so that bytes and characters differ.
            let sql = format!("-- 前面的注释；\n/* 订单 */ {}", case.sql);
            let Ok(script) = dbdesk_review::read(&sql) else { panic!("{sql}") };
            for statement in dbdesk_review::judge(&script, &Facts::default(), &Settings::default()).statements
            {
                for found in statement.findings {
                    assert!(statement.span.holds(found.span), "{sql}: {found:?}");
                    assert!(sql.get(found.span.start..found.span.end).is_some(), "{sql}: {found:?}");
                }
            }
        }
    }
}
