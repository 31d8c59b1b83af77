//! What people read of scripts: lists and pages, what one says while it runs, and how far it is.

use super::{
    card,
    escape::{block, code, plain},
    live::bar,
    message::{Embed, Message},
    words,
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::{
        entry::{Entry, Event},
        live::{Progress, ScriptCourse},
        policy::RequestKind,
        script::{ParameterView, ScriptPage, ScriptView},
        ticket::{TicketState, TicketView},
    },
};
use std::fmt::Write as _;

/// Characters of what a script logs at a time.
const LOG: usize = 1_600;
/// Characters of what came of it.
const RESULT: usize = 2_200;
/// The edge of a list.
const BLUE: u32 = 0x0034_98db;
const AMBER: u32 = 0x00f1_c40f;

/// The sentence of what a script says, and the state that gives its colour.
pub(super) fn said(event: &Event) -> (Said, TicketState) {
    match event {
        Event::ScriptSaid { lines, left_out } => {
            let text = block("", &lines.join("\n"), LOG).0;
            let said = match left_out {
                0 => said!("📜 {text}", "📜 {text}"),
                n => said!(
                    "📜 ({n} lines before these stand in its log, as far as they are kept)\n{text}",
                    "📜（之前还有 {n} 行，保留的部分见任务日志）\n{text}"
                ),
            };
            (said, TicketState::Running)
        }
        Event::ScriptArtifact { name, media_type, bytes } => {
            let (name, size) = (code(name, 100), words::bytes(*bytes));
            let media_type = plain(media_type, 40);
            (
                said!("📎 {name} ({media_type}, {size})", "📎 {name}（{media_type}，{size}）"),
                TicketState::Running,
            )
        }
        Event::ScriptResult { summary, .. } => {
            let text =
                if summary.contains('\n') { block("", summary, RESULT).0 } else { plain(summary, RESULT) };
            (said!("🧾 {text}", "🧾 {text}"), TicketState::Done)
        }
        Event::ScriptFailed { why, .. } => {
            let (en, zh) = (plain(&why.en, 900), plain(&why.zh, 900));
            (said!("❌ The script: {en}.", "❌ 脚本：{zh}。"), TicketState::Failed)
        }
        _ => (Said::fixed("", ""), TicketState::Running),
    }
}

/// What of a script's ticket is told otherwise than of SQL: there are no statements. `None`: it is told alike.
pub(super) fn line(entry: &Entry, ticket: &TicketView) -> Option<(String, u32)> {
    if ticket.kind != RequestKind::Script {
        return None;
    }
    let lang = ticket.lang;
    let (said, state) = match &entry.event {
        Event::Filed { by, .. } => {
            let by = words::actor(by, lang);
            let said = said!(
                "📝 {by} asked for a run of a script. What is approved are its files as they are now, and these parameters.",
                "📝 {by} 申请运行脚本。批准的是脚本文件的当前版本和这些参数。"
            );
            (said, TicketState::AwaitingApproval)
        }
        Event::StatementStarted { .. } => {
            (Said::fixed("⏳ The script is running …", "⏳ 脚本正在运行……"), TicketState::Running)
        }
        Event::StatementDone { elapsed_ms, .. } => {
            let Said { en, zh } = words::duration(*elapsed_ms);
            (
                said!("✅ The script ended well after {en}.", "✅ 脚本正常结束，用时 {zh}。"),
                TicketState::Running,
            )
        }
        Event::Ended { state, cause, .. } => (ended(*state, cause.is_some(), entry)?, *state),
        _ => return None,
    };
    Some((said.in_lang(lang).to_owned(), card::colour(state)))
}

