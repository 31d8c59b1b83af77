//! What an entry of the log and a state are called, in both languages.

use super::{
    accounts, approvals, card, chunks, engine,
    escape::{block, code, plain},
    lanes, restored, scripts, steering, undo, words,
};
use dbdesk_commands::{
    clock::Time,
    id::EmergencyId,
    lang::{Lang, Said, said},
    wire::{
        entry::{Cause, Entry, Event, QueryStop},
        ticket::{TicketState, TicketView},
        why::WhyPerson,
    },
};

/// Where a ticket stands, for an answer: what is approved is told with its start.
#[must_use]
pub fn standing(ticket: &TicketView, lang: Lang) -> String {
    let sign = card::state_sign(ticket.state);
    let due = ticket.due_at.filter(|_| ticket.state == TicketState::Scheduled);
    let Some(due) = due else { return format!("{sign} {}", ticket.state.said().in_lang(lang)) };
    let Said { en, zh } = words::start(due, ticket.updated_at);
    format!("{sign} {}", said!("Approved. {en}", "已批准。{zh}").in_lang(lang))
}

/// What the requester can do now.
#[must_use]
pub fn next_step(ticket: &TicketView) -> Option<Said> {
    match ticket.state {
        TicketState::Returned => Some(Said::fixed(
            "👉 Mend what is marked, then press **Amend** on the card (or use `/ticket amend` with a file).",
            "👉 请按标出的问题修改，然后点卡片上的 **修改**（或用 `/ticket amend` 上传文件）。",
        )),
        TicketState::AwaitingChoice => Some(Said::fixed(
            "👉 You choose: press **Amend** to mend it, or **Send to a DBA**, who can run it as it is.",
            "👉 请选择：点 **修改** 改好再来，或点 **转交 DBA**，由 DBA 决定是否照原样执行。",
        )),
        TicketState::AwaitingApproval => Some(match ticket.why_person.map(WhyPerson::said) {
            Some(Said { en, zh }) => {
                said!("👉 A DBA decides next: {en}.", "👉 接下来由 DBA 审批：{zh}。")
            }
            None => Said::fixed("👉 A DBA decides next.", "👉 接下来由 DBA 审批。"),
        }),
        _ => None,
    }
}

/// One entry as one line (an empty line tells nothing), and its colour.
pub(super) fn line(entry: &Entry, lang: Lang) -> (String, u32) {
    let (said, state) = sentence(&entry.event, entry.at, lang);
    (said.in_lang(lang).to_owned(), card::colour(state))
}

