use super::Rule;
use super::stored::{self, Sort};
use crate::judge::{See, Tell};
use crate::shape::ObjectKind;
use dbdesk_commands::{lang::Said, wire::review::Level};

pub const RULE: Rule = Rule::new("create-trigger", Level::NeedsDba, include_str!("create_trigger.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let why = Said::fixed(
        "From then on every write to the table runs code that no program shows: it makes writes slower, can fail them, changes rows that no review has counted, and keeps pt-online-schema-change and gh-ost from changing the table.",
        "从此对这张表的每次写入都会执行一段在程序里看不到的代码：写入变慢、可能失败，还会改动评审没有统计到的行；pt-online-schema-change 和 gh-ost 也因此无法变更这张表。",
    );
    let fix = Said::fixed(
        "Do it in the program, in the same transaction; or let a job follow the binary log. If a trigger is really needed, a DBA decides.",
        "请在程序里、同一个事务中完成；或者让任务订阅二进制日志。确实需要触发器时，由 DBA 决定。",
    );
    stored::made(see, tell, &Sort { kinds: &[ObjectKind::Trigger], en: "trigger", zh: "触发器" }, why, fix);
}
