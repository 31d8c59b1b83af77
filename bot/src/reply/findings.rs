//! What a review says, for people: counts, the server's figures, findings one by one, and all of it as a file.

use super::{
    escape::{code, prose},
    place::line_and_column,
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::{
        review::{AffectedRows, Finding, Level, PlanFigures, StatementReview, Way, heaviest_way},
        rule::WITHOUT_PAGE,
    },
};
use std::fmt::Write as _;

/// The most findings shown one by one; all of them are in the file.
pub const SHOWN: usize = 25;
/// Ways that weigh more than a table rebuilt while writes go on are told with their reason.
const HEAVY: u8 = 3;
/// The most statements whose figures are shown.
const FIGURES: usize = 15;

/// Findings with their statement, the most serious first, then in order of place.
#[must_use]
pub fn sorted(review: &[StatementReview]) -> Vec<(&StatementReview, &Finding)> {
    let mut all: Vec<_> =
        review.iter().flat_map(|statement| statement.findings.iter().map(move |f| (statement, f))).collect();
    all.sort_by_key(|(_, finding)| (finding.level, finding.start));
    all
}

/// How many findings of which level, or that all rules passed.
#[must_use]
pub fn summary(review: &[StatementReview], lang: Lang) -> String {
    let all = sorted(review);
    let counts = [Level::Error, Level::NeedsDba, Level::Warning, Level::Notice].map(|level| {
        let count = all.iter().filter(|(_, finding)| finding.level == level).count();
        let (sign, word) = words::level(level);
        (count > 0).then(|| format!("{sign} {} × {count}", word.in_lang(lang)))
    });
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    if counts.is_empty() {
        return Said::fixed("✅ All rules passed", "✅ 所有规则都通过").in_lang(lang).to_owned();
    }
    counts.join(" · ")
}

/// How to look up what a rule is about, once for all findings: with the rule of the most serious one.
#[must_use]
pub fn look_up(review: &[StatementReview], lang: Lang) -> Option<String> {
    let all = sorted(review);
    let with_page = |rule: &&str| !WITHOUT_PAGE.contains(rule);
    let rule = code_free(all.iter().map(|(_, finding)| finding.rule.as_str()).find(with_page)?);
    let said = said!(
        "ℹ️ What a rule means, with examples: `/sql rules name:{rule}`",
        "ℹ️ 想了解某条规则的说明和例子：`/sql rules name:{rule}`"
    );
    Some(said.in_lang(lang).to_owned())
}

/// A rule's name inside a code span of ours.
fn code_free(rule: &str) -> String {
    rule.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect()
}

/// The server's figures, one line for each statement that has any.
#[must_use]
pub fn figures(review: &[StatementReview], lang: Lang) -> String {
    // Of tens of thousands of statements only those are written that are shown.
    let told = || review.iter().filter(|statement| has_figures(statement));
    let lines: Vec<String> =
        told().take(FIGURES).filter_map(|statement| figures_of(statement, lang)).collect();
    let mut out = lines.join("\n");
    let all = told().count();
    if all > FIGURES {
        let more = said!("\n… and {n} more", "\n……还有 {n} 条", n = all - FIGURES);
        out.push_str(more.in_lang(lang));
    }
    if let Some(said) = heaviest_way(review).and_then(Way::as_written) {
        let _ = write!(out, "\n⚠️ {}", said.in_lang(lang));
    }
    out
}

fn has_figures(statement: &StatementReview) -> bool {
    statement.plan.is_some() || statement.way.as_ref().is_some_and(|way| way.way != Way::Direct)
}

