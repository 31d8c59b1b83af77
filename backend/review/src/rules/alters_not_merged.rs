use super::{Rule, merging::merged_into, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, AlterForm, AlterTable, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("alters-not-merged", Level::Warning, include_str!("alters_not_merged.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    if alter.ops.iter().any(|op| stands_alone(&op.action)) {
        return;
    }
    let table = words::table(&alter.table);
    let span = alter.table.span();
    if let Some(index) = see.world.made_by(&alter.table) {
        tell.at(
            span,
            said!("{table} is made by statement {number} and altered here.", "{table} 由第 {number} 条语句创建，这里又修改它。", number = index + 1),
            said!("Two steps where one would do; between them {table} is there without this change.", "本来一步可以完成；两步之间 {table} 会缺少这处修改。"),
            said!("Write it into the CREATE TABLE {table} at once.", "请直接写进 CREATE TABLE {table}。"),
        );
    } else if let Some(index) = see.world.altered_by(&alter.table) {
        let number = index + 1;
        let message = said!("{table} is altered by statement {number} already.", "第 {number} 条语句已经修改过 {table}。");
        let why = said!(
            "Each ALTER may copy all of {table}; one statement with all changes copies it once.",
            "每条 ALTER 都可能把整张 {table} 重建一遍；合并成一条只需重建一次。",
        );
        let fix = match merged(see, alter) {
            Some(ops) => said!("Append to statement {number}: , {ops}", "请接在第 {number} 条语句后面：, {ops}"),
            None => said!("Join them: ALTER TABLE {table} first change, second change.", "请合并：ALTER TABLE {table} 第一处修改, 第二处修改。"),
        };
        let edits = merged_into(see, alter, index);
        tell.at(span, message, why, fix).mend_script(edits.unwrap_or_default());
    }
}

/// Work on partitions and new names can not share a statement with other changes, or change what they mean.
fn stands_alone(action: &Action) -> bool {
    matches!(action, Action::LosePartition | Action::ExchangePartition | Action::RenameTable(_))
}

/// This statement's changes as clauses of an `ALTER TABLE`, in the asker's own words; `None` where they are long.
fn merged(see: &See<'_>, alter: &AlterTable) -> Option<String> {
    let sql = see.script.sql();
    let (first, last) = (alter.ops.first()?, alter.ops.last()?);
    let ops = match (alter.form, &first.action) {
        (AlterForm::Alter, _) => first.span.to(last.span).of(sql).to_owned(),
        (AlterForm::DropIndex, Action::DropKey(name, _)) => format!("DROP INDEX {}", words::quoted(&name.text)),
        (AlterForm::CreateIndex, Action::AddKey(key, _)) => {
            let columns = key.parts.iter().map(|part| part.column.as_str());
            let plain = key.parts.iter().all(|part| part.prefix.is_none() && !part.is_expression && !part.descending);
            let name = key.name.as_ref().filter(|_| plain && key.kind == crate::facts::KeyKind::Plain)?;
            format!("ADD INDEX {} ({})", words::quoted(&name.text), words::list(columns))
        }
        _ => return None,
    };
    (ops.len() <= 300).then_some(ops)
}
