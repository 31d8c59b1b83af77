use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    mend::Edit,
    shape::{Action, ColumnDef, Name, Shape, TableRef},
    span::Span,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("rename-in-place", Level::NeedsDba, include_str!("rename_in_place.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::RenameTable(pairs) => {
            for (old, new) in pairs.iter().filter(|(old, _)| see.world.made_by(old).is_none()) {
                table(tell, old, new, old.span().to(new.span()));
            }
        }
        Shape::AlterTable(alter) if see.world.made_by(&alter.table).is_none() => {
            for op in &alter.ops {
                match &op.action {
                    Action::RenameTable(new) => table(tell, &alter.table, new, op.span),
                    Action::RenameColumn(old, new) => column(tell, &alter.table, &old.text, &new.text, op.span),
                    Action::Change(old, new) if !old.text.eq_ignore_ascii_case(&new.name.text) => {
                        column(tell, &alter.table, &old.text, &new.name.text, op.span);
                    }
                    Action::Change(old, new) => same_name(see, tell, old, new, op.span),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn table(tell: &mut Tell<'_>, old: &TableRef, new: &TableRef, span: Span) {
    let (old, new) = (words::table(old), words::table(new));
    tell.at(
        span,
        said!("This renames the table {old} to {new}.", "这会把表 {old} 改名为 {new}。"),
        said!("From that moment every program that still says {old} fails.", "从那一刻起，仍在使用 {old} 的程序都会报错。"),
        said!(
            "Have the programs ready for both names, agree on the moment with a DBA, and send it on.",
            "请先让程序兼容两个名称，和 DBA 约好时间，再转交执行。",
        ),
    );
}

fn column(tell: &mut Tell<'_>, of: &TableRef, old: &str, new: &str, span: Span) {
    let (of, old, new) = (words::table(of), words::quoted(old), words::quoted(new));
    tell.at(
        span,
        said!("This renames the column {old} of {of} to {new}.", "这会把 {of} 的列 {old} 改名为 {new}。"),
        said!(
            "From that moment every program that still says {old} fails; online change tools refuse it too, since they copy columns by name.",
            "从那一刻起，仍在使用 {old} 的程序都会报错；在线变更工具按列名复制数据，也不支持改名。",
        ),
        said!(
            "The safe way: add {new}, write both for a while, copy the values, then drop {old}. Or send it to a DBA.",
            "稳妥的做法：先加 {new}，同时写两列一段时间，把值复制过去，再删除 {old}。或者转交 DBA。",
        ),
    );
}

fn same_name(see: &See<'_>, tell: &mut Tell<'_>, old: &Name, new: &ColumnDef, span: Span) {
    let name = words::quoted(&old.text);
    // `CHANGE [COLUMN] a a` becomes `MODIFY [COLUMN] a`; another case of letters would be a new name.
    let head = Span::new(span.start, old.span.start).of(see.script.sql());
    let plain = old.text == new.name.text && head.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("change"));
    let change = Span::new(span.start, span.start + 6);
    let again = Span::new(old.span.start, new.name.span.start);
    let apart = again.of(see.script.sql()).trim_end() == old.span.of(see.script.sql());
    let edits = if plain && apart { vec![Edit::replace(change, "MODIFY"), Edit::delete(again)] } else { Vec::new() };
    tell.leveled(
        Level::Notice,
        span,
        said!("CHANGE {name} {name} renames nothing.", "CHANGE {name} {name} 没有改名。"),
        said!("A slip in the second name would rename the column.", "第二个名称一旦写错，就会把列改名。"),
        said!("Write MODIFY {name} …", "请写 MODIFY {name} …"),
    )
    .mend(edits);
}
