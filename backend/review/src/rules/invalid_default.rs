use super::{
    Rule,
    definitions::{New, is_lob, new_columns},
};
use crate::{
    flavour::Flavour,
    judge::{See, Tell},
    mend::Edit,
    types::{ColumnType, DefaultValue, TypeKind, Written},
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};

pub const RULE: Rule = Rule::new("invalid-default", Level::Error, include_str!("invalid_default.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for new in new_columns(&see.statement.shape) {
        if tell.is_full() {
            return;
        }
        if let Some(default) = &new.column.default
            && let Some(reason) = wrong(&new, &default.value, see.settings.flavour)
        {
            say(see, tell, &new, default, "DEFAULT", reason);
        }
        if let Some(update) = &new.column.on_update
            && let Some(reason) = wrong_update(&new.column.column_type, &update.value, see.settings.flavour)
        {
            say(see, tell, &new, update, "ON UPDATE", reason);
        }
    }
}

/// Why it is no good, and the text that is, where that is certain.
type Reason = (Said, Option<String>);

#[expect(clippy::unnecessary_wraps, reason = "each caller gives it on as its own answer")]
fn fixed(en: &'static str, zh: &'static str) -> Option<Reason> {
    Some((Said::fixed(en, zh), None))
}

fn wrong(new: &New<'_>, value: &DefaultValue, flavour: Flavour) -> Option<Reason> {
    let (column, of) = (new.column, &new.column.column_type);
    match value {
        DefaultValue::Null if column.null.as_ref().is_some_and(|null| !null.value) => {
            fixed("the column is NOT NULL", "这一列是 NOT NULL")
        }
        DefaultValue::Null | DefaultValue::Expression(_) => None,
        _ if column.auto_increment.is_some() => {
            fixed("an AUTO_INCREMENT column counts by itself", "AUTO_INCREMENT 列自己会计数")
        }
        DefaultValue::Now(digits) => wrong_now(of, *digits, "DEFAULT", flavour),
        _ if is_lob(of.kind) => None,
        DefaultValue::Text(text) => wrong_text(of, text),
        DefaultValue::Bare(text) => wrong_number(of, text),
    }
}

fn wrong_update(of: &ColumnType, value: &DefaultValue, flavour: Flavour) -> Option<Reason> {
    let DefaultValue::Now(digits) = value else { return None };
    if !matches!(of.kind, TypeKind::DateTime | TypeKind::Timestamp) {
        return fixed("only DATETIME and TIMESTAMP can be set so", "只有 DATETIME 和 TIMESTAMP 可以这样设置");
    }
    wrong_now(of, *digits, "ON UPDATE", flavour)
}

/// MariaDB takes it for an expression that may stand with any type.
fn wrong_now(of: &ColumnType, digits: u64, words: &str, flavour: Flavour) -> Option<Reason> {
    if flavour.is_mariadb() {
        return None;
    }
    if !matches!(of.kind, TypeKind::DateTime | TypeKind::Timestamp) {
        return fixed(
            "only DATETIME and TIMESTAMP can begin with the current time",
            "只有 DATETIME 和 TIMESTAMP 可以以当前时间为默认值",
        );
    }
    let wanted = of.length.unwrap_or(0);
    if wanted == digits || wanted > 6 {
        return None;
    }
    let right = if wanted == 0 {
        format!("{words} CURRENT_TIMESTAMP")
    } else {
        format!("{words} CURRENT_TIMESTAMP({wanted})")
    };
    let reason = said!(
        "the column keeps {wanted} digits below the second, the function gives {digits}",
        "这一列保留 {wanted} 位小数秒，而函数给出 {digits} 位",
    );
    Some((reason, Some(right)))
}

fn wrong_text(of: &ColumnType, text: &str) -> Option<Reason> {
    match of.kind {
        kind if kind.is_integer() || matches!(kind, TypeKind::Decimal | TypeKind::Float | TypeKind::Double) => {
            if text.trim().parse::<f64>().is_err() {
                return fixed("it is no number", "它不是数字");
            }
            wrong_number(of, text.trim())
        }
        TypeKind::Char | TypeKind::VarChar => {
            // Blanks at the end are cut by one family and refused by the other.
            let chars = text.trim_end_matches(' ').chars().count() as u64;
            let most = of.length?;
            (chars > most).then(|| {
                let reason = said!(
                    "it has {chars} characters, the column holds {most}",
                    "它有 {chars} 个字符，而这一列只能放 {most} 个",
                );
                (reason, None)
            })
        }
        TypeKind::Enum => {
            let there = of.members.iter().any(|member| alike(member, text));
            if there { None } else { fixed("it is none of the values of the ENUM", "它不在 ENUM 的取值里") }
        }
        TypeKind::Set => {
            let there = |part: &str| of.members.iter().any(|member| alike(member, part));
            if text.is_empty() || text.split(',').all(there) {
                None
            } else {
                fixed("not all of it is among the values of the SET", "其中有的不在 SET 的取值里")
            }
        }
        TypeKind::Date | TypeKind::DateTime | TypeKind::Timestamp => {
            if !text.bytes().any(|byte| byte.is_ascii_digit()) {
                return fixed("it is no date", "它不是日期");
            }
            None
        }
        _ => None,
    }
}

fn alike(member: &str, text: &str) -> bool {
    member.trim_end_matches(' ').to_lowercase() == text.trim_end_matches(' ').to_lowercase()
}

fn wrong_number(of: &ColumnType, text: &str) -> Option<Reason> {
    let number: f64 = text.parse().ok()?;
    let bytes = of.kind.integer_bytes()?;
    let bits = i32::from(bytes) * 8;
    let (least, most) = if of.unsigned {
        (0.0, 2_f64.powi(bits) - 1.0)
    } else {
        (-2_f64.powi(bits - 1), 2_f64.powi(bits - 1) - 1.0)
    };
    // A fraction is rounded first, and a float can not tell the last digits of a BIGINT.
    if number.round() >= least && number.round() <= most {
        return None;
    }
    fixed("the type does not reach so far", "超出了这个类型的范围")
}

fn say(
    see: &See<'_>,
    tell: &mut Tell<'_>,
    new: &New<'_>,
    at: &Written<DefaultValue>,
    words: &str,
    (reason, right): Reason,
) {
    let (table, column, of) = (new.table(), new.name(), new.written_type(see));
    let written = super::words::shown(at.span.of(see.script.sql()));
    let message = Said {
        en: format!("`{written}` can not stand at {column} {of} of {table}: {}.", reason.en).into(),
        zh: format!("{table} 的 {column} {of} 不能写 `{written}`：{}。", reason.zh).into(),
    };
    let why = said!(
        "The server refuses the whole statement (error {number}); {table} stays as it is.",
        "服务器会拒绝整条语句（错误 {number}），{table} 不会有任何变化。",
        number = if words == "DEFAULT" { 1067 } else { 1294 },
    );
    let fix = match &right {
        Some(right) => said!("Write {right}.", "请写成 {right}。"),
        None => said!(
            "Leave this {words} out, or write one that {column} can hold.",
            "请去掉这个 {words}，或写一个 {column} 放得下的值。",
        ),
    };
    let told = tell.at(at.span, message, why, fix);
    if let Some(right) = right {
        told.mend(vec![Edit::replace(at.span, right)]);
    }
}
