use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("blocking-alter", Level::Warning, include_str!("blocking_alter.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    if see.world.made_by(&alter.table).is_some() {
        return;
    }
    for op in &alter.ops {
        let Action::Way(word, wanted) = &op.action else { continue };
        let blocks = match *word {
            "algorithm" => ["copy"].as_slice(),
            _ => &["exclusive", "shared"],
        };
        if !blocks.iter().any(|value| wanted.text.eq_ignore_ascii_case(value)) {
            continue;
        }
        let table = words::table(&alter.table);
        let asked = words::shown(op.span.of(see.script.sql()));
        let reads = wanted.text.eq_ignore_ascii_case("exclusive");
        let (en, zh) = if reads { ("reads nor writes", "读写") } else { ("writes", "写入") };
        let en = if reads { format!("neither {en}") } else { format!("no {en}") };
        tell.at(
            op.span,
            said!("`{asked}` closes {table} while the change is made.", "`{asked}` 会在变更期间锁住 {table}。"),
            said!(
                "{table} takes {en} until it is done, even where the server could have changed it without that.",
                "完成之前 {table} 不能{zh}，即使服务器本来可以不锁表就完成。",
            ),
            said!(
                "Leave it out: the server takes the lightest way by itself, and the review says where an online change tool is advised.",
                "请去掉它：服务器会自己选最轻的方式，需要在线变更工具时，审核会给出建议。",
            ),
        );
    }
}
