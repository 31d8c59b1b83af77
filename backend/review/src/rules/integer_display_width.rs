use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::types::TypeKind;
use crate::mend::Edit;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("integer-display-width", Level::Notice, include_str!("integer_display_width.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let old = !see.settings.flavour.is_mariadb() && see.settings.flavour.at_least(8, 0);
    let Some(found) = together(&see.statement.shape, |new| old
            && new.column.column_type.kind.is_integer()
            && new.column.brackets.is_some()
            && !new.column.column_type.zerofill
            && !(new.column.column_type.kind == TypeKind::TinyInt && new.column.column_type.length == Some(1))) else { return };
    let table = &found.table;
    let columns = &found.columns;
    let told = tell.at(
        found.span,
        said!("The number in brackets at {columns} of {table} is no size.", "{table} 的 {columns} 写了括号里的数字，但那并不是大小。"),
        said!("INT(3) holds as much as INT(11). MySQL has deprecated the number since 8.0.17 and drops it when {table} is shown, so that comparisons of schemas differ for nothing.", "INT(3) 和 INT(11) 能放的一样多。MySQL 8.0.17 起弃用了这个数字，SHOW CREATE TABLE 里也不再显示，比较表结构时会平白出现差异。"),
        said!("Leave the brackets out.", "请去掉括号。"),
    );
    let brackets = found.all.iter().filter_map(|new| new.column.brackets);
    told.mend(brackets.map(|span| Edit::replace(span, String::new())).collect());
}
