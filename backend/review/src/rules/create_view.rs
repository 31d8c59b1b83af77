use super::Rule;
use super::stored::{self, Sort};
use crate::judge::{See, Tell};
use crate::shape::ObjectKind;
use dbdesk_commands::{lang::Said, wire::review::Level};

pub const RULE: Rule = Rule::new("create-view", Level::NeedsDba, include_str!("create_view.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let why = Said::fixed(
        "A view hides which tables and how many rows a query reads: a harmless SELECT on it can join half the database, and its definition breaks silently when a column below is renamed or dropped.",
        "视图会掩盖查询到底读了哪些表、多少行：对它的一条普通 SELECT 可能关联了半个库；下层表的列改名或删除后，视图也会悄悄失效。",
    );
    let fix = Said::fixed(
        "Write the query in the program, where its plan is reviewed. If other teams need the view as an interface, send it to a DBA with the reason.",
        "请把查询写在程序里，这样执行计划才能被评审。如果视图是给其他团队用的接口，请说明理由并转交 DBA。",
    );
    stored::made(see, tell, &Sort { kinds: &[ObjectKind::View], en: "view", zh: "视图" }, why, fix);
}