#[expect(clippy::too_many_lines, reason = "one arm for each kind of event, each a sentence or two")]
fn sentence(event: &Event, at: Time, lang: Lang) -> (Said, TicketState) {
    let t = format!("<t:{}:T>", at.timestamp());
    match event {
        Event::Filed { by, statements, bytes } => {
            let (by, n, size) =
                (words::actor(by, lang), words::statements(u64::from(*statements)), words::bytes(*bytes));
            let n = n.in_lang(lang);
            let said = said!("📝 {by} filed {n}, {size}.", "📝 {by} 提交了 {n}，{size}。");
            (said, TicketState::AwaitingApproval)
        }
        Event::Amended { by, revision, statements } => {
            let (by, n) = (words::actor(by, lang), words::statements(u64::from(*statements)));
            let n = n.in_lang(lang);
            let said = said!(
                "✏️ {by} amended it: revision {revision}, {n}.",
                "✏️ {by} 修改了 SQL：第 {revision} 版，{n}。"
            );
            (said, TicketState::AwaitingApproval)
        }
        Event::Fixed { by, revision, statements, rules, diff } => {
            let (by, n) = (words::actor(by, lang), words::statements(u64::from(*statements)));
            let (n, diff) = (n.in_lang(lang), block("diff", diff, 1_500).0);
            let rules: Vec<String> = rules.iter().take(10).map(|rule| code(rule, 64)).collect();
            let rules = rules.join(", ");
            let said = said!(
                "🪄 {by} applied the fixes ({rules}): revision {revision}, {n}.\n{diff}",
                "🪄 {by} 应用了修复（{rules}）：第 {revision} 版，{n}。\n{diff}"
            );
            (said, TicketState::AwaitingApproval)
        }
        Event::FiledBySchedule { id, name, due_at, missed } => {
            let (name, due) = (code(name, 70), words::time(*due_at));
            let late = words::missed(*missed);
            let (en, zh) = (&late.en, &late.zh);
            let said = said!(
                "🔁 The schedule **{id}** {name} filed it, for {due}.{en}",
                "🔁 由周期工单 **{id}** {name} 提交，对应时间 {due}。{zh}"
            );
            (said, TicketState::AwaitingApproval)
        }
        Event::ScheduleDue { name, due_at } => {
            let (name, due) = (code(name, 70), words::time(*due_at));
            let said = said!(
                "🔁 Its schedule {name} was due again, {due}. No other ticket was filed, since this one has not ended.",
                "🔁 周期工单 {name} 又到了执行时间 {due}。因为这个工单还没有结束，没有提交新的工单。"
            );
            (said, TicketState::AwaitingApproval)
        }
        Event::SentToDba { by } => {
            let by = words::actor(by, lang);
            (said!("📨 {by} sent it to the DBAs.", "📨 {by} 转交给了 DBA。"), TicketState::AwaitingApproval)
        }
        Event::Approved { .. }
        | Event::StepApproved { .. }
        | Event::ApprovalLapsed { .. }
        | Event::ApprovalExpired
        | Event::Reminded { .. } => approvals::said(event, at, lang),
        Event::PasswordWaits { .. }
        | Event::PasswordCollected { .. }
        | Event::AccountDiffers { .. }
        | Event::SessionsEnded { .. }
        | Event::DeskLacks { .. }
        | Event::AccountChanged { .. }
        | Event::PasswordLapsed
        | Event::TakenAway
        | Event::AccountAsked { .. }
        | Event::AccountNotAsked { .. }
        | Event::AccountEnds { .. }
        | Event::AboutAccount { .. } => accounts::said(event, lang),
        Event::Rejected { by, reason } => {
            let (by, reason) = (words::actor(by, lang), plain(reason, 1_000));
            (said!("🚫 Rejected by {by}: {reason}", "🚫 {by} 驳回：{reason}"), TicketState::Rejected)
        }
        Event::Withdrawn { by } => (
            said!("⏹️ {by} took it back.", "⏹️ {by} 撤回了工单。", by = words::actor(by, lang)),
            TicketState::Withdrawn,
        ),
        Event::RunNow { by } => {
            let by = words::actor(by, lang);
            (said!("⏩ {by} moved its start to now.", "⏩ {by} 让它立即开始。"), TicketState::Scheduled)
        }
        Event::Held { by } => {
            let by = words::actor(by, lang);
            let said = said!(
                "✋ {by} put it on hold: it does not start until a DBA presses **Resume**.",
                "✋ {by} 挂起了工单：在 DBA 点 **继续** 之前不会开始。"
            );
            (said, TicketState::Held)
        }
        Event::Released { by, due_at } => {
            let (by, Said { en, zh }) = (words::actor(by, lang), words::start(*due_at, at));
            (said!("👌 {by} took it off hold. {en}", "👌 {by} 解除了挂起。{zh}"), TicketState::Scheduled)
        }
        Event::PauseAsked { by } => {
            let by = words::actor(by, lang);
            let said = said!(
                "✋ {by} asked it to pause; it holds after the statement that runs now.",
                "✋ {by} 要求暂停，当前语句执行完后停下。"
            );
            (said, TicketState::Running)
        }
        Event::ResumeAsked { by } => {
            let by = words::actor(by, lang);
            (said!("👌 {by} asked it to go on.", "👌 {by} 要求继续执行。"), TicketState::Paused)
        }
        Event::CancelAsked { by } => {
            let by = words::actor(by, lang);
            (said!("🛑 {by} asked it to stop.", "🛑 {by} 要求取消。"), TicketState::Running)
        }
        Event::Throttled { by, throttle } => (steering::throttled(by, *throttle, lang), TicketState::Running),
        Event::CutOverAsked { by, when } => (steering::cut_over_asked(by, *when, lang), TicketState::Running),
        Event::Prioritised { by, priority } => {
            let (by, Said { en, zh }) = (words::actor(by, lang), priority.said());
            let said = said!("🔀 {by} set its priority: {en}.", "🔀 {by} 调整了优先级：{zh}。");
            (said, TicketState::Scheduled)
        }
        Event::Retried { by, was, index, total, attempt, emergency } => {
            let (by, n) = (words::actor(by, lang), index + 1);
            let said = if *was == TicketState::Lost {
                said!(
                    "🔁 {by} looked at the table and says: statement {n} of {total} did **not** run. It is run again (try {attempt}).",
                    "🔁 {by} 核对数据后确认：第 {n} 条（共 {total} 条）**没有**执行。现在重新执行（第 {attempt} 次）。"
                )
            } else {
                said!(
                    "🔁 {by} has it tried again from statement {n} of {total} (try {attempt}).",
                    "🔁 {by} 让它从第 {n} 条（共 {total} 条）重试（第 {attempt} 次）。"
                )
            };
            (in_emergency(said, *emergency), TicketState::Scheduled)
        }
        Event::NotRan { by, index, total } => {
            let (by, n) = (words::actor(by, lang), index + 1);
            let said = said!(
                "☑️ {by} looked at the table and says: statement {n} of {total} did **not** run. The other service groups that are lost come next.",
                "☑️ {by} 核对数据后确认：第 {n} 条（共 {total} 条）**没有**执行。请继续确认其余状态不明的服务组。"
            );
            (said, TicketState::Lost)
        }
        Event::Skipped { by, index, total, chunk, others, emergency } => {
            let (by, n) = (words::actor(by, lang), index + 1);
            let said = if *others {
                said!(
                    "☑️ {by} looked at the table and says: what was sent of statement {n} of {total} **did** run. The other service groups that are \
                     lost come next.",
                    "☑️ {by} 核对数据后确认：第 {n} 条（共 {total} 条）已发送的部分**已经**执行。请继续确认其余状态不明的服务组。"
                )
            } else if *chunk {
                said!(
                    "☑️ {by} looked at the table and says: the chunk of statement {n} that was under way **did** run. It goes on behind it.",
                    "☑️ {by} 核对数据后确认：第 {n} 条语句正在执行的那一批**已经**执行。从下一批继续。"
                )
            } else if n == *total {
                said!(
                    "☑️ {by} looked at the table and says: statement {n} of {total}, the last, **did** run.",
                    "☑️ {by} 核对数据后确认：最后一条（第 {n} 条，共 {total} 条）**已经**执行。"
                )
            } else {
                said!(
                    "☑️ {by} looked at the table and says: statement {n} of {total} **did** run. It goes on after it.",
                    "☑️ {by} 核对数据后确认：第 {n} 条（共 {total} 条）**已经**执行。从下一条继续。"
                )
            };
            (in_emergency(said, *emergency), TicketState::Scheduled)
        }
        Event::Holds { waits } => (engine::holds(waits), TicketState::Paused),
        Event::Opens => (
            Said::fixed("🌤️ The closed time is over; it goes on.", "🌤️ 封闭时段结束，继续执行。"),
            TicketState::Running,
        ),
        Event::WindowOver { at } => {
            let said = said!(
                "🪟 Its window ended {at}. It holds after the statement that runs now. A DBA presses **Resume** or **Cancel**.",
                "🪟 执行窗口已于 {at} 结束，当前语句执行完后停下。请 DBA 点 **继续** 或 **取消**。",
                at = words::time(*at)
            );
            (said, TicketState::Paused)
        }
        Event::TimePassed { at } => {
            let said = said!(
                "⌛ The time asked for ({at}) has passed without an approval, and work never runs late by itself. Press **Amend** and \
                 choose a new time.",
                "⌛ 申请的时间（{at}）已过，仍未获批准；系统不会自动延后执行。请点 **修改** 换一个新时间。",
                at = words::time(*at)
            );
            (said, TicketState::AwaitingApproval)
        }
        Event::Waits { waits } => (engine::waits(waits), TicketState::Scheduled),
        Event::LastSeen { index, connection, instance, seen, binlog } => {
            let place = (*index, *connection, instance.as_str());
            (engine::last_seen(place, seen, binlog.as_deref(), lang), TicketState::Lost)
        }
        Event::Repeats { attempt, most, due_at, cause } => {
            (engine::repeats((*attempt, *most), *due_at, *cause), TicketState::Scheduled)
        }
        Event::Started { host, pid, .. } => {
            let host = code(host, 80);
            let said = said!(
                "▶️ Started {t} on {host}, process {pid}.",
                "▶️ {t} 在 {host} 上开始执行，进程 {pid}。"
            );
            (said, TicketState::Running)
        }
        Event::TargetUnreachable { message, limit_ms } => {
            let (message, limit) = (plain(message, 400), words::duration(*limit_ms));
            let limit = limit.in_lang(lang);
            let said = said!(
                "📡 The target cannot be reached ({message}). Nothing is in flight; it is tried again for up to {limit}.",
                "📡 连不上目标数据库（{message}）。没有语句在执行中，最多重试 {limit}。"
            );
            (said, TicketState::Paused)
        }
        Event::Found { index, ran, chunk: true, .. } => (chunks::found(*index, *ran), TicketState::Lost),
        Event::Found { index, ran, cleaned, .. } => (engine::found(*index, *ran, cleaned), TicketState::Lost),
        Event::InChunks { index, total, rows, table_rows } => {
            (chunks::begins((*index, *total), *rows, *table_rows, lang), TicketState::Running)
        }
        Event::ChunksStopped { index, total, chunks, rows, why } => {
            (chunks::stopped((*index, *total), (*chunks, *rows), why, lang), TicketState::Failed)
        }
        Event::LockWaits { index, total, tries, pause_ms, holder } => {
            let place = (*index, *total);
            (engine::lock_waits(place, *tries, *pause_ms, holder.as_ref(), lang), TicketState::Running)
        }
        Event::CutOverHeld { until } => (steering::cut_over_held(*until), TicketState::Running),
        Event::CutOverAwaited => (steering::cut_over_awaited(), TicketState::Running),
        Event::ReplicaDiffers { instance, table, problem } => {
            (engine::replica_differs(instance, table, problem.as_deref()), TicketState::Lost)
        }
        Event::TakesBack { ticket, rows, back, rest, behind, changed, first, structures, without } => {
            let (ticket, rows, back, rest, behind) = (*ticket, *rows, *back, *rest, *behind);
            let (changed, structures) = (*changed, *structures);
            let what = undo::Told { ticket, rows, back, rest, behind, changed, first, structures, without };
            (what.said(lang), TicketState::AwaitingApproval)
        }
        Event::RestoresRows { table, from, until, transactions, rows, back, changed, first } => {
            let what =
                restored::Told { table, times: (*from, *until), transactions: *transactions, rows: *rows };
            let left = undo::Left { back: *back, changed: *changed, first };
            (what.said(&left, lang), TicketState::AwaitingApproval)
        }
        Event::UndoFiled { by, ticket } => {
            let by = words::actor(by, lang);
            let said = said!(
                "↩️ {by} asked to take it back: **{ticket}** was filed for that.",
                "↩️ {by} 要求撤销：已提交 **{ticket}**。"
            );
            (said, TicketState::Done)
        }
        Event::TakenBack { ticket } => (
            said!("↩️ **{ticket}** has taken it back.", "↩️ **{ticket}** 已撤销本工单的变更。"),
            TicketState::Done,
        ),
        Event::StepStarted { index, total, what } => {
            let (n, en, zh) = (index + 1, plain(&what.en, 300), plain(&what.zh, 300));
            (said!("⏳ {n} of {total}: {en} …", "⏳ {n}/{total}：{zh}……"), TicketState::Running)
        }
        Event::StepDone { index, total, what, elapsed_ms } => {
            let (n, en, zh) = (index + 1, plain(&what.en, 300), plain(&what.zh, 300));
            let Said { en: took, zh: time } = words::duration(*elapsed_ms);
            (said!("✅ {n} of {total}: {en}, {took}", "✅ {n}/{total}：{zh}，{time}"), TicketState::Running)
        }
        Event::StepFailed { index, total, what, why } => {
            let (n, en, zh) = (index + 1, plain(&what.en, 300), plain(&what.zh, 300));
            let (why, cause) = (plain(&why.en, 700), plain(&why.zh, 700));
            let said = said!("❌ {n} of {total}: {en} – {why}", "❌ {n}/{total}：{zh} —— {cause}");
            (said, TicketState::Failed)
        }
        Event::RolledBack { index, total, why } => {
            let (number, en, zh) = (index + 1, plain(&why.en, 700), plain(&why.zh, 700));
            let said = Said {
                en: format!("↩️ Statement {number} of {total} changed nothing: {en}.").into(),
                zh: format!("↩️ 第 {number} 条语句（共 {total} 条）没有做任何修改：{zh}。").into(),
            };
            (said, TicketState::Failed)
        }
        Event::WithoutUndo { index, why } => {
            let (number, en, zh) = (index + 1, plain(&why.en, 400), plain(&why.zh, 400));
            let said = Said {
                en: format!("🗃️ Statement {number} cannot be taken back: {en}.").into(),
                zh: format!("🗃️ 第 {number} 条语句不能撤销：{zh}。").into(),
            };
            (said, TicketState::Running)
        }
        Event::StatementStarted { index, total, .. } => {
            let n = index + 1;
            let said =
                said!("⏳ Statement {n} of {total} is running …", "⏳ 正在执行第 {n} 条（共 {total} 条）……");
            (said, TicketState::Running)
        }
        Event::StatementDone { index, total, affected_rows, elapsed_ms, warnings } => {
            let (n, rows, ms) = (index + 1, words::rows(*affected_rows), words::duration(*elapsed_ms));
            let ms = ms.in_lang(lang);
            let notes: String = warnings
                .iter()
                .take(5)
                .fold(String::new(), |all, w| format!("{all}\n　⚠️ {}", plain(w, 200)));
            let rows = rows.in_lang(lang);
            let said = said!(
                "✅ Statement {n} of {total}: {rows}, {ms}{notes}",
                "✅ 第 {n} 条（共 {total} 条）：{rows}，{ms}{notes}"
            );
            (said, TicketState::Running)
        }
        Event::SetAside { index, tables, until } => {
            let (n, until) = (index + 1, words::time(*until));
            let lines: String = tables.iter().take(ASIDE_SHOWN).fold(String::new(), |all, one| {
                format!("{all}\n　{} → {}", code(&one.table, 140), code(&one.kept_as, 140))
            });
            let rest = match tables.len().saturating_sub(ASIDE_SHOWN) {
                0 => String::new(),
                rest => format!("\n　… +{rest}"),
            };
            let said = said!(
                "📦 Statement {n}: the rows are set aside, not lost. **Undo** brings them back until {until}; then they are dropped for good.{lines}{rest}",
                "📦 第 {n} 条：数据已移走保留，并未丢失。{until} 前可以用 **撤销变更** 找回，之后将彻底删除。{lines}{rest}"
            );
            (said, TicketState::Running)
        }
        Event::StatementFailed { index, total, code, message } => {
            let n = index + 1;
            let Said { en, zh } = lacks_right(*code);
            let code = code.map(|code| format!("{code}: ")).unwrap_or_default();
            let message = plain(message, 900);
            let said = said!(
                "❌ Statement {n} of {total} failed. The server says: {code}{message}{en}",
                "❌ 第 {n} 条（共 {total} 条）执行失败，服务器返回：{code}{message}{zh}"
            );
            (said, TicketState::Failed)
        }
        Event::Paused => (said!("⏸️ Paused {t}.", "⏸️ {t} 已暂停。"), TicketState::Paused),
        Event::Resumed => (said!("▶️ Going on {t}.", "▶️ {t} 继续执行。"), TicketState::Running),
        Event::Silent { ms } => {
            let ms = words::duration(*ms);
            let Said { en, zh } = ms;
            let said = said!(
                "🔇 Its process has not answered for {en}. Nothing is decided yet; it is told when it answers again, or ends.",
                "🔇 执行进程已有 {zh}没有响应。暂不作处理；恢复响应或结束时会在这里说明。"
            );
            (said, TicketState::Running)
        }
        Event::Answers => {
            (Said::fixed("🔊 Its process answers again.", "🔊 执行进程恢复了响应。"), TicketState::Running)
        }
        Event::Unheard { host, pid, kill_after_ms } => {
            let (host, Said { en, zh }) = (code(host, 80), words::duration(*kill_after_ms));
            let said = said!(
                "🛑 Process {pid} on {host} does not hear that it is to stop. It was sent TERM; in {en} it is ended by force.",
                "🛑 {host} 上的进程 {pid} 没有听到停止的要求。已向它发送 TERM，{zh}后强制结束。"
            );
            (said, TicketState::Running)
        }
        Event::Forced { host, pid, killed, query } => {
            (forced(&code(host, 80), *pid, *killed, query.as_ref()), TicketState::Cancelled)
        }
        Event::ScriptSaid { .. }
        | Event::ScriptArtifact { .. }
        | Event::ScriptResult { .. }
        | Event::ScriptFailed { .. } => scripts::said(event),
        Event::LanesOpened { lanes } => (lanes::opened(lanes, lang), TicketState::Running),
        Event::LaneEnded { group, state, done, total, cause } => {
            (lanes::ended(group, *state, (*done, *total), *cause), TicketState::Running)
        }
        Event::Ended { state, done, total, cause } => (ended(*state, *done, *total, *cause, &t), *state),
    }
}

