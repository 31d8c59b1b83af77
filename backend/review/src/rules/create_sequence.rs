use super::Rule;
use super::stored::{self, Sort};
use crate::judge::{See, Tell};
use crate::shape::ObjectKind;
use dbdesk_commands::{lang::Said, wire::review::Level};

pub const RULE: Rule = Rule::new("create-sequence", Level::NeedsDba, include_str!("create_sequence.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let why = Said::fixed(
        "Every number is taken by a write of its own to one small table that all programs share; AUTO_INCREMENT needs none. pt-online-schema-change and many tools do not know sequences.",
        "每取一个编号，都要写一次所有程序共用的一张小表；AUTO_INCREMENT 不需要。pt-online-schema-change 和很多工具也不认识序列。",
    );
    let fix = Said::fixed(
        "Use AUTO_INCREMENT; if several tables must share one row of numbers, send it to a DBA.",
        "请使用 AUTO_INCREMENT；如果几张表必须共用一组编号，请转交 DBA。",
    );
    stored::made(see, tell, &Sort { kinds: &[ObjectKind::Sequence], en: "sequence", zh: "序列" }, why, fix);
}
