//! What the engine tells of a task: what it waits for, what the server last saw of it, that it is tried again.

use super::{
    escape::{code, plain},
    words,
};
use dbdesk_commands::{
    clock::Time,
    lang::{Lang, Said, said},
    wire::{
        entry::{Cause, Ran, Seen},
        live::Blocker,
        waits::Waits,
    },
};

pub(super) fn waits(waits: &Waits) -> Said {
    let Said { en, zh } = waits.said();
    let (en, zh) = (plain(&en, 600), plain(&zh, 600));
    if let Waits::Peak { until: Some(until) } | Waits::Freeze { until: Some(until), .. } = waits {
        let (at, far) = (words::time(*until), words::distance(*until));
        return said!("🚦 It waits {en}. It may start {at} ({far}).", "🚦 {zh}。最早 {at}（{far}）开始。");
    }
    Said { en: format!("🚦 It waits {en}.").into(), zh: format!("🚦 {zh}。").into() }
}

/// A closed time that came while it runs.
pub(super) fn holds(waits: &Waits) -> Said {
    let until = match waits {
        Waits::Peak { until } | Waits::Freeze { until, .. } => *until,
        _ => None,
    };
    let (en, zh) = match waits {
        Waits::Freeze { reason, .. } => {
            let reason = plain(reason, 300);
            (format!("A freeze has begun ({reason})"), format!("冻结期开始（{reason}）"))
        }
        _ => ("The peak hours of its service group have begun".to_owned(), "服务组的业务高峰开始".to_owned()),
    };
    let (at_en, at_zh) = match until {
        Some(until) => {
            let (at, far) = (words::time(until), words::distance(until));
            (format!(" It goes on {at} ({far})."), format!("{at}（{far}）继续。"))
        }
        None => (" It goes on when that is over.".to_owned(), "结束后自动继续。".to_owned()),
    };
    Said {
        en: format!("🌙 {en}: it holds after the statement that runs now.{at_en}").into(),
        zh: format!("🌙 {zh}，当前语句执行完后停下。{at_zh}").into(),
    }
}

/// Where a statement was and what its connection does, for the one who must find out whether it ran.
pub(super) fn last_seen(
    (index, connection, instance): (u32, u64, &str),
    seen: &Seen,
    binlog: Option<&str>,
    lang: Lang,
) -> Said {
    let (n, instance) = (index.saturating_add(1), code(instance, 280));
    let what = match seen {
        Seen::Runs { elapsed_ms, stage } => {
            let (took, stage) = (words::duration(*elapsed_ms), code(stage, 100));
            let took = took.in_lang(lang);
            said!(
                "still runs it, since {took} ({stage}): it may yet succeed. Wait for it, or `KILL QUERY {connection}`",
                "仍在执行，已 {took}（{stage}），可能还会成功。请等它结束，或执行 `KILL QUERY {connection}`"
            )
        }
        Seen::Idle => Said::fixed(
            "is there and runs nothing: the statement has ended, with or without success",
            "还在，但没有在执行：语句已经结束，成功与否未知",
        ),
        Seen::Gone => Said::fixed(
            "is gone: the statement has ended, with or without success",
            "已经不在：语句已经结束，成功与否未知",
        ),
        Seen::NotAsked { message } => {
            let message = plain(message, 300);
            said!("could not be asked for ({message})", "无法查询（{message}）")
        }
    };
    let binlog = binlog.map(|at| code(at, 120));
    let (binlog_en, binlog_zh) = match &binlog {
        Some(at) => (format!(" Binary log: {at}."), format!("二进制日志位置：{at}。")),
        None => (String::new(), String::new()),
    };
    Said {
        en: format!(
            "🔎 Statement {n} was in flight on {instance}, connection {connection}. That connection {}.{binlog_en}",
            what.en
        )
        .into(),
        zh: format!("🔎 第 {n} 条语句发往 {instance}，连接 {connection}。该连接{}。{binlog_zh}", what.zh).into(),
    }
}

