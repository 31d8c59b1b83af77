use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    mend::Edit,
    shape::{Action, Shape, TableOption, TableRef},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("engine-not-innodb", Level::NeedsDba, include_str!("engine_not_innodb.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::CreateTable(create) => {
            for option in &create.options {
                look(see, tell, &create.table, option, !create.temporary);
            }
        }
        Shape::AlterTable(alter) => {
            for op in &alter.ops {
                if let Action::Option(option) = &op.action {
                    look(see, tell, &alter.table, option, false);
                }
            }
        }
        _ => {}
    }
}

/// In a new table the engine is replaced for certain; an `ALTER` may have been meant to do nothing but change it.
fn look(see: &See<'_>, tell: &mut Tell<'_>, table: &TableRef, option: &TableOption, is_new: bool) {
    let engines = &see.settings.limits.engines;
    if option.name != "engine" || engines.iter().any(|engine| engine.eq_ignore_ascii_case(&option.value)) {
        return;
    }
    let (table, engine) = (words::table(table), words::shown(&option.value));
    let told = tell.at(
        option.span,
        said!("{table} would have the engine {engine}.", "{table} 将使用 {engine} 引擎。"),
        said!(
            "Only InnoDB has transactions and row locks and survives a crash: with {engine} a crash can lose or damage {table}, and backups lock it.",
            "只有 InnoDB 支持事务和行锁，并能在崩溃后恢复。用 {engine} 的话，崩溃可能丢失或损坏 {table} 的数据，备份时还会锁表。",
        ),
        said!("Write ENGINE=InnoDB, or leave the option out.", "请写 ENGINE=InnoDB，或去掉这个选项。"),
    );
    if is_new && engines.iter().any(|engine| engine.eq_ignore_ascii_case("innodb")) {
        told.mend(vec![Edit::replace(option.value_span, "InnoDB")]);
    }
}
