use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Operand,
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("order-by-rand", Level::Warning, include_str!("order_by_rand.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    if matches!(see.statement.shape, Shape::Insert(_)) {
        return;
    }
    for scope in &see.statement.queries.scopes {
        let rand = scope.order.iter().find(|key| matches!(&key.by, Operand::Value(Some(call), _) if call == "rand"));
        let Some(key) = rand else { continue };
        let table = known::called(scope);
        tell.at(
            known::whole(see, key.by.span()),
            said!("Rows of {table} are sorted by chance.", "{table} 的行按随机数排序。"),
            said!("Every row of {table} that matches gets a number and is sorted, only to take a few.", "所有命中的 {table} 的行都要生成随机数并排序，只为取其中几行。"),
            said!("Choose a random number in the application, and read {table} from there by its primary key: WHERE id >= … ORDER BY id LIMIT 1.", "请在应用里生成随机数，再按主键读取 {table}：WHERE id >= … ORDER BY id LIMIT 1。"),
        );
    }
}
