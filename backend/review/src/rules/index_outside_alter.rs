use super::{Rule, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    mend::Edit,
    read::first_word,
    scan::Lexeme,
    shape::{Action, AlterForm, AlterTable, Shape},
    span::Span,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("index-outside-alter", Level::Notice, include_str!("index_outside_alter.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    let (en, zh, instead) = match alter.form {
        AlterForm::Alter => return,
        AlterForm::CreateIndex => ("CREATE INDEX", "CREATE INDEX", "ADD INDEX"),
        AlterForm::DropIndex => ("DROP INDEX", "DROP INDEX", "DROP INDEX"),
    };
    let table = words::table(&alter.table);
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("{en} changes {table} outside an ALTER TABLE.", "{zh} 没有写在 ALTER TABLE 里，却修改了 {table}。"),
        said!(
            "As a part of ALTER TABLE it can be joined with the other changes of {table}, so that the table is gone through once.",
            "写进 ALTER TABLE，就能和 {table} 的其他修改合并，只处理一遍表。",
        ),
        said!("Write ALTER TABLE {table} {instead} …", "请写成 ALTER TABLE {table} {instead} …"),
    )
    .mend(as_alter(see, alter).map(|edit| vec![edit]).unwrap_or_default());
}

/// The statement as an `ALTER TABLE`, in the asker's own words.
fn as_alter(see: &See<'_>, alter: &AlterTable) -> Option<Edit> {
    let (sql, span) = (see.script.sql(), see.statement.span);
    let op = alter.ops.first()?;
    let table = alter.table.span().of(sql);
    let mut ways = String::new();
    for way in alter.ops.iter().skip(1) {
        ways.push_str(", ");
        ways.push_str(way.span.of(sql));
    }
    let text = match &op.action {
        Action::DropKey(name, false) => format!("ALTER TABLE {table} DROP INDEX {}{ways}", name.span.of(sql)),
        Action::AddKey(key, false) => {
            let kind = match key.kind {
                KeyKind::Unique => "UNIQUE INDEX",
                KeyKind::FullText => "FULLTEXT INDEX",
                KeyKind::Spatial => "SPATIAL INDEX",
                _ => "INDEX",
            };
            let name = key.name.as_ref()?.span;
            // `USING …` may stand before ON; what follows the table is the same in both.
            let end = alter.ops.get(1).map_or(op.span.end, |way| way.span.start);
            let on = Span::new(name.end, alter.table.span().start);
            let using = on.of(sql).trim_end();
            let using = using.get(..using.len().checked_sub(2)?)?.trim();
            let rest = Span::new(alter.table.span().end, end).of(sql).trim();
            let all = format!("ALTER TABLE {table} ADD {kind} {} {using} {rest}{ways}", name.of(sql));
            all.replace("  ", " ")
        }
        _ => return None,
    };
    // A comment in between would be torn from its place.
    let plain = !super::lexemes::all(sql, span).any(|(lexeme, _)| lexeme == Lexeme::Comment);
    let end = alter.ops.iter().map(|op| op.span.end).max().unwrap_or(span.end);
    plain.then(|| Edit::replace(Span::new(span.start, end), text))
}
