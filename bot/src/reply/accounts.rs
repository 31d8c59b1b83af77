//! What people read of accounts: their lines in lists, what happens to them, and the password, once.

use super::{
    escape::{block, code, plain},
    message::{Embed, Message},
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::{
        account::{AccountPage, AccountState, AccountView, Collected, RevokedView},
        entry::{AboutAccount, Event},
        ticket::TicketState,
    },
};

/// Statements that one message shows, and their characters.
const GRANTS: usize = 4;
const GRANTS_CHARS: usize = 1_200;

/// The sentence of an entry about an account, and the state that gives its colour.
pub(super) fn said(event: &Event, lang: Lang) -> (Said, TicketState) {
    let said = match event {
        Event::PasswordWaits { until } => {
            let until = words::time(*until);
            said!(
                "🔑 The password is made. The one who asked for it presses **Show the password** on the card: once, until {until}.",
                "🔑 密码已生成。申请人请点卡片上的 **查看密码**：只能查看一次，{until} 前有效。"
            )
        }
        Event::PasswordCollected { by } => {
            let by = words::actor(by, lang);
            said!(
                "🔑 {by} has the password. It is kept nowhere any more.",
                "🔑 {by} 已领取密码，系统不再保留。"
            )
        }
        Event::AccountDiffers { instance, account, what } => {
            let (instance, account) = (code(instance, 80), code(account, 120));
            let (en, zh) = (plain(&what.en, 300), plain(&what.zh, 300));
            said!(
                "⚠️ On {instance} the account {account} is not as it should be: {en}",
                "⚠️ {instance} 上的账号 {account} 与预期不符：{zh}"
            )
        }
        Event::SessionsEnded { sessions } => {
            said!("🔌 {sessions} sessions were ended.", "🔌 已断开 {sessions} 个会话。")
        }
        Event::DeskLacks { database, grants } => {
            let database = code(database, 80);
            let grants =
                grants.iter().take(GRANTS).fold(String::new(), |all, grant| format!("{all}{grant};\n"));
            // In a block, since backquotes are lost elsewhere, and it is to be copied.
            let (grants, _) = block("sql", &grants, GRANTS_CHARS);
            said!(
                "🔧 The database is there, but the desk's own accounts may not work in {database} yet. Before SQL can be run there, a DBA \
                 runs this on the primary:\n{grants}",
                "🔧 数据库已建好，但工单台自己的账号还没有 {database} 的权限。要在其中执行 SQL，请 DBA 先在主库上执行：\n{grants}"
            )
        }
        Event::AccountEnds { at, days } => {
            let at = words::time(*at);
            match days {
                0 | 1 => said!(
                    "⏰ The account ends {at}. **Renew** lets it live on; without that nobody logs in any more then.",
                    "⏰ 账号将于 {at} 到期。点 **续期** 可以延长，否则到期后将无法登录。"
                ),
                _ => said!(
                    "⏰ The account ends {at}, in less than {days} days. **Renew** lets it live on.",
                    "⏰ 账号将于 {at} 到期，不到 {days} 天。点 **续期** 可以延长。"
                ),
            }
        }
        Event::AboutAccount { by, ticket, what } => {
            let (by, Said { en, zh }) = (words::actor(by, lang), about(*what));
            said!("🗂️ {by} filed **{ticket}**, which asks {en}.", "🗂️ {by} 提交了 **{ticket}**，申请{zh}。")
        }
        Event::AccountChanged { ticket, what } => {
            let Said { en, zh } = changed(*what);
            said!("🗂️ **{ticket}** is done: {en}.", "🗂️ **{ticket}** 已完成：{zh}。")
        }
        Event::PasswordLapsed => Said::fixed(
            "🔑 The password was not fetched in time and is kept no more. `/account rotate` makes another.",
            "🔑 密码未在有效期内领取，已不再保留。请用 `/account rotate` 更换密码。",
        ),
        Event::TakenAway => Said::fixed(
            "🧹 A statement failed, so what had been made of the account before it was removed again.",
            "🧹 有语句执行失败，因此之前已创建的部分账号已被删除。",
        ),
        Event::AccountAsked { ticket } => said!(
            "🗂️ **{ticket}** asks for the first account, as it stood in the request. A DBA approves it.",
            "🗂️ 已按申请提交 **{ticket}**，申请第一个账号，等待 DBA 审批。"
        ),
        Event::AccountNotAsked { why } => {
            let (en, zh) = (plain(&why.en, 500), plain(&why.zh, 500));
            said!(
                "⚠️ The first account could not be asked for: {en} Ask for it with `/account request`.",
                "⚠️ 未能申请第一个账号：{zh} 请用 `/account request` 申请。"
            )
        }
        _ => Said::fixed("", ""),
    };
    (said, TicketState::Done)
}

