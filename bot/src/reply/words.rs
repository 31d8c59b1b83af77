//! Small words that several messages share: people, times, sizes, levels.

use super::escape::plain;
use chrono::TimeDelta;
use dbdesk_commands::{
    clock::Time,
    lang::{Lang, Said, said},
    when::When,
    wire::{
        person::{Actor, PersonView},
        review::Level,
        rule::RuleLevel,
    },
};
use serenity::model::id::UserId;

/// His Discord user id, where he has one that is an id.
#[must_use]
pub fn user_id(person: &PersonView) -> Option<UserId> {
    person.discord_id.as_deref()?.parse::<std::num::NonZeroU64>().ok().map(UserId::from)
}

/// A person as a mention (which notifies nobody by itself), or by name.
#[must_use]
pub fn person(person: &PersonView) -> String {
    user_id(person).map_or_else(|| format!("**{}**", plain(&person.name, 60)), |id| format!("<@{id}>"))
}

/// Who did it.
#[must_use]
pub fn actor(actor: &Actor, lang: Lang) -> String {
    match actor {
        Actor::Person(who) => person(who),
        Actor::Policy => Said::fixed("policy", "审批策略").in_lang(lang).to_owned(),
        Actor::Desk => Said::fixed("the desk", "工单台").in_lang(lang).to_owned(),
    }
}

/// A time that each reader sees in his own time zone.
#[must_use]
pub fn time(at: Time) -> String {
    format!("<t:{}:f>", at.timestamp())
}

/// How far away a time is, counted by the reader's own client.
#[must_use]
pub fn distance(at: Time) -> String {
    format!("<t:{}:R>", at.timestamp())
}

/// When approved work starts, seen from the moment `now` of its approval.
#[must_use]
pub fn start(due: Time, now: Time) -> Said {
    if due <= now + TimeDelta::seconds(5) {
        return Said::fixed("It starts now.", "马上开始执行。");
    }
    let (due, far) = (time(due), distance(due));
    said!("It starts {due} ({far}).", "开始时间 {due}（{far}）。")
}

/// When it may start, as asked.
#[must_use]
pub fn when(when: When, lang: Lang) -> String {
    match when {
        When::Now => Said::fixed("as soon as approved", "批准后立即执行").in_lang(lang).to_owned(),
        When::At(at) => said!("not before {t}", "不早于 {t}", t = time(at)).in_lang(lang).to_owned(),
        When::Between { from, to } => {
            said!("from {a} to {b}", "{a} 到 {b}", a = time(from), b = time(to)).in_lang(lang).to_owned()
        }
        When::Quiet => Said::fixed("in the next quiet window", "下一个低峰期").in_lang(lang).to_owned(),
    }
}

/// `1234567` as `1,234,567`.
#[must_use]
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in the unit that fits, with one decimal.
#[must_use]
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let (mut tenths, mut unit) = (n.saturating_mul(10) / 1024, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        (tenths, unit) = (tenths / 1024, unit + 1);
    }
    format!("{}.{} {}", number(tenths / 10), tenths % 10, UNITS.get(unit).unwrap_or(&"TB"))
}

/// A duration in the units that fit.
#[must_use]
pub fn duration(ms: u64) -> Said {
    let (s, min, h) = (ms / 1_000, ms / 60_000, ms / 3_600_000);
    match ms {
        0..1_000 => said!("{ms} ms", "{ms} 毫秒"),
        1_000..60_000 => said!("{s}.{tenth} s", "{s}.{tenth} 秒", tenth = ms % 1_000 / 100),
        60_000..3_600_000 if s % 60 == 0 => said!("{min} min", "{min} 分钟"),
        60_000..3_600_000 => said!("{min} min {rest} s", "{min} 分 {rest} 秒", rest = s % 60),
        _ => said!("{h} h {rest} min", "{h} 小时 {rest} 分", rest = min % 60),
    }
}

/// How many statements.
#[must_use]
pub fn statements(n: u64) -> Said {
    if n == 1 {
        Said::fixed("1 statement", "1 条语句")
    } else {
        said!("{n} statements", "{n} 条语句", n = number(n))
    }
}

/// How many times of a schedule were missed.
#[must_use]
pub fn missed(n: u32) -> Said {
    match n {
        0 => Said::fixed("", ""),
        1 => Said::fixed(
            " One run before it was missed while the desk was down, and is not filed.",
            "工单台停机期间错过了之前的 1 次，不再补交。",
        ),
        n => said!(
            " {n} runs before it were missed while the desk was down, and are not filed.",
            "工单台停机期间错过了之前的 {n} 次，不再补交。"
        ),
    }
}

/// How many rows.
#[must_use]
pub fn rows(n: u64) -> Said {
    if n == 1 { Said::fixed("1 row", "1 行") } else { said!("{n} rows", "{n} 行", n = number(n)) }
}

/// A level's sign and word.
#[must_use]
pub fn level(level: Level) -> (&'static str, Said) {
    match level {
        Level::Error => ("⛔", Said::fixed("Error", "错误")),
        Level::NeedsDba => ("🟠", Said::fixed("Needs a DBA", "需要 DBA")),
        Level::Warning => ("🟡", Said::fixed("Warning", "警告")),
        Level::Notice => ("🔵", Said::fixed("Notice", "提示")),
    }
}

/// What a rule's level is called, with its sign.
#[must_use]
pub fn rule_level(rule: RuleLevel, lang: Lang) -> String {
    let (sign, word) = rule.level().map_or(("⚪", Said::fixed("Off", "关闭")), level);
    format!("{sign} {}", word.in_lang(lang))
}

/// What a statement is, as people write it.
#[must_use]
pub fn kind(kind: &str) -> Said {
    match kind {
        "syntax_error" => Said::fixed("syntax error", "语法有误"),
        "not_analysable" => Said::fixed("not understood", "无法分析"),
        kind => {
            let words = plain(&kind.replace('_', " ").to_uppercase(), 40);
            said!("{words}", "{words}")
        }
    }
}

/// A level's colour.
#[must_use]
pub fn level_colour(level: Level) -> u32 {
    match level {
        Level::Error => 0x00d8_3c3e,
        Level::NeedsDba => 0x00e6_7e22,
        Level::Warning => 0x00f1_c40f,
        Level::Notice => 0x0034_98db,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations_read_well() {
        assert_eq!(
            (number(0), number(999), number(1_234_567)),
            ("0".into(), "999".into(), "1,234,567".into())
        );
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536), "1.5 KB");
        assert_eq!(bytes(2 * 1024 * 1024), "2.0 MB");
        let read = [12, 1_250, 61_000, 300_000, 3_660_000].map(|ms| duration(ms).en);
        assert_eq!(read, ["12 ms", "1.2 s", "1 min 1 s", "5 min", "1 h 1 min"]);
    }

    #[test]
    fn a_person_without_a_proper_discord_id_is_named() {
        let mut ann = PersonView {
            id: dbdesk_commands::id::PersonId(1),
            name: "ann_*".into(),
            discord_id: Some("17".into()),
        };
        assert_eq!(person(&ann), "<@17>");
        ann.discord_id = Some("17> @everyone".into());
        assert_eq!(person(&ann), "**ann\\_\\***");
    }
}