fn figures_of(statement: &StatementReview, lang: Lang) -> Option<String> {
    let none = PlanFigures::default();
    let plan = statement.plan.as_ref().unwrap_or(&none);
    let mut parts: Vec<Said> = Vec::new();
    if let Some(rows) = plan.estimated_rows.map(words::rows) {
        parts.push(said!("reads about {rows}", "约读 {rows}", rows = rows.in_lang(lang)));
    }
    match (plan.access.as_deref(), plan.key.as_deref()) {
        (Some("ALL"), _) => parts.push(Said::fixed("full scan of the table", "全表扫描")),
        (_, Some(key)) => parts.push(said!("by index {key}", "走索引 {key}", key = code(key, 70))),
        (Some(access), None) => {
            parts.push(said!("access {access}", "访问方式 {access}", access = code(access, 30)));
        }
        (None, None) => {}
    }
    match plan.affected_rows {
        Some(AffectedRows::Exactly(n)) => {
            let rows = words::rows(n);
            let rows = rows.in_lang(lang);
            parts.push(said!("changes {rows}", "改动 {rows}"));
        }
        Some(AffectedRows::MoreThan(n)) => {
            let n = words::number(n);
            parts.push(said!("changes more than {n} rows", "改动超过 {n} 行"));
        }
        None => {}
    }
    let table_rows = plan.table_rows.map(words::rows);
    match (table_rows.as_ref().map(|rows| rows.in_lang(lang)), plan.table_bytes.map(words::bytes)) {
        (Some(rows), Some(size)) => parts.push(said!("table of {rows}, {size}", "表共 {rows}，{size}")),
        (Some(rows), None) => parts.push(said!("table of {rows}", "表共 {rows}")),
        _ => {}
    }
    if let Some(way) = statement.way.as_ref().filter(|way| way.way != Way::Direct || !parts.is_empty()) {
        let Said { en, zh } = way.way.said();
        parts.push(if way.way.is_advice() {
            said!("advised: {en}", "建议{zh}")
        } else {
            Said { en: format!("runs {en}").into(), zh }
        });
    }
    // What is not simply run is worth its reason.
    let heavy = statement.way.as_ref().filter(|way| way.way.weight() > HEAVY);
    let reason = heavy.map_or_else(String::new, |way| format!("\n　↳ {}", prose(&way.reason, 400)));
    let parts: Vec<&str> = parts.iter().map(|said| said.in_lang(lang)).collect();
    let (number, kind) = (statement.index + 1, words::kind(&statement.kind));
    let Said { en, zh } = kind;
    let head = said!("Statement {number} ({en}): ", "第 {number} 条（{zh}）：");
    (!parts.is_empty()).then(|| format!("{}{}{reason}", head.in_lang(lang), parts.join(" · ")))
}

fn heading(statement: &StatementReview, finding: &Finding, sql: &str, lang: Lang) -> String {
    let (sign, word) = words::level(finding.level);
    let (line, column) = line_and_column(sql, finding.start);
    let number = statement.index + 1;
    let place = said!(
        "statement {number}, line {line}, column {column}",
        "第 {number} 条语句，第 {line} 行第 {column} 列"
    );
    format!("{sign} {} · {} · {}", word.in_lang(lang), place.in_lang(lang), finding.rule)
}

/// Whether a fix is a statement to be written.
pub(super) fn is_sql(text: &str) -> bool {
    const VERBS: [&str; 14] = [
        "ALTER", "CREATE", "DELETE", "DROP", "INSERT", "RENAME", "REPLACE", "SELECT", "SET", "START",
        "TRUNCATE", "UPDATE", "USE", "WITH",
    ];
    text.split_whitespace().next().is_some_and(|word| VERBS.contains(&word))
}

/// Whether messages alone do not tell all of it.
#[must_use]
pub fn needs_file(review: &[StatementReview]) -> bool {
    sorted(review).len() > SHOWN
}

/// All findings as plain text, for a file.
#[must_use]
pub fn as_text(review: &[StatementReview], sql: &str, lang: Lang) -> String {
    let mut out = String::new();
    for (statement, finding) in sorted(review) {
        let _ = writeln!(out, "{}\n{}", heading(statement, finding, sql, lang), finding.message);
        for part in [&finding.why, &finding.fix] {
            if !part.trim().is_empty() {
                let _ = writeln!(out, "{part}");
            }
        }
        out.push('\n');
    }
    out
}
