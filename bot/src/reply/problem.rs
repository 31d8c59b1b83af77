//! When the answer is no, or there is none: what, why, what to do, and the person's SQL back.

use super::{
    escape::{block, code, prose},
    message::{Embed, Message},
};
use crate::backend::BackendError;
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::problem::{Code, Problem},
};

const COLOUR: u32 = 0x00e6_7e22;

/// The name of the file in which a refused text is given back.
pub const GIVEN_BACK: &str = "your-sql.sql";

/// The answer for an error of the backend.
#[must_use]
pub fn of_error(error: &BackendError, lang: Lang) -> Message {
    match error {
        BackendError::Refused(problem) => refused(problem, lang),
        BackendError::Down(_) => boxed(
            &Said::fixed("The desk's service is not answering", "工单服务暂时没有响应"),
            &Said::fixed(
                "Nothing was done. Please try again in a minute; if it lasts, tell a DBA.",
                "什么都没有执行。请过一分钟再试；如果一直这样，请告诉 DBA。",
            ),
            lang,
        ),
        BackendError::Unknown(_) => boxed(
            &Said::fixed("No answer came from the desk's service", "没有收到工单服务的答复"),
            &Said::fixed(
                "Whether it was done is not known. Look at the card or at `/ticket list` before you try again.",
                "不确定是否已经处理。再试之前，请先看一下卡片或 `/ticket list`。",
            ),
            lang,
        ),
        BackendError::Fault(_) => fault(lang),
    }
}

/// Our own fault.
#[must_use]
pub fn fault(lang: Lang) -> Message {
    boxed(
        &Code::Fault.title(),
        &Said::fixed(
            "It has been logged. Look at the card or at `/ticket list` before you try again.",
            "已经记录下来。再试之前，请先看一下卡片或 `/ticket list`。",
        ),
        lang,
    )
}

/// A refusal of the backend, which speaks the person's language already.
fn refused(problem: &Problem, lang: Lang) -> Message {
    let footer = match (&problem.instance, problem.code) {
        (Some(instance), Code::Fault | Code::StoreDown) => {
            said!("When you ask for help, name {instance}", "求助时请提供编号 {instance}")
                .in_lang(lang)
                .to_owned()
        }
        _ => String::new(),
    };
    let embed = Embed {
        title: problem.title.clone(),
        text: prose(&problem.detail, 3_500),
        colour: COLOUR,
        footer,
        ..Embed::default()
    };
    Message { embeds: vec![embed], ..Message::default() }
}

/// A refusal of the bot itself.
#[must_use]
pub fn boxed(title: &Said, detail: &Said, lang: Lang) -> Message {
    let embed = Embed {
        title: title.in_lang(lang).to_owned(),
        text: detail.in_lang(lang).to_owned(),
        colour: COLOUR,
        ..Embed::default()
    };
    Message { embeds: vec![embed], ..Message::default() }
}

/// The same with the person's SQL, so that nothing he wrote is lost.
#[must_use]
pub fn with_sql_back(mut message: Message, sql: &str, lang: Lang) -> Message {
    let said = Said::fixed("Your SQL is in the file below.", "你的 SQL 附在下面的文件里。");
    if let Some(embed) = message.embeds.last_mut() {
        embed.text = format!("{}\n{}", embed.text, said.in_lang(lang));
    }
    message.with_file(GIVEN_BACK, sql.as_bytes())
}

/// The same with a command as it was typed, in one line that can be copied. What was left out is left out.
#[must_use]
pub fn with_line_back(mut message: Message, command: &str, fields: &[(&str, &str)], lang: Lang) -> Message {
    let line = line(command, fields);
    let said = Said::fixed("What you typed, to be copied:", "你输入的内容，可以复制：");
    if let Some(embed) = message.embeds.last_mut() {
        embed.text = format!("{}\n{}\n{}", embed.text, said.in_lang(lang), block("", &line, 1_100).0);
    }
    message
}

fn line(command: &str, fields: &[(&str, &str)]) -> String {
    let typed = fields.iter().filter(|(_, value)| !value.trim().is_empty());
    typed.fold(command.to_owned(), |line, (name, value)| {
        let value: Vec<&str> = value.split_whitespace().collect();
        format!("{line} {name}:{}", value.join(" "))
    })
}

/// The same with the reason that a person typed.
#[must_use]
pub fn with_reason_back(mut message: Message, reason: &str, lang: Lang) -> Message {
    let said = Said::fixed("Your reason, to be copied:", "你填写的原因，可以复制：");
    if let Some(embed) = message.embeds.last_mut() {
        embed.text = format!("{}\n{}\n{}", embed.text, said.in_lang(lang), block("", reason, 1_100).0);
    }
    message
}

/// Gives the typed limits back below a refusal.
#[must_use]
pub fn with_limits_back(mut message: Message, (max_lag, max_load): (&str, &str), lang: Lang) -> Message {
    let shown = |text: &str| if text.trim().is_empty() { "–".to_owned() } else { code(text, 20) };
    let (max_lag, max_load) = (shown(max_lag), shown(max_load));
    let said =
        said!("You typed: lag {max_lag}, load {max_load}.", "你填写的是：延迟 {max_lag}，负载 {max_load}。");
    if let Some(embed) = message.embeds.last_mut() {
        embed.text = format!("{}\n{}", embed.text, said.in_lang(lang));
    }
    message
}
