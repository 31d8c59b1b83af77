//! Emergencies as they are told to the one who asks, and listed. The alert about one is a notice.

use super::{
    escape::{code, plain},
    limits::DESCRIPTION,
    message::{Embed, Message},
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::emergency::{EmergencyPage, EmergencyView},
};

/// Lines of one message.
const SHOWN: usize = 15;
const COLOUR: u32 = 0x00e7_4c3c;

/// One has begun.
#[must_use]
pub fn on(it: &EmergencyView, lang: Lang) -> Message {
    let (id, group, until) = (it.id, code(&it.service_group, 60), words::time(it.until));
    let said = said!(
        "🚨 **{id}** is on: until {until} your approvals on {group} need nobody else, on your own tickets, too. Everybody concerned has been \
         told. `/emergency off emergency:{id}` ends it; another DBA or an admin reviews it afterwards.",
        "🚨 **{id}** 已开始：在 {until} 之前，你在 {group} 上的审批无需他人，自己的工单也可以。相关人员都已收到告警。用 \
         `/emergency off emergency:{id}` 结束；之后由另一位 DBA 或管理员复核。"
    );
    Message::text(said.in_lang(lang))
}

/// One has ended.
#[must_use]
pub fn off(it: &EmergencyView, lang: Lang) -> Message {
    let id = it.id;
    let said = said!(
        "🟢 **{id}** has ended. Another DBA of the group or an admin reviews it with `/emergency review emergency:{id}`.",
        "🟢 **{id}** 已结束。请该组的另一位 DBA 或管理员用 `/emergency review emergency:{id}` 复核。"
    );
    Message::text(said.in_lang(lang))
}

/// Somebody has looked at one.
#[must_use]
pub fn reviewed(it: &EmergencyView, lang: Lang) -> Message {
    let id = it.id;
    let said = said!(
        "✅ **{id}** is reviewed; what you found stands beside its alert.",
        "✅ **{id}** 已复核，结论已写在告警里。"
    );
    Message::text(said.in_lang(lang))
}

/// Those that are on or not reviewed.
#[must_use]
pub fn list(page: &EmergencyPage, lang: Lang) -> Message {
    if page.emergencies.is_empty() && page.own_only {
        let none = Said::fixed(
            "Emergencies are shown to admins and to the DBAs of their service group: whether one is on, you may not see. Ask a DBA.",
            "紧急状态只对管理员和相应服务组的 DBA 可见，你无权查看当前是否有紧急状态。请联系 DBA。",
        );
        return Message::text(none.in_lang(lang));
    }
    if page.emergencies.is_empty() {
        let none = Said::fixed(
            "No emergency is on, and all were reviewed.",
            "没有进行中的紧急状态，也没有待复核的。",
        );
        return Message::text(none.in_lang(lang));
    }
    let mut lines: Vec<String> = page.emergencies.iter().take(SHOWN).map(|it| line(it, lang)).collect();
    let more = page.emergencies.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(said!("… and {more} more", "……另有 {more} 个").in_lang(lang).to_owned());
    }
    let text: String = lines.join("\n").chars().take(DESCRIPTION).collect();
    let title = Said::fixed("Emergencies that are on or not reviewed", "进行中或未复核的紧急状态");
    let embed = Embed { title: title.in_lang(lang).to_owned(), text, colour: COLOUR, ..Embed::default() };
    Message { embeds: vec![embed], ..Message::default() }
}

fn line(it: &EmergencyView, lang: Lang) -> String {
    let state = match it.ended_at {
        None => said!("on until {t}", "进行中，到 {t}", t = words::time(it.until)),
        Some(at) => said!("ended {t}, not reviewed", "{t} 结束，未复核", t = words::time(at)),
    };
    format!(
        "🚨 **{}** {} · {} · {}\n　{}",
        it.id,
        code(&it.service_group, 60),
        words::person(&it.person),
        state.in_lang(lang),
        plain(&it.reason, 120)
    )
}
