use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Shape, TableUse},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("misleading-alias", Level::Notice, include_str!("misleading_alias.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (Shape::Update(change) | Shape::Delete(change)) = &see.statement.shape else { return };
    for table in &change.tables {
        let Some(alias) = table.alias.as_deref().filter(|alias| *alias != table.name.table.text) else { continue };
        let other = |other: &&TableUse| other.name.table.text == alias && !std::ptr::eq(*other, table);
        let is_column = || see.world.table(&table.name).is_some_and(|known| known.column(alias).is_some());
        let (en, zh) = if change.tables.iter().find(other).is_some() {
            ("another table of this statement", "本语句里的另一张表")
        } else if is_column() {
            ("a column of the same table", "这张表的一列")
        } else {
            continue;
        };
        let (name, alias) = (words::table(&table.name), words::quoted(alias));
        tell.at(
            table.name.span(),
            said!("{name} is called {alias} here, which is the name of {en}.", "{name} 在这里的别名 {alias} 和{zh}同名。"),
            said!(
                "Who reads {alias} later in the statement takes it for the other, and so changes the wrong rows without an error.",
                "后面看到 {alias} 时很容易理解成另一个，结果改错数据也不会报错。",
            ),
            said!("Choose an alias that is nothing else, such as the first letters of {name}.", "请换一个不会混淆的别名，例如 {name} 的首字母。"),
        );
    }
}
