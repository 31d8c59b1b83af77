use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Shape, Task},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("alter-database", Level::NeedsDba, include_str!("alter_database.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Admin(admin) = &see.statement.shape else { return };
    if admin.task != Task::Database {
        return;
    }
    let (en, zh) = match &admin.database {
        Some(name) => (words::quoted(&name.text), words::quoted(&name.text)),
        None => ("the chosen database".to_owned(), "当前库".to_owned()),
    };
    tell.at(
        admin.words,
        said!("This changes the settings of {en}.", "这会修改 {zh} 的设置。"),
        Said::fixed(
            "Tables that are there stay as they are; only those made later get the new character set, so that from then on joins of old and new tables compare texts without their indexes.",
            "已有的表保持不变，只有以后新建的表才用新的字符集；从此新表和旧表按文本关联时用不上索引。",
        ),
        Said::fixed(
            "Convert the tables that you mean (ALTER TABLE … CONVERT TO CHARACTER SET), or send it to a DBA.",
            "请转换具体的表（ALTER TABLE … CONVERT TO CHARACTER SET），或转交 DBA。",
        ),
    );
}
