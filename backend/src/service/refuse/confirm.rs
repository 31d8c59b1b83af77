//! What was typed confirms nothing.

use super::quoted;
use dbdesk_commands::{
    lang::said,
    wire::problem::{Code, Refusal},
};

/// The name typed is not the service group's.
pub(in crate::service) fn not_confirmed(typed: Option<&str>, lost: bool, name: &str) -> Refusal {
    let said = match typed.map(str::trim).filter(|typed| !typed.is_empty()) {
        None if lost => said!(
            "Nobody knows whether a statement of this ticket ran, and you are about to say so. Look at the table, then type the \
             service group's name, “{name}”, to confirm.",
            "这个工单有一条语句是否执行无法确定，而你正要给出结论。请先核对数据，再输入服务组名“{name}”确认。"
        ),
        None => said!(
            "This ticket destroys something. Type the service group's name, “{name}”, to confirm.",
            "这个工单有破坏性操作。请输入服务组名“{name}”确认。"
        ),
        Some(typed) => said!(
            "You typed “{typed}”, but the service group is “{name}”. Nothing was done; type its name exactly.",
            "你输入的是“{typed}”，而服务组是“{name}”。没有执行任何操作，请准确输入服务组名。",
            typed = quoted(typed)
        ),
    };
    Refusal::new(Code::NotConfirmed, said)
}

/// The form in which a name is typed was never shown to him, or too long ago.
pub(in crate::service) fn confirmed_late(confirm_s: u32) -> Refusal {
    Refusal::new(
        Code::ConfirmedLate,
        said!(
            "The name must be typed within {confirm_s} seconds of pressing the button: what you looked at may have changed since. Nothing was \
             done; look at the ticket again and press the button again.",
            "按下按钮后须在 {confirm_s} 秒内输入名称：你看到的内容可能已经变了。没有执行任何操作；请重新查看工单，再按一次按钮。"
        ),
    )
}

/// Of lanes on several service groups nobody knows; each is told by the name of its group. `unknown`: with its statement, from 1.
pub(in crate::service) fn which_lane(typed: Option<&str>, unknown: &[(String, u32)]) -> Refusal {
    let en: Vec<String> =
        unknown.iter().map(|(name, number)| format!("“{name}” (statement {number})")).collect();
    let zh: Vec<String> =
        unknown.iter().map(|(name, number)| format!("“{name}”（第 {number} 条）")).collect();
    let (en, zh, typed) = (en.join(", "), zh.join("、"), quoted(typed.unwrap_or_default()));
    Refusal::new(
        Code::NotConfirmed,
        said!(
            "You typed “{typed}”. Nobody knows whether the last statement ran on {en}, and you are about to say so of one of them. Look at \
             its table, then type the name of that service group. Nothing was done.",
            "你输入的是“{typed}”。{zh} 上最后一条语句是否执行无法确定，而你正要对其中一个给出结论。请先核对数据，再输入该服务组的名称。没有执行任何操作。"
        ),
    )
}