fn ended(state: TicketState, has_cause: bool, entry: &Entry) -> Option<Said> {
    let t = format!("<t:{}:T>", entry.at.timestamp());
    Some(match state {
        TicketState::Done => said!("🏁 Done {t}.", "🏁 {t} 已完成。"),
        TicketState::Cancelled => said!(
            "⏹️ Stopped {t}; none of its processes is left. What it did until then stays.",
            "⏹️ {t} 已停止，没有遗留进程；此前所做的改动保留。"
        ),
        TicketState::Lost => said!(
            "❓ Lost {t}: the process that ran the script vanished. How far the script came, nobody knows; none of its processes goes on. A DBA \
             must look, then press **Try again** to run it anew, or **It ran: go on**.",
            "❓ {t} 状态不明：运行脚本的进程消失，脚本执行到哪一步无法确定，其进程已全部结束。请 DBA 核对：需要重新运行就点 **重试**，\
             确认已完成就点 **已执行，继续**。"
        ),
        TicketState::Failed if !has_cause => said!("❌ Failed {t}.", "❌ {t} 失败。"),
        // Why it is so is told as of any other work.
        TicketState::Failed => match &entry.event {
            Event::Ended { cause: Some(dbdesk_commands::wire::entry::Cause::Script), .. } => {
                said!("❌ Failed {t}; none of its processes is left.", "❌ {t} 失败，没有遗留进程。")
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// How far it says that it is.
pub(super) fn course(script: &ScriptCourse, progress: &Progress, lang: Lang) -> String {
    let (name, time) = (code(&script.name, 40), words::duration(progress.elapsed_ms));
    let mut text = vec![format!("⏳ {name} · {}", time.in_lang(lang))];
    if let Some(permille) = progress.permille {
        text.push(bar(permille));
    }
    let unit = script.unit.as_deref().map(|unit| plain(unit, 40)).unwrap_or_default();
    let count = match (script.done, script.total) {
        (Some(done), Some(total)) => {
            Some(format!("{} / {} {unit}", words::number(done), words::number(total)))
        }
        (Some(done), None) => Some(format!("{} {unit}", words::number(done))),
        (None, _) => None,
    };
    let stage = Some(plain(&progress.stage, 120)).filter(|stage| !stage.is_empty());
    let both = [count.map(|count| count.trim_end().to_owned()), stage];
    text.extend(both.into_iter().flatten().reduce(|count, stage| format!("{count} · {stage}")));
    text.join("\n")
}

/// Scripts, a line each.
#[must_use]
pub fn list(page: &ScriptPage, lang: Lang) -> Message {
    let mut message = if page.scripts.is_empty() {
        let none = Said::fixed(
            "There are no scripts that you may run. DBAs put them into the folder of `[scripts]`.",
            "没有你可以运行的脚本。DBA 会把脚本放进 `[scripts]` 指定的文件夹。",
        );
        Message::text(none.in_lang(lang))
    } else {
        let head = said!(
            "🧰 Scripts that you may run: {n}. `/script show` explains one, `/script run` runs it.",
            "🧰 你可以运行的脚本：{n} 个。用 `/script show` 查看说明，用 `/script run` 运行。",
            n = page.scripts.len()
        );
        let mut text = String::new();
        for script in &page.scripts {
            let mut line = format!("{} · {}", code(&script.name, 40), plain(&script.title, 120));
            if !script.parameters.is_empty() {
                let _ = write!(line, " · {}", plain(&script.parameters.join(", "), 150));
            }
            let _ = writeln!(text, "{line}");
        }
        let embed = Embed { text, colour: BLUE, ..Embed::default() };
        Message { embeds: vec![embed], ..Message::text(head.in_lang(lang)) }
    };
    if !page.faults.is_empty() {
        let title = Said::fixed("Folders that hold no script that can be run", "无法运行的脚本文件夹");
        let lines: Vec<String> = page.faults.iter().map(|fault| format!("• {}", plain(fault, 500))).collect();
        message.embeds.push(Embed {
            title: title.in_lang(lang).to_owned(),
            text: lines.join("\n").chars().take(3_000).collect(),
            colour: AMBER,
            ..Embed::default()
        });
    }
    message
}

/// One script.
#[must_use]
pub fn page(script: &ScriptView, lang: Lang) -> Message {
    let mut text = plain(&script.title, 200);
    if let Some(more) = &script.text {
        let _ = write!(text, "\n{}", plain(more, 1_200));
    }
    let parameters: Vec<String> =
        script.parameters.iter().map(|parameter| of_parameter(parameter, lang)).collect();
    if !parameters.is_empty() {
        let head = Said::fixed("Parameters", "参数");
        let _ = write!(text, "\n\n**{}**\n{}", head.in_lang(lang), parameters.join("\n"));
    }
    let example = example(script);
    let _ = write!(text, "\n\n{}", code(&example, 300));
    let embed = Embed {
        title: format!("🧰 {}", plain(&script.name, 60)),
        text,
        colour: BLUE,
        fields: fields(script, lang),
        footer: format!("SHA-256 {}", card::short_hash(&script.files)),
    };
    Message { embeds: vec![embed], ..Message::default() }
}

fn of_parameter(parameter: &ParameterView, lang: Lang) -> String {
    let (name, text, takes) =
        (code(&parameter.name, 40), plain(&parameter.text, 120), plain(&parameter.takes, 200));
    let rest = match &parameter.default {
        _ if parameter.required => said!(", required", "，必填"),
        Some(value) => {
            let value = code(&value.to_string(), 60);
            said!("; left out, {value}", "；不填则为 {value}")
        }
        None => Said::fixed("", ""),
    };
    format!("• {name}: {text} ({takes}{})", rest.in_lang(lang))
}

fn example(script: &ScriptView) -> String {
    let needed = script.parameters.iter().filter(|parameter| parameter.required);
    let given: Vec<String> = needed.map(|parameter| format!("{}=…", parameter.name)).collect();
    let params = if given.is_empty() { String::new() } else { format!(" params:{}", given.join(" ")) };
    format!("/script run name:{} group:… reason:…{params}", script.name)
}

fn fields(script: &ScriptView, lang: Lang) -> Vec<(String, String, bool)> {
    let any = || Said::fixed("everywhere", "不限").in_lang(lang).to_owned();
    let mut places: Vec<&str> = script.service_groups.iter().map(String::as_str).collect();
    places.extend(script.environments.iter().map(String::as_str));
    let places = if places.is_empty() { any() } else { plain(&places.join(", "), 200) };
    let approvals = match script.approvals.as_str() {
        "policy" => Said::fixed("as policy says", "按策略").in_lang(lang).to_owned(),
        "nobody" => {
            Said::fixed("nobody, unless policy says so", "无需审批（除非策略要求）").in_lang(lang).to_owned()
        }
        step => plain(step, 80),
    };
    let account = if script.has_account {
        Said::fixed("that of running work, on the primary", "主库上的执行账号")
    } else {
        Said::fixed("none", "无")
    };
    let limit = words::duration(script.time_limit_s * 1_000);
    let at_once = said!(
        "{n}, {one} on a service group",
        "{n} 个，每个服务组 {one} 个",
        n = script.at_once,
        one = script.per_group
    );
    [
        (Said::fixed("Who may run it", "谁可以运行"), plain(&script.who.join(", "), 200)),
        (Said::fixed("Approval", "审批"), approvals),
        (Said::fixed("Where", "范围"), places),
        (Said::fixed("Account", "账号"), account.in_lang(lang).to_owned()),
        (Said::fixed("Time limit", "时间上限"), limit.in_lang(lang).to_owned()),
        (Said::fixed("At once", "并发"), at_once.in_lang(lang).to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.in_lang(lang).to_owned(), value, true))
    .collect()
}
