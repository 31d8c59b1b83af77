//! A schedule is made: its next run is written out and reviewed at once, and an error refuses it.

use super::{
    Caller, Failure, Once, content,
    refuse::{invalid, quoted},
    reviewing::{database, group, review},
    schedule_list::view,
    schedule_step,
    spread::written,
};
use crate::desk::Desk;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    clock::Time,
    id::PersonId,
    lang::{Said, said},
    wire::{
        audit::What,
        problem::{Code, Refusal},
        review::{Level, MAX_SQL_BYTES},
        schedule::{ScheduleAdd, ScheduleAdded},
    },
};
use dbdesk_review::Judged;
use dbdesk_schedule::{cron::Due, dates};
use dbdesk_store::{
    Tx,
    schedule::{self, NewSchedule},
};

/// The most that a person has.
pub const MOST: i64 = 50;
const NAME_CHARS: usize = 64;

/// Makes it.
pub async fn add(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    body: ScheduleAdd,
) -> Result<ScheduleAdded, Failure> {
    let name = name(&body.name)?;
    let found = group(desk, caller.within(), &body.service_group).await?;
    database(&found.group, &body.database)?;
    let reason = content::reason(&body.reason)?;
    let zone = Some(body.time_zone.trim()).filter(|zone| !zone.is_empty());
    let due = Due::parse(&body.cron, zone.unwrap_or(found.group.time_zone.name())).map_err(invalid)?;
    let next = due.next(desk.clock.now()).ok_or_else(never)?;
    let sql = run_sql(desk, (&found.group, &body.database), &body.sql, (&due, next)).await?;
    let reviewed = review(desk, caller.within(), &sql, Some(&found.group), Some(&body.database)).await?;
    passes(&reviewed.judged)?;

    let now = desk.clock.now();
    let what = NewSchedule {
        name,
        group: found.id,
        database: body.database,
        owner: caller.person.id,
        reason,
        sql: body.sql,
        cron: body.cron.split_whitespace().collect::<Vec<_>>().join(" "),
        time_zone: due.zone().name().to_owned(),
        lang: body.lang.unwrap_or(caller.lang),
    };
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    room(&mut tx, caller.person.id).await?;
    let row = schedule::insert(&mut tx, &what, Some(next), now).await;
    let row =
        row.map_err(
            |error| if error.is_duplicate() { taken(&what.name).into() } else { Failure::Store(error) },
        )?;
    tx.decided(schedule_step::decided(What::ScheduleAdded, &row, now));
    let added = ScheduleAdded {
        schedule: view(row, found.group.name, caller.person.view(), caller.lang),
        sql,
        review: reviewed.judged.in_lang(caller.lang),
    };
    once.keep(&mut tx, &added).await?;
    desk.commit(tx).await?;
    Ok(added)
}

/// The SQL of the run at `at`: its dates filled in, its series written out for the schedule's place.
pub(super) async fn run_sql(
    desk: &Desk,
    place: (&ServiceGroup, &str),
    sql: &str,
    (due, at): (&Due, Time),
) -> Result<String, Failure> {
    // What is too long is told as such by whoever writes it out.
    if sql.len() > MAX_SQL_BYTES {
        return Ok(written(desk, sql.to_owned(), Some(place)).await?.sql.into_owned());
    }
    let filled = dates::filled(sql, &at.with_timezone(&due.zone())).map_err(invalid)?;
    Ok(written(desk, filled.into_owned(), Some(place)).await?.sql.into_owned())
}

/// What nobody could run is no schedule.
fn passes(judged: &Judged) -> Result<(), Refusal> {
    let found = judged.statements.iter().flat_map(|statement| &statement.findings);
    let mut errors = found.filter(|found| found.level == Level::Error);
    let Some(first) = errors.next() else { return Ok(()) };
    let (Said { en, zh }, Said { en: fix_en, zh: fix_zh }) = (&first.message, &first.fix);
    let more = errors.count();
    let (more_en, more_zh) = match more {
        0 => (String::new(), String::new()),
        1 => (" One more error was found.".to_owned(), "另有 1 处错误。".to_owned()),
        _ => (format!(" {more} more errors were found."), format!("另有 {more} 处错误。")),
    };
    Err(invalid(said!(
        "The SQL of the next run has an error, so the schedule was not made: {en} {fix_en}{more_en} `/sql review` shows all of it.",
        "下一次执行的 SQL 有错误，因此没有创建周期工单：{zh}{fix_zh}{more_zh}用 `/sql review` 可以查看全部问题。"
    )))
}

fn name(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    let usable =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    if (1..=NAME_CHARS).contains(&name.len()) && name.bytes().all(usable) {
        return Ok(name.to_owned());
    }
    Err(invalid(said!(
        "“{name}” is not usable as a schedule's name: at most {NAME_CHARS} lower case letters, digits, `-` and `_`.",
        "“{name}”不能用作周期工单的名字：只能用小写字母、数字、`-` 和 `_`，最多 {NAME_CHARS} 个字符。",
        name = quoted(name)
    )))
}

async fn room(tx: &mut Tx, owner: PersonId) -> Result<(), Failure> {
    if schedule::count(tx, owner).await? < MOST {
        return Ok(());
    }
    Err(Refusal::new(
        Code::TooMany,
        said!(
            "You have {MOST} schedules, which is the most. Remove one with `/schedule remove` first.",
            "你已有 {MOST} 个周期工单，达到上限。请先用 `/schedule remove` 删除一个。"
        ),
    )
    .into())
}

fn taken(name: &str) -> Refusal {
    invalid(said!(
        "There is a schedule “{name}” already. Choose another name; `/schedule list` shows those there are.",
        "已经有名为“{name}”的周期工单。请换一个名字；`/schedule list` 可以查看现有的。"
    ))
}

pub(super) fn never() -> Refusal {
    invalid(said!(
        "This cron expression never comes: there is no such day. Write such as `30 2 1 * *`: at 02:30 on the first of each month.",
        "这个 cron 表达式永远不会到来：没有这样的日子。请写成 `30 2 1 * *` 这样：每月 1 日 02:30。"
    ))
}
