use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Shape, Task},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("excessive-grant", Level::NeedsDba, include_str!("excessive_grant.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Admin(admin) = &see.statement.shape else { return };
    let (Task::Grant, Some(grant)) = (admin.task, &admin.grant) else { return };
    let sql = see.script.sql();
    for privilege in &grant.privileges {
        let text = privilege.of(sql);
        let word = text.split_whitespace().next().unwrap_or_default();
        if ["all", "super", "file", "shutdown", "proxy"].iter().any(|big| word.eq_ignore_ascii_case(big)) {
            let shown = words::shown(text).to_uppercase();
            let (en, zh) = match grant.on.map(|on| words::shown(on.of(sql))) {
                Some(on) => (format!(" on {on}"), format!("，范围是 {on}")),
                None => (String::new(), String::new()),
            };
            tell.at(
                *privilege,
                said!("{shown} is granted{en}.", "授予了 {shown}{zh}。"),
                Said::fixed(
                    "With it an account can read and change what is none of its business, stop the server, or get around read-only and the audit.",
                    "有了它，账号可以读写不该接触的数据，可以停掉服务器，还能绕过只读和审计。",
                ),
                Said::fixed(
                    "Grant what the program does, on its own database: SELECT, INSERT, UPDATE, DELETE.",
                    "请只在程序自己的库上授予它需要的权限：SELECT、INSERT、UPDATE、DELETE。",
                ),
            );
        }
    }
    if grant.with_grant_option {
        tell.at(
            admin.words,
            Said::fixed("The account may pass its rights on (WITH GRANT OPTION).", "账号可以把权限再授予别人（WITH GRANT OPTION）。"),
            Said::fixed("From then on nobody knows who can do what: rights spread without a ticket.", "从此谁有什么权限就说不清了：权限会不经工单地扩散。"),
            Said::fixed("Leave WITH GRANT OPTION out.", "请去掉 WITH GRANT OPTION。"),
        );
    }
}