/// What a DBA decided alone.
fn in_emergency(said: Said, emergency: Option<EmergencyId>) -> Said {
    let Some(id) = emergency else { return said };
    let Said { en, zh } = said;
    said!("{en} 🚨 In the emergency **{id}**.", "{zh}🚨 紧急状态 **{id}** 期间。")
}

/// Tables that are named where several were set aside.
const ASIDE_SHOWN: usize = 5;

/// Whose right it is that is lacking: the server names an account that people do not know.
fn lacks_right(code: Option<u16>) -> Said {
    // On a database, a table, a column, a routine; a right that is given for all.
    if matches!(code, Some(1044 | 1142 | 1143 | 1370 | 1227)) {
        return Said::fixed(
            "\n-# The account is the desk's own: it lacks this right, not you. A DBA grants it (`dbdesk doctor` says what is lacking); then the ticket \
             can be tried again.",
            "\n-# 这是工单台自己的账号缺少权限，与你的权限无关。请 DBA 授权（`dbdesk doctor` 会列出缺少的权限），之后可以重试工单。",
        );
    }
    Said::fixed("", "")
}

fn forced(host: &str, pid: u32, killed: bool, query: Option<&QueryStop>) -> Said {
    let head = if killed {
        said!("💥 Process {pid} on {host} is ended by force.", "💥 {host} 上的进程 {pid} 被强制结束。")
    } else {
        said!("🛑 Process {pid} on {host} has ended.", "🛑 {host} 上的进程 {pid} 已结束。")
    };
    let rest = match query {
        None => Said::fixed(
            "No statement was in flight, so nothing is left half done.",
            "当时没有语句在执行，没有半途而废的操作。",
        ),
        Some(QueryStop { index, instance, connection, problem: None }) => said!(
            "{at} was asked to stop statement {n} (connection {connection}): what it did so far is rolled back, where its tables can.",
            "已要求 {at} 停止第 {n} 条语句（连接 {connection}）：只要表支持事务，它已作的改动会回滚。",
            at = code(instance, 80),
            n = index + 1
        ),
        Some(QueryStop { index, instance, connection, problem: Some(problem) }) => said!(
            "⚠️ {at} could **not** be asked to stop statement {n} (connection {connection}): {why}. It may still run there; a DBA must look.",
            "⚠️ **无法**要求 {at} 停止第 {n} 条语句（连接 {connection}）：{why}。它可能还在执行，请 DBA 检查。",
            at = code(instance, 80),
            n = index + 1,
            why = plain(problem, 200)
        ),
    };
    Said { en: format!("{} {}", head.en, rest.en).into(), zh: format!("{}{}", head.zh, rest.zh).into() }
}

