//! Why the binary log tells nothing, and what to do instead.

use super::{MOST_BYTES, MOST_LOG_BYTES, MOST_ROWS, Place, READING};
use crate::service::refuse::{local, no_undo, target_down};
use chrono::DateTime;
use dbdesk_commands::{
    lang::said,
    wire::problem::{Code, Refusal},
};
use dbdesk_components::mysql::binlog::BinlogError;
use dbdesk_undo::Lack;

pub(super) fn no_table(place: &Place<'_>) -> Refusal {
    let name = place.name();
    Refusal::new(
        Code::NotFound,
        said!(
            "There is no table `{name}`. Write its name as it is, without its database. A table that was dropped comes back from its \
             ticket (**Undo**), or a DBA restores it from a backup.",
            "没有表 `{name}`。请写准确的表名，不带库名。被删除的表请在对应工单上点 **撤销**，或请 DBA 从备份恢复。"
        ),
    )
}

pub(super) fn lacks(place: &Place<'_>, lack: &Lack) -> Refusal {
    let (name, why) = (place.name(), lack.said());
    let (en, zh) = (why.en, why.zh);
    no_undo(said!(
        "Rows of `{name}` can not be restored from the log: {en}. A DBA can restore them by hand.",
        "无法从 binlog 恢复 `{name}` 的行：{zh}。请 DBA 手工处理。"
    ))
}

pub(super) fn trigger(place: &Place<'_>, trigger: &str) -> Refusal {
    let name = place.name();
    no_undo(said!(
        "The table `{name}` has a trigger, `{trigger}`: it could change other rows along with those that come back. A DBA can restore \
         them by hand.",
        "表 `{name}` 上有触发器 `{trigger}`：恢复时它可能修改其他行。请 DBA 手工处理。"
    ))
}

pub(super) fn nothing(place: &Place<'_>) -> Refusal {
    let (name, from) = (place.name(), local(place.from, place.group));
    match place.until.map(|until| local(until, place.group)) {
        Some(until) => no_undo(said!(
            "The binary log has no change of a row of `{name}` from {from} to {until}. Was it earlier, or in another table? Rows that a \
             foreign key took along are not always in the log.",
            "binlog 里 {from} 到 {until} 之间没有修改过 `{name}` 的行。是否更早，或在另一张表？被外键级联删除的行不一定记录在 binlog 中。"
        )),
        None => no_undo(said!(
            "The binary log has no change of a row of `{name}` since {from}. Was it earlier, or in another table? Rows that a foreign key \
             took along are not always in the log.",
            "binlog 里 {from} 之后没有修改过 `{name}` 的行。是否更早，或在另一张表？被外键级联删除的行不一定记录在 binlog 中。"
        )),
    }
}

pub(super) fn of(place: &Place<'_>, user: &str, error: BinlogError) -> Refusal {
    let (group, name) = (&place.group.name, place.name());
    let time = |second: u32| {
        DateTime::from_timestamp(i64::from(second), 0).map_or_else(String::new, |at| local(at, place.group))
    };
    match error {
        BinlogError::Unreachable(why) => target_down(place.group, &why),
        BinlogError::Off => no_undo(said!(
            "The primary of “{group}” writes no binary log (`log_bin` is off), so what was changed is kept nowhere. A DBA can restore the \
             rows from a backup.",
            "“{group}”的主库没有开启 binlog（`log_bin`），没有记录修改内容。请 DBA 从备份恢复。"
        )),
        BinlogError::Format { format } => no_undo(said!(
            "The primary of “{group}” writes its binary log in the format {format}: it has statements and not rows. A DBA sets \
             `binlog_format = ROW` for the next time, and can restore these rows from a backup.",
            "“{group}”的主库的 binlog 格式是 {format}，只记录语句而不是行。请 DBA 设置 `binlog_format = ROW`，这次的行请从备份恢复。"
        )),
        BinlogError::Partial => no_undo(said!(
            "The binary log of “{group}” does not hold whole rows. A DBA sets `binlog_row_image = FULL` (and no partial JSON) for the next \
             time, and can restore these rows from a backup.",
            "“{group}”的 binlog 没有记录完整的行。请 DBA 设置 `binlog_row_image = FULL`（并关闭 partial JSON），这次的行请从备份恢复。"
        )),
        BinlogError::Denied(why) => Refusal::new(
            Code::TargetDown,
            said!(
                "The desk's account {user} may not read the binary log of “{group}”: {why}. A DBA gives it REPLICATION SLAVE and \
                 REPLICATION CLIENT (MariaDB: BINLOG MONITOR) on *.*; `dbdesk doctor` says so as well.",
                "工单台的账号 {user} 无权读取“{group}”的 binlog：{why}。请 DBA 授予 *.* 上的 REPLICATION SLAVE 和 REPLICATION CLIENT\
                 （MariaDB 为 BINLOG MONITOR）；`dbdesk doctor` 也会提示。"
            ),
        ),
        BinlogError::TooOld { oldest } => no_undo(said!(
            "The binary log of “{group}” goes back to {oldest} and no further. Choose a later time, or ask a DBA to restore the rows from \
             a backup.",
            "“{group}”的 binlog 最早只到 {oldest}。请选更晚的时间，或请 DBA 从备份恢复。",
            oldest = time(oldest)
        )),
        other => of_content(&name, other, time),
    }
}

