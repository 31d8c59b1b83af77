use super::{Rule, names, words};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule =
    Rule::new("collation-of-another-server", Level::Error, include_str!("collation_of_another_server.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let flavour = see.settings.flavour;
    for (table, collation, span) in names::collations(&see.statement.shape) {
        let name = collation.to_ascii_lowercase();
        let unknown = if name.contains("_0900_") {
            // MariaDB takes them for its own since a late 11.4; which one is not known here.
            if flavour.is_mariadb() { !flavour.at_least(11, 0) } else { !flavour.at_least(8, 0) }
        } else {
            name.contains("uca1400") && (!flavour.is_mariadb() || !flavour.at_least(10, 10))
        };
        if !unknown {
            continue;
        }
        let (table, shown) = (words::table(table), words::shown(collation));
        tell.at(
            span,
            said!("{flavour} does not know the collation {shown}.", "{flavour} 没有排序规则 {shown}。"),
            said!(
                "The server refuses the statement (error 1273). {shown} in the definition of {table} comes from another family or version, mostly with a dump.",
                "服务器会拒绝这条语句（1273 错误）。{table} 定义里的 {shown} 来自别的服务器或版本，多半是从导出文件里带来的。",
            ),
            Said::fixed(
                "Write COLLATE=utf8mb4_unicode_520_ci, which all versions know and which is the nearest, or leave COLLATE out.",
                "请写 COLLATE=utf8mb4_unicode_520_ci（各版本都有，效果最接近），或去掉 COLLATE。",
            ),
        );
    }
}