fn about(what: AboutAccount) -> Said {
    match what {
        AboutAccount::Renew => Said::fixed("that the account may live on", "账号续期"),
        AboutAccount::Rotate => Said::fixed("for another password", "更换密码"),
        AboutAccount::EndOld => Said::fixed("that the old password ends", "旧密码失效"),
        AboutAccount::Lock => Said::fixed("that the account is locked", "锁定账号"),
        AboutAccount::Drop => Said::fixed("that the account is removed", "删除账号"),
    }
}

fn changed(what: AboutAccount) -> Said {
    match what {
        AboutAccount::Renew => Said::fixed("the account lives on", "账号已续期"),
        AboutAccount::Rotate => Said::fixed("the account has another password", "密码已更换"),
        AboutAccount::EndOld => Said::fixed("the old password has ended", "旧密码已失效"),
        AboutAccount::Lock => Said::fixed("the account is locked, nobody logs in", "账号已锁定，无法登录"),
        AboutAccount::Drop => Said::fixed("the account is removed", "账号已删除"),
    }
}

/// A page of accounts.
#[must_use]
pub fn page(page: &AccountPage, lang: Lang) -> Message {
    if page.accounts.is_empty() {
        let none = Said::fixed(
            "There are no accounts that you may see. `/account request` asks for one.",
            "没有你可以查看的账号。可以用 `/account request` 申请。",
        );
        return Message::text(none.in_lang(lang));
    }
    let lines: Vec<String> = page.accounts.iter().map(|account| line(account, lang)).collect();
    let mut text = lines.join("\n");
    if page.next_before.is_some() {
        let more = Said::fixed("-# There are more; name a service group.", "-# 还有更多，可以指定服务组。");
        text.push('\n');
        text.push_str(more.in_lang(lang));
    }
    let embed = Embed { text, colour: 0x0034_98db, ..Embed::default() };
    Message { embeds: vec![embed], ..Message::default() }
}

fn line(account: &AccountView, lang: Lang) -> String {
    let sign = match account.state {
        AccountState::Asked => "⏳",
        AccountState::Active => "🟢",
        AccountState::Locked => "🔒",
        AccountState::Dropped => "⚫",
    };
    let (user, hosts) = (code(&account.user, 40), plain(&account.hosts.join(", "), 120));
    let reach = if account.tables.is_empty() {
        plain(&account.database, 70)
    } else {
        format!("{} ({})", plain(&account.database, 70), plain(&account.tables.join(", "), 120))
    };
    let (id, level, group, state) =
        (account.id, &account.level, plain(&account.service_group, 40), account.state.said());
    let (owner, until) = (words::person(&account.owner), words::time(account.expires_at));
    let ends = match &account.revoked {
        Some(RevokedView { ticket, by, at }) => {
            let by = by.as_ref().map(words::person).unwrap_or_default();
            let at = at.map(words::time).unwrap_or_default();
            said!("revoked by {by} with **{ticket}** {at}", "{at} 由 {by} 用 **{ticket}** 撤销")
        }
        None => said!("until {until}", "有效期至 {until}"),
    };
    let mut ends = ends.in_lang(lang).to_owned();
    if let Some(at) = account.removed_at {
        let removed = said!(" · removed {at}", " · {at} 删除", at = words::time(at));
        ends.push_str(removed.in_lang(lang));
    }
    format!(
        "{sign} **{id}** {user} · {level} · {group} / {reach} · {hosts}\n-# {} · {owner} · {}",
        state.in_lang(lang),
        ends
    )
}

/// The password, for the one who asked for it alone.
#[must_use]
pub fn handed_over(collected: &Collected, lang: Lang) -> Message {
    let (user, database, password) = (&collected.user, &collected.database, &collected.password);
    let at = match (&*collected.host, collected.port) {
        ("", _) => String::new(),
        (host, port) => {
            said!(" at `{host}`, port `{port}`", "，主机 `{host}`，端口 `{port}`").in_lang(lang).to_owned()
        }
    };
    let said = said!(
        "🔑 **{user}** on `{database}`{at}: ||`{password}`||\nOnly you see this, and it is shown this once: put it where you keep secrets. If it gets lost or \
         known, `/account rotate account:{id}` makes another.",
        "🔑 **{user}**（`{database}`{at}）：||`{password}`||\n只有你能看到，而且只显示这一次，请立即存入密码管理工具。如果丢失或泄露，请用 `/account rotate account:{id}` 更换。",
        id = collected.account
    );
    Message::text(said.in_lang(lang))
}