fn of_content(name: &str, error: BinlogError, time: impl Fn(u32) -> String) -> Refusal {
    no_undo(match error {
        BinlogError::Restructured { at: Some(at) } => said!(
            "The structure of `{name}` was changed at {at}, after rows that you ask for, so they do not fit any more. Ask for the time \
             after that, or a DBA can restore the rows by hand.",
            "`{name}` 的结构在 {at} 变更过，之前的行已经对不上。请只查之后的时间，或请 DBA 手工恢复。",
            at = time(at)
        ),
        BinlogError::Restructured { at: None } => said!(
            "The table `{name}` has other columns now than the binary log has, so its rows do not fit any more. Ask for a later time, or a \
             DBA can restore the rows by hand.",
            "`{name}` 现在的列与 binlog 中的不同，行已经对不上。请选更晚的时间，或请 DBA 手工恢复。"
        ),
        BinlogError::Emptied { at } => said!(
            "The table `{name}` was emptied by TRUNCATE at {at}: the binary log does not have the rows that went. Ask for the time before \
             or after that; a DBA can restore the rest from a backup.",
            "`{name}` 在 {at} 被 TRUNCATE 清空，binlog 没有记录这些行。请只查之前或之后的时间；其余的请 DBA 从备份恢复。",
            at = time(at)
        ),
        BinlogError::NotRows { at } => said!(
            "At {at} rows of `{name}` were changed in a session that logs statements and not rows (or part of a transaction was rolled \
             back), so the binary log does not say which. Ask for the time before or after that, or a DBA can restore the rows by hand.",
            "{at} 有会话以语句格式记录了对 `{name}` 的修改（或事务被部分回滚），binlog 没有记录是哪些行。请只查之前或之后的时间，或请 DBA 手工恢复。",
            at = time(at)
        ),
        BinlogError::Inexact { column } => said!(
            "A value of `{column}` in `{name}` can not be had exactly from the binary log, so nothing is restored. A DBA can restore the rows \
             by hand.",
            "`{name}` 的列 `{column}` 有一个值无法从 binlog 精确还原，因此不作恢复。请 DBA 手工处理。"
        ),
        BinlogError::TooManyRows => said!(
            "More than {MOST_ROWS} changes of rows of `{name}` are in that time. Ask for a shorter one.",
            "这段时间里 `{name}` 的行修改超过 {MOST_ROWS} 次。请缩短时间范围。"
        ),
        BinlogError::TooManyBytes => said!(
            "The changed rows of `{name}` in that time take more than {mb} MB, or one change does alone. Ask for a shorter time.",
            "这段时间里 `{name}` 修改的行超过 {mb} MB，或者单次修改就超过了。请缩短时间范围。",
            mb = MOST_BYTES >> 20
        ),
        BinlogError::TooMuchLog => said!(
            "Between that time and now the binary log has more than {gb} GB, which is more than is read for one question. Ask for a later \
             time, or a DBA can read it with mysqlbinlog.",
            "从那时到现在的 binlog 超过 {gb} GB，一次最多读取这么多。请选更晚的时间，或请 DBA 用 mysqlbinlog 处理。",
            gb = MOST_LOG_BYTES >> 30
        ),
        BinlogError::TooLong => said!(
            "The binary log was not read within {s} s. Ask for a later time, or try again when the server has less to do.",
            "{s} 秒内没有读完 binlog。请选更晚的时间，或等服务器空闲时再试。",
            s = READING.as_secs()
        ),
        other => said!(
            "The binary log can not be read: {other}. Nothing was changed. A DBA can look at it with mysqlbinlog.",
            "无法读取 binlog：{other}。没有作任何修改，请 DBA 用 mysqlbinlog 查看。"
        ),
    })
}
