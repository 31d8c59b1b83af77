use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    mend::Edit,
    questions::tables_of,
    span::Span,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("space-around-dot", Level::Notice, include_str!("space_around_dot.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let sql = see.script.sql();
    for table in tables_of(&see.statement.shape) {
        let Some(database) = &table.database else { continue };
        let gap = Span::new(database.span.end, table.table.span.start);
        let between = gap.of(sql);
        if between == "." || between.is_empty() {
            continue;
        }
        let name = words::table(table);
        let told = tell.at(
            table.span(),
            said!("There are blanks around the dot of {name}.", "{name} 的点号两边有空格。"),
            Said::fixed(
                "The server reads one name; people and scripts that search for it read two.",
                "服务器会当成一个名称，但人和脚本搜索时会当成两个。",
            ),
            said!("Write {name}.", "请写成 {name}。"),
        );
        if between.trim() == "." {
            told.mend(vec![Edit::replace(gap, ".")]);
        }
    }
}
