use super::Rule;
use super::stored::{self, Sort};
use crate::judge::{See, Tell};
use crate::shape::ObjectKind;
use dbdesk_commands::{lang::Said, wire::review::Level};

pub const RULE: Rule = Rule::new("create-function", Level::NeedsDba, include_str!("create_function.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let why = Said::fixed(
        "In a query it is called once for every row and can not use indexes; one that reads tables makes a query a loop of queries. With the binary log on, it must be declared DETERMINISTIC and the server believes it.",
        "在查询里每一行都要调用一次，还用不上索引；如果函数里再查表，一条查询就变成了循环查询。开启二进制日志时必须声明 DETERMINISTIC，而服务器不会检查是否属实。",
    );
    let fix = Said::fixed(
        "Compute it in the program, or in a generated column if it depends on its row alone. Else send it to a DBA.",
        "请在程序里计算；只依赖本行的值可以用生成列。否则请转交 DBA。",
    );
    stored::made(see, tell, &Sort { kinds: &[ObjectKind::Function], en: "stored function", zh: "存储函数" }, why, fix);
}