fn ended(state: TicketState, done: u32, total: u32, cause: Option<Cause>, t: &str) -> Said {
    let head = match state {
        TicketState::Done if total == 1 => {
            return said!("🏁 Done {t}: the statement ran.", "🏁 {t} 已完成：语句执行成功。");
        }
        TicketState::Done => {
            return said!(
                "🏁 Done {t}: all {total} statements ran.",
                "🏁 {t} 已完成：{total} 条语句全部执行成功。"
            );
        }
        _ if cause == Some(Cause::TakenAway) => {
            return said!(
                "❌ Not done {t}: nothing of the account is left on the server.",
                "❌ {t} 未完成：服务器上没有留下该账号的任何部分。"
            );
        }
        TicketState::Cancelled => said!(
            "⏹️ Stopped {t} after {done} of {total} statements; what ran stays.",
            "⏹️ {t} 已停止：执行了 {done}/{total} 条，已执行的不会撤销。"
        ),
        TicketState::Lost if cause == Some(Cause::Lanes) => {
            return said!(
                "❓ Lost {t}, with {done} of {total} statements known to have run. On each service group that is lost, the statement that \
                 was sent may have run or not. A DBA must look at each of those tables, press **Try again** if it is as before, or **It ran: go on**, \
                 and type the name of that service group.",
                "❓ {t} 状态不明：已知执行了 {done}/{total} 条。在上面标为状态不明的服务组上，已发送的那条可能已执行，也可能没有。请 DBA \
                 逐个核对这些表：没有执行就点 **重试**，已经执行就点 **已执行，继续**，并输入该服务组的名称。"
            );
        }
        TicketState::Lost => said!(
            "❓ Lost {t}, with {done} of {total} statements known to have run. Whether statement {n} ran, nobody knows. A DBA \
             must look at the table, then press **Try again** if it did not run, or **It ran: go on**.",
            "❓ {t} 状态不明：已知执行了 {done}/{total} 条，第 {n} 条是否执行无法确定。请 DBA 核对数据：没有执行就点 **重试**，\
             已经执行就点 **已执行，继续**。",
            n = done.saturating_add(1)
        ),
        _ => said!(
            "❌ Failed {t} after {done} of {total} statements; what ran before stays.",
            "❌ {t} 执行失败：执行了 {done}/{total} 条，之前执行的不会撤销。"
        ),
    };
    with_cause(head, cause, done)
}