pub(super) fn repeats((attempt, most): (u32, u32), due_at: Time, cause: Cause) -> Said {
    let at = words::time(due_at);
    let cause = match cause {
        Cause::TargetDown | Cause::ConnectionLost => {
            Said::fixed("the target could not be reached", "连不上目标数据库")
        }
        _ => Said::fixed("its process ended", "执行进程结束了"),
    };
    Said {
        en: format!(
            "🔁 It did not come to its end: {}. Every statement of it may run twice, so it is tried again {at} (try {attempt} of {most}).",
            cause.en
        )
        .into(),
        zh: format!("🔁 没有执行完：{}。它的语句都可以重复执行，{at} 自动重试（第 {attempt}/{most} 次）。", cause.zh).into(),
    }
}

/// A lock that somebody holds on the table.
pub(super) fn lock_waits(
    (index, total): (u32, u32),
    tries: u32,
    pause_ms: u64,
    holder: Option<&Blocker>,
    lang: Lang,
) -> Said {
    let (n, pause) = (index.saturating_add(1), words::duration(pause_ms));
    let pause = pause.in_lang(lang);
    let (en, zh) = holder.map_or_else(Default::default, |Blocker { connection, account }| {
        let account = plain(account, 100);
        (
            format!(" Connection {connection} of {account} holds it."),
            format!("持有锁的是 {account} 的连接 {connection}。"),
        )
    });
    said!(
        "🔒 Statement {n} of {total} found a lock on the table.{en} So that nobody queues behind it, it is tried again every {pause}, at \
         most {tries} times.",
        "🔒 第 {n} 条语句（共 {total} 条）遇到表上的锁。{zh}为了不让其他请求排队，每隔 {pause} 重试一次，最多 {tries} 次。"
    )
}

/// A replica that does not have what its primary has.
pub(super) fn replica_differs(instance: &str, table: &str, problem: Option<&str>) -> Said {
    let (instance, table) = (code(instance, 280), code(table, 140));
    match problem {
        None => said!(
            "⚠️ On the replica {instance} the table {table} is not as on the primary. Is it far behind, or does its replication stand \
             still? A DBA should look.",
            "⚠️ 从库 {instance} 上的表 {table} 与主库不一致。可能是延迟较大或复制已停止，请 DBA 检查。"
        ),
        Some(problem) => {
            let problem = plain(problem, 300);
            said!(
                "⚠️ Whether the replica {instance} has the change of {table} could not be seen: {problem}.",
                "⚠️ 无法确认从库 {instance} 上的表 {table} 是否已变更：{problem}。"
            )
        }
    }
}

/// What became of a statement whose process had vanished.
pub(super) fn found(index: u32, ran: Ran, cleaned: &[String]) -> Said {
    let n = index.saturating_add(1);
    let names: Vec<String> = cleaned.iter().take(10).map(|name| code(name, 70)).collect();
    let names = names.join(", ");
    let (en, zh) = if names.is_empty() {
        (String::new(), String::new())
    } else {
        (
            format!(" What the tool had left is cleared away: {names}."),
            format!("工具留下的内容已清理：{names}。"),
        )
    };
    match ran {
        Ran::No => said!(
            "🔎 Statement {n} did not run: all that it touches is as it was before.{en} A DBA can press **Try again**.",
            "🔎 第 {n} 条语句没有执行：它涉及的内容都和之前一样。{zh}DBA 可以点 **重试**。"
        ),
        Ran::Yes => said!(
            "🔎 Statement {n} ran: all that it touches is as it leaves it.{en} A DBA can press **It ran: go on**.",
            "🔎 第 {n} 条语句已经执行：它涉及的内容都是执行后的样子。{zh}DBA 可以点 **已执行，继续**。"
        ),
        Ran::Unknown => said!(
            "🔎 Whether statement {n} ran can not be told by what was kept: a DBA must look at the data.{en}",
            "🔎 根据保留的内容无法判断第 {n} 条语句是否执行过，请 DBA 核对数据。{zh}"
        ),
    }
}
