use super::{Rule, lexemes, words};
use crate::{
    judge::{See, Tell},
    scan::Lexeme,
    shape::Shape,
    span::Span,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("optimizer-hint", Level::Notice, include_str!("optimizer_hint.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let sql = see.script.sql();
    let span = see.statement.span;
    if !see.statement.shape.is_dml() {
        return;
    }
    if span.of(sql).contains("/*+") {
        let hint = lexemes::all(sql, span)
            .find(|(lexeme, at)| *lexeme == Lexeme::Comment && at.of(sql).starts_with("/*+"));
        if let Some((_, at)) = hint {
            say(see, tell, at);
        }
    }
    let tables = match &see.statement.shape {
        Shape::Update(change) | Shape::Delete(change) => change.tables_span,
        Shape::Insert(insert) => insert.select.unwrap_or_default(),
        _ => return,
    };
    let mut before: Option<Span> = None;
    for (lexeme, at) in lexemes::lexemes(sql, tables) {
        let word = at.of(sql);
        let is = |wanted: &[&str]| lexeme == Lexeme::Word && wanted.iter().any(|known| known.eq_ignore_ascii_case(word));
        if let Some(first) = before.filter(|_| is(&["index", "key"])) {
            say(see, tell, first.to(at));
        }
        before = is(&["use", "force", "ignore"]).then_some(at);
    }
}

fn say(see: &See<'_>, tell: &mut Tell<'_>, span: Span) {
    let hint = words::shown(span.of(see.script.sql()));
    tell.at(
        span,
        said!("`{hint}` tells the optimiser what to do.", "`{hint}` 指定了优化器的做法。"),
        Said::fixed(
            "It is right for the data and indexes of today. When they change, or the index is renamed, the statement gets slow or fails, and nobody looks for the reason here.",
            "它只适合现在的数据和索引。数据变了，或者索引改了名，语句会变慢甚至报错，而谁也想不到原因在这里。",
        ),
        Said::fixed(
            "Leave it out and look at EXPLAIN; if the plan is wrong, ANALYZE TABLE or a better index helps all statements.",
            "请去掉它，看看 EXPLAIN；如果计划不对，ANALYZE TABLE 或更合适的索引能让所有语句受益。",
        ),
    );
}
