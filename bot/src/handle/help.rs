//! `/help`: what the desk can do for the one who asks, by his roles.

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{
        message::{Embed, Message},
        problem,
    },
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    verbs,
    wire::{
        person::{Me, Role},
        problem::Code,
    },
};

/// Asks who it is, and renders.
pub async fn help(desk: &Desk, asker: &Asker) -> Message {
    let me: Result<Me, BackendError> = desk.backend.get(&asker.acting(), &["me"], &[], READ_LIMIT).await;
    match me {
        Ok(me) => message(&me.roles, asker.lang),
        Err(error) if error.code() == Some(Code::NotLinked) => {
            let mut message = problem::of_error(&error, asker.lang);
            message.embeds.insert(0, commands(asker.lang));
            message
        }
        // Help is wanted most when something is down.
        Err(error) => {
            let mut message = message(&[Role::Developer], asker.lang);
            message.embeds.extend(problem::of_error(&error, asker.lang).embeds);
            message
        }
    }
}

/// The help for these roles.
#[must_use]
pub fn message(roles: &[Role], lang: Lang) -> Message {
    let mut embeds = vec![commands(lang)];
    embeds.push(boxed(
        &Said::fixed("How a ticket goes", "工单流程"),
        &Said::fixed(
            "1. `/sql submit`: choose the service group and the database, say why and when, write the SQL or attach a \
             `.sql` file. Of numbered tables write one: `orders_{0000..0511}` stands for 512 statements, also where the \
             tables lie in several service groups; `on_failure` says what becomes of the others when one fails.\n\
             2. It is reviewed at once. Errors come straight back; where a rule fails, you choose to amend it or to \
             send it to a DBA. What passes all rules within the limits needs nobody.\n\
             3. When it is approved, it runs at its time exactly as written. The thread under its card tells what \
             happens.\n\
             4. Until it runs you can take it back with **Withdraw** or `/ticket withdraw`. After that **Undo** files a ticket that \
             takes it back, which a second person approves.",
            "1. `/sql submit`：选服务组和数据库，写明原因和时间，填写 SQL 或附上 `.sql` 文件。分表只写一条：`orders_{0000..0511}` 代表 512 条语句，分布在多个服务组的分表也可以；`on_failure` 指定其中一条失败时其余怎么办。\n\
             2. 提交后立即审核。有错误会直接退回；不符合规则时，由你决定修改还是转交 DBA。全部通过且在限额之内的，无需人工审批。\n\
             3. 批准后按时间原样执行，进展都写在卡片下面的子区里。\n\
             4. 执行之前，可以点 **撤回** 或用 `/ticket withdraw` 收回；执行之后，可以点 **撤销变更** 提交撤销工单，由另一个人审批。",
        ),
        lang,
    ));
    if roles.contains(&Role::Dba) {
        embeds.push(boxed(
            &Said::fixed("For DBAs", "DBA 操作"),
            &Said::fixed(
                "The buttons on a card decide and steer: **Approve**, **Reject** (with a reason), **Run now**, \
                 **Pause** and **Resume** before it starts or between two statements, **Cancel**, and **Try again** for what \
                 failed. While a table is changed online: **Throttle** sets how much lag and load it may meet, **Hold cut-over** \
                 and **Cut over** say when the copy takes the table's place. Where data or structure is destroyed you \
                 type the service group's name. Your own tickets are decided by another DBA; where there is no time for that, `/emergency on` lets \
                 you decide alone, loudly, and somebody else reviews it. `/ticket list which:open` \
                 shows what waits, `/queue` what runs and where. A folder that you drop into the desk's `scripts/` is a command at once: `/script list` \
                 shows all, and what is wrong with one.",
                "卡片上的按钮用来审批和控制：**批准**、**驳回**（需写原因）、**立即执行**、在开始之前或两条语句之间 **暂停** 和 **继续**、**取消**，失败的可以 **重试**。\
                 在线变更执行时，**限速** 设置延迟和负载的上限，**暂缓切换** 和 **切换** 决定何时切换到新表。\
                 会破坏数据或结构的操作需要输入服务组名称确认。你自己的工单由其他 DBA 审批；来不及时可以用 `/emergency on` 单独处理，会发出告警，事后由他人复核。`/ticket list which:open` 可以查看待处理的工单，`/queue` 查看正在执行的任务和机器。放进工单台 `scripts/` 的文件夹立即成为命令：`/script list` 会列出全部脚本以及有问题的文件夹。",
            ),
            lang,
        ));
    }
    if roles.contains(&Role::Admin) {
        embeds.push(boxed(
            &Said::fixed("For admins", "管理员操作"),
            &Said::fixed(
                "Who types `/link` says which person he is; you confirm or refuse it with the buttons in the admins' channel. Ask that person \
                 on another way first: names and pictures in chat prove nothing. `/unlink` takes it back. You can say with `/delegate` who stands in \
                 for somebody, and review emergencies with `/emergency review`. The role alone decides on no ticket.",
                "有人用 `/link` 自称某人时，请在管理员频道点按钮确认或拒绝；请先通过其他途径向本人核实，聊天里的名字和头像不能作为证明。`/unlink` 可以解除。\
                 你可以用 `/delegate` 为他人指定代理，用 `/emergency review` 复核紧急状态。仅凭这个角色不能审批工单。",
            ),
            lang,
        ));
    }
    Message { embeds, ..Message::default() }
}

/// Commands on parts of service groups: a line for all of one word.
const PARTS: [&str; 4] = ["proxy", "vip", "dns", "instance"];

fn commands(lang: Lang) -> Embed {
    let is_part = |group: &str| PARTS.contains(&group);
    let mut lines: Vec<String> = verbs::ALL
        .iter()
        .filter(|verb| !is_part(verb.group))
        .map(|verb| {
            let name = verb.name.map(|name| format!(" {name}")).unwrap_or_default();
            format!("`/{}{name}` {}", verb.group, verb.said.in_lang(lang))
        })
        .collect();
    // Many small ones, and a message has an end.
    lines.extend(verbs::GROUPS.iter().filter(|(group, _)| is_part(group)).map(|(group, said)| {
        let of = verbs::ALL.iter().filter(|verb| verb.group == *group);
        let names: Vec<&str> = of.filter_map(|verb| verb.name).collect();
        format!("`/{group} {}` {}", names.join("|"), said.in_lang(lang))
    }));
    boxed(&Said::fixed("Commands", "命令"), &said!("{a}", "{a}", a = lines.join("\n")), lang)
}

fn boxed(title: &Said, text: &Said, lang: Lang) -> Embed {
    Embed {
        title: title.in_lang(lang).to_owned(),
        text: text.in_lang(lang).to_owned(),
        colour: 0x0034_98db,
        ..Embed::default()
    }
}
