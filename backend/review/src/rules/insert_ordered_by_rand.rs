use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    query::Operand,
    shape::Shape,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("insert-ordered-by-rand", Level::NeedsDba, include_str!("insert_ordered_by_rand.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Insert(insert) = &see.statement.shape else { return };
    for scope in &see.statement.queries.scopes {
        let rand = scope.order.iter().find(|key| matches!(&key.by, Operand::Value(Some(call), _) if call == "rand"));
        if let Some(key) = rand {
            let table = words::table(&insert.table);
            tell.at(
                known::whole(see, key.by.span()),
                said!("Chance chooses the rows for {table}.", "写入 {table} 的行是随机挑选的。"),
                said!(
                    "A replica that runs the statement itself takes other rows, and {table} differs between the servers; nor can anybody review what will be written.",
                    "如果从库重新执行这条语句，取到的会是另一批行，{table} 在各服务器上就不一致；也没有人能评审将要写入什么。",
                ),
                Said::fixed(
                    "Choose the rows beforehand and write them out, or sort by a column.",
                    "请事先选好行并写出来，或者按某一列排序。",
                ),
            );
        }
    }
}
