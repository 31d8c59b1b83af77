use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("too-many-text-columns", Level::Warning, include_str!("too_many_text_columns.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (table, span, names) = match &see.statement.shape {
        Shape::CreateTable(create) => {
            let texts = create.columns.iter().filter(|column| is_long(&column.data_type));
            (&create.table, create.table.span(), texts.map(|column| column.name.text.as_str()).collect::<Vec<_>>())
        }
        Shape::AlterTable(alter) => {
            let (mut added, mut last) = (Vec::new(), None);
            for op in &alter.ops {
                let Action::AddColumns(columns, _) = &op.action else { continue };
                for column in columns.iter().filter(|column| is_long(&column.data_type)) {
                    added.push(column.name.text.as_str());
                    last = Some(op.span);
                }
            }
            // Only then what is there already is worth a look.
            let Some(last) = last else { return };
            let known = see.world.table(&alter.table).map(|table| table.columns.as_slice()).unwrap_or_default();
            let goes = |column: &str| {
                alter.ops.iter().any(|op| matches!(&op.action, Action::DropColumn(name, _) if name.text.eq_ignore_ascii_case(column)))
            };
            let stay = known.iter().filter(|column| is_long(&column.data_type) && !goes(&column.name));
            let names = stay.map(|column| column.name.as_str()).chain(added).collect();
            (&alter.table, last, names)
        }
        _ => return,
    };
    let most = see.settings.limits.text_columns_per_table;
    if names.len() <= most {
        return;
    }
    let (count, table) = (names.len(), words::table(table));
    let names = words::list(names.into_iter());
    tell.at(
        span,
        said!(
            "{table} would have {count} columns of long texts or bytes: {names}.",
            "{table} 将有 {count} 个大文本或二进制列：{names}。",
        ),
        said!(
            "Each long value lies on pages of its own: reading a row of {table} means reading many pages, and a query that sorts such rows does it on disk.",
            "每个大字段单独存放在别的页上：读 {table} 的一行要读很多页，带着这些列排序还会用到磁盘临时表。",
        ),
        said!(
            "Put them into a side table with the key of {table}, as rows (key, kind, text); use VARCHAR where the text is short.",
            "请把它们拆到一张附表里，用 {table} 的主键关联，一行存一项（主键、种类、内容）；内容不长的用 VARCHAR。",
        ),
    );
}

fn is_long(data_type: &str) -> bool {
    let word = data_type.split(['(', ' ']).next().unwrap_or_default();
    word == "json" || word.ends_with("text") && word != "tinytext" || word.ends_with("blob") && word != "tinyblob"
}
