use super::Rule;
use super::stored::{self, Sort};
use crate::judge::{See, Tell};
use crate::shape::ObjectKind;
use dbdesk_commands::{lang::Said, wire::review::Level};

pub const RULE: Rule = Rule::new("create-procedure", Level::NeedsDba, include_str!("create_procedure.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let why = Said::fixed(
        "What it does when it is called, no review sees. It runs on the primary's CPU, is not in your repository, and belongs to an account whose rights it lends to everybody who may call it.",
        "它被调用时做了什么，任何评审都看不到。它占用主库的 CPU，不在你的代码库里，还会把所属账号的权限借给所有能调用它的人。",
    );
    let fix = Said::fixed(
        "Write the logic in the program. If it must be near the data, send it to a DBA with the text and its tests.",
        "请把逻辑写在程序里。确实要放在数据库里的，请连同代码和测试转交 DBA。",
    );
    stored::made(see, tell, &Sort { kinds: &[ObjectKind::Procedure, ObjectKind::Package, ObjectKind::PackageBody], en: "stored procedure", zh: "存储过程" }, why, fix);
}