/// How something ended, with why where that says more.
pub(super) fn with_cause(head: Said, cause: Option<Cause>, done: u32) -> Said {
    let Some(cause) = cause.and_then(|cause| cause_said(cause, done)) else { return head };
    Said { en: format!("{} {}", head.en, cause.en).into(), zh: format!("{}{}", head.zh, cause.zh).into() }
}

fn cause_said(cause: Cause, done: u32) -> Option<Said> {
    match cause {
        Cause::Statement | Cause::Script | Cause::Cancelled | Cause::TakenAway => None,
        Cause::PassedOver => Some(Said::fixed(
            "It went on after a failure, as it was told to. **Try again** runs only the statements that failed.",
            "按提交时的选择，失败后继续执行了其余语句。**重试** 只会执行失败的语句。",
        )),
        Cause::OtherLane => Some(Said::fixed(
            "Another service group had failed, so it stopped between two statements.",
            "另一个服务组执行失败，因此在两条语句之间停下。",
        )),
        Cause::Lanes => Some(Said::fixed(
            "How each service group ended stands above. **Try again** runs what is left of each.",
            "各服务组的结果见上。**重试** 会继续执行各组剩下的语句。",
        )),
        Cause::TargetDown if done > 0 => Some(Said::fixed(
            "The target could not be reached any more, so nothing further was sent to it. When it is back, file only \
             the statements that have not run.",
            "目标数据库已连不上，剩下的语句没有发送。等它恢复后，请只提交尚未执行的语句。",
        )),
        Cause::TargetDown => Some(Said::fixed(
            "The target could not be reached; nothing was sent to it. File it again when it is back.",
            "连不上目标数据库，没有向它发送任何语句。等它恢复后请重新提交。",
        )),
        Cause::ConnectionLost => Some(Said::fixed(
            "The connection to the target broke in the middle of a statement.",
            "与目标数据库的连接在执行语句途中断开。",
        )),
        Cause::ProcessGone => Some(Said::fixed("Its process vanished.", "执行进程意外消失。")),
        Cause::Stopped => Some(Said::fixed(
            "Its machine's operator stopped the process; the statement in flight was finished first.",
            "运维人员停止了执行进程；停止前，正在执行的语句已经执行完。",
        )),
        Cause::ContentChanged => Some(Said::fixed(
            "The stored SQL was not what was approved, so nothing was sent. A DBA must find out why.",
            "存储的 SQL 与批准的内容不一致，因此没有发送任何语句。请 DBA 查明原因。",
        )),
        Cause::NotPrimary => Some(Said::fixed(
            "The inventory's primary takes no writes, so nothing more was sent. A DBA must look at the topology.",
            "清单里的主库不可写，因此没有继续发送语句。请 DBA 检查主从拓扑。",
        )),
        Cause::LeaseLost => Some(Said::fixed(
            "Its process stopped by itself because it could not prove that it still held the work.",
            "执行进程无法确认自己仍持有执行权，已自行停止。",
        )),
    }
}
