use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("definer-written", Level::Warning, include_str!("definer_written.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::StoredObject(object) = &see.statement.shape else { return };
    let (Some(definer), Some(name)) = (object.definer, object.names.first()) else { return };
    let (account, shown) = (words::shown(definer.of(see.script.sql())), words::table(name));
    tell.at(
        definer,
        said!("{shown} would run with the rights of {account}.", "{shown} 将以 {account} 的权限运行。"),
        said!(
            "Whoever may use {shown} acts as {account}, whatever his own rights are; and when {account} is removed or named otherwise on another server, {shown} fails (error 1449).",
            "凡是能使用 {shown} 的人，都等于拥有 {account} 的权限；如果 {account} 被删除，或在别的服务器上不叫这个名字，{shown} 就会报错（1449）。",
        ),
        Said::fixed(
            "Leave DEFINER out, or write SQL SECURITY INVOKER; an account that owns stored objects is opened by DBAs for that alone.",
            "请去掉 DEFINER，或写 SQL SECURITY INVOKER；专门拥有存储对象的账号由 DBA 开通。",
        ),
    );
}
