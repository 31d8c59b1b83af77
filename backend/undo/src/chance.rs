//! Whether a piece of SQL says the same when it is asked again in the same transaction: only what is known to.

use crate::lack::Lack;
use dbdesk_review::scan::{self, Lexeme};

/// Words that may stand before a bracket: functions that depend on their arguments (or the moment, which is held) alone, and words that are none.
const CONSTANT: &str = "abs acos adddate addtime all and any as ascii asin atan atan2 avg between bigint bin binary bit bit_and bit_count \
    bit_length bit_or bit_xor by case cast ceil ceiling char char_length character_length coalesce concat concat_ws conv \
    convert cos cot count crc32 cross curdate current_date current_timestamp curtime date date_add date_format date_sub \
    datediff datetime day dayname dayofmonth dayofweek dayofyear decimal degrees distinct div else elt escape except exists \
    exp export_set extract field find_in_set floor force format from from_base64 from_days from_unixtime greatest \
    group_concat having hex hour if ifnull ignore in index inet6_aton inet6_ntoa inet_aton inet_ntoa inner insert instr \
    intersect interval is isnull join json_contains json_contains_path json_depth json_extract json_keys json_length \
    json_quote json_search json_type json_unquote json_valid json_value last_day lateral lcase least left length like limit \
    ln localtime localtimestamp locate log log10 log2 lower lpad ltrim make_set makedate maketime max md5 microsecond mid \
    min minute mod month monthname not now nullif oct octet_length on or ord over partition period_add period_diff pi \
    position pow power quarter quote radians regexp regexp_instr regexp_replace regexp_substr repeat replace reverse right \
    rlike round row rpad rtrim sec_to_time second select sha sha1 sha2 sign signed sin some soundex space sqrt std stddev \
    str_to_date straight_join strcmp subdate substr substring substring_index subtime sum tan then time time_format \
    time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_days to_seconds trim truncate ucase unhex union \
    unix_timestamp unsigned upper use using utc_date utc_time utc_timestamp values varchar variance week weekday weekofyear \
    when where with xor year yearweek";

/// The times among them are the transaction's, which is held to one. Fails at the first thing that may be another the next time:
/// a variable, a function that is not known.
pub fn is_constant(sql: &str) -> Result<(), Lack> {
    let bytes = sql.as_bytes();
    let (mut at, mut word) = (0, None);
    while let Some(found) = scan::next(bytes, at) {
        let text = sql.get(at..found.end).unwrap_or_default();
        match found.lexeme {
            Lexeme::Space | Lexeme::Comment => {}
            Lexeme::Word => word = Some(text),
            Lexeme::Open => {
                if let Some(word) = word.take()
                    && !CONSTANT.split(' ').any(|known| known.eq_ignore_ascii_case(word))
                {
                    return Err(Lack::ByChance { word: format!("{word}()") });
                }
            }
            Lexeme::Sign if text == "@" => return Err(Lack::ByChance { word: "@".to_owned() }),
            Lexeme::Name => {
                word = None;
                if opens_next(bytes, found.end) {
                    return Err(Lack::ByChance { word: format!("{text}()") });
                }
            }
            Lexeme::Executable | Lexeme::Unfinished | Lexeme::Control => return Err(Lack::Form),
            _ => word = None,
        }
        at = found.end;
    }
    Ok(())
}

/// A bracket right after a quoted name: a stored function, or a list of columns, which no condition has.
fn opens_next(bytes: &[u8], at: usize) -> bool {
    scan::next(bytes, at).is_some_and(|found| found.lexeme == Lexeme::Open)
}

/// Whether the items of an `ORDER BY`, which begins with these words, are columns that include all of `key`.
#[must_use]
pub fn orders_by(order: &str, key: &[&str]) -> bool {
    let items = order.trim_start();
    let Some(items) = items
        .get(.."order".len())
        .filter(|word| word.eq_ignore_ascii_case("order"))
        .and(items.get("order".len()..))
    else {
        return false;
    };
    let items = items.trim_start();
    let Some(items) = items.get("by".len()..) else { return false };
    let named: Vec<Option<String>> = items.split(',').map(column).collect();
    key.iter().all(|column| named.iter().flatten().any(|name| name.eq_ignore_ascii_case(column)))
}

/// The column of `t.a DESC`.
fn column(item: &str) -> Option<String> {
    let mut words = item.split_whitespace();
    let name = words.next()?;
    let plain = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$`.".contains(&byte) || byte >= 0x80)
    };
    let direction =
        words.next().is_none_or(|word| word.eq_ignore_ascii_case("asc") || word.eq_ignore_ascii_case("desc"));
    if !plain(name) || !direction || words.next().is_some() {
        return None;
    }
    Some(name.rsplit('.').next()?.trim_matches('`').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_the_same_again_is_constant() {
        for sql in [
            "a = 1 AND b IN (1, 2)",
            "d < NOW() - INTERVAL (1) DAY",
            "`in` = 'rand()' -- uuid()",
            "lower(a) = 'x'",
        ] {
            assert_eq!(is_constant(sql), Ok(()), "{sql}");
        }
        for (sql, word) in [
            ("a < RAND()", "RAND()"),
            ("a = @b", "@"),
            ("a = uuid ()", "uuid()"),
            ("a = my.f(1)", "f()"),
            ("a = `f`(1)", "`f`()"),
            ("SLEEP(1)", "SLEEP()"),
        ] {
            assert_eq!(is_constant(sql), Err(Lack::ByChance { word: word.into() }), "{sql}");
        }
        assert_eq!(is_constant("a = 1 /*! or 1 */"), Err(Lack::Form));
    }

    #[test]
    fn an_order_leaves_no_choice_when_it_names_the_key() {
        assert!(orders_by("ORDER BY a, `t`.`id` DESC", &["id"]));
        assert!(orders_by("order  by k1, k2", &["k1", "k2"]));
        assert!(!orders_by("ORDER BY a", &["id"]));
        assert!(!orders_by("ORDER BY id + 1", &["id"]));
        assert!(!orders_by("ORDER BY id COLLATE utf8mb4_bin", &["id"]));
    }
}
