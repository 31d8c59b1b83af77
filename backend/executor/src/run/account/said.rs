//! What people are told when it can not be.

use dbdesk_account::{AccountName, DatabaseName};
use dbdesk_commands::lang::{Said, said};

pub(super) fn no_granting() -> Said {
    Said::fixed(
        "this machine has no account that may make accounts; `[target] account_user` names it",
        "这台机器没有可以创建账号的账号；请在 `[target] account_user` 中配置",
    )
}

pub(super) fn too_old() -> Said {
    Said::fixed(
        "the server is older than MySQL 8.0.17 or MariaDB 10.5: accounts can not be locked or written safely there",
        "服务器版本早于 MySQL 8.0.17 或 MariaDB 10.5，无法在其上安全地管理账号",
    )
}

pub(super) fn taken(name: &AccountName) -> Said {
    said!(
        "{name} is there already, and the desk did not make it: it is not taken over. Ask for another name",
        "{name} 已经存在，而且不是工单台创建的，不会接管它。请换一个名字"
    )
}

pub(super) fn still_there() -> Said {
    Said::fixed("it is still there", "账号仍然存在")
}

pub(super) fn needs_password() -> Said {
    Said::fixed(
        "it needs another password, and nobody has one: rotate it; where the server refuses that, revoke it and ask for another",
        "它需要新的密码，而没有人持有：请轮换密码；如果服务器拒绝，请撤销后重新申请",
    )
}

pub(super) fn not_asked(why: &str) -> Said {
    said!("it could not be asked: {why}", "无法查询：{why}")
}

pub(super) fn sessions_go_on(why: &str) -> Said {
    said!("its sessions there could not be ended: {why}", "无法结束它在那里的会话：{why}")
}

pub(super) fn no_key() -> Said {
    Said::fixed(
        "the key that seals passwords is not here (`[backup] secret_key_file`)",
        "没有用于加密密码的密钥（`[backup] secret_key_file`）",
    )
}

pub(super) fn secret_gone() -> Said {
    Said::fixed(
        "the password of this try is not kept any more: ask for another with `/account rotate`",
        "本次生成的密码已不再保留，请用 `/account rotate` 重新生成",
    )
}

pub(super) fn another_secret() -> Said {
    Said::fixed(
        "an earlier ticket with another password or hash broke off half-way, and servers may have that one: complete it with \
         `/account rotate` as it was asked for then, and rotate again",
        "之前的一张工单用另一个密码或哈希执行到一半中断，服务器上可能已是那一个：请先按当时的方式用 `/account rotate` 完成，再重新轮换",
    )
}

pub(super) fn not_as_asked() -> Said {
    Said::fixed(
        "the account is not any more as it was when this was asked for: look at it and ask again",
        "账号已不是提出申请时的状态：请查看后重新申请",
    )
}

pub(super) fn database_taken(name: &DatabaseName) -> Said {
    said!(
        "the database {name} is there already, and this ticket did not make it: it is not taken over. Ask for another name",
        "数据库 {name} 已经存在，而且不是这张工单创建的，不会接管它。请换一个名字"
    )
}

pub(super) fn repair_refused(code: u16, message: &str) -> Said {
    said!("the server refuses to bring it back ({code}): {message}", "服务器拒绝修复（{code}）：{message}")
}
