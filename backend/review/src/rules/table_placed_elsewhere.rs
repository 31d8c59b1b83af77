use super::{Rule, names::table_options, words};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("table-placed-elsewhere", Level::NeedsDba, include_str!("table_placed_elsewhere.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (table, option) in table_options(&see.statement.shape) {
        let own = option.value.eq_ignore_ascii_case("innodb_file_per_table");
        let message = match option.name.as_str() {
            "tablespace" if !own => said!(
                "{table} would lie in the tablespace {value}.",
                "{table} 将放进表空间 {value}。",
                table = words::table(table),
                value = words::quoted(&option.value),
            ),
            "directory" => said!(
                "{table} would lie in the folder {value}.",
                "{table} 将放到目录 {value}。",
                table = words::table(table),
                value = words::quoted(&option.value),
            ),
            "connection" => said!(
                "{table} would show the rows of another server.",
                "{table} 显示的将是另一台服务器上的数据。",
                table = words::table(table),
            ),
            _ => continue,
        };
        tell.at(
            option.span,
            message,
            Said::fixed(
                "Where files lie is part of how the server is run: backups, space and rebuilt replicas count on the usual place. A replica without that folder or tablespace stops.",
                "文件放在哪里属于服务器的运维安排：备份、磁盘空间、重建从库都以默认位置为准。没有这个目录或表空间的从库会中断复制。",
            ),
            Said::fixed("Leave the option out, or ask a DBA.", "请去掉这个选项，或找 DBA。"),
        );
    }
}
