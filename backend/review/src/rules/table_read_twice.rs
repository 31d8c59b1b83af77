use super::{Rule, words};
use crate::{
    judge::{See, Tell},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("table-read-twice", Level::Notice, include_str!("table_read_twice.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        for (at, source) in scope.sources.iter().enumerate() {
            let Some(table) = &source.table else { continue };
            let name = see.world.name(table);
            if scope.sources.iter().take(at).any(|other| other.table.as_ref().is_some_and(|other| see.world.name(other) == name)) {
                let table = words::table(table);
                tell.at(
                    source.span,
                    said!("{table} is joined to itself.", "{table} 和自己关联。"),
                    said!("{table} is read twice; often one reading with another condition would do.", "{table} 会被读两次；多数情况下换个条件读一次就够了。"),
                    said!("Look whether one reading of {table} is enough.", "请看看读一次 {table} 是否就够了。"),
                );
            }
        }
    }
}
