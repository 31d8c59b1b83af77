//! Whether a piece of SQL says the same when it is asked again in the same transaction: only what is known to.

use crate::lack::Lack;
use dbdesk_review::scan::{self, Lexeme};

/// Words that may stand before a bracket: functions that depend on their arguments (or the moment, which is held) alone, and words that are none.
const CONSTANT: &str = "abs acos add adddate addtime aes_decrypt aes_encrypt all and any any_value as ascii asin atan atan2 avg between bigint \
    bin bin_to_uuid binary bit bit_and bit_count bit_length bit_or bit_xor blob by case cast ceil ceiling char char_length \
    character_length chr coalesce column columns compress concat concat_ws conv convert cos cot count crc32 cross curdate \
    current_date current_timestamp curtime date date_add date_format date_sub datediff datetime day dayname dayofmonth \
    dayofweek dayofyear decimal default degrees distinct div double else elt escape except exists exp export_set extract \
    field find_in_set float floor force format from from_base64 from_days from_unixtime geometrycollection greatest \
    group_concat having hex hour if ifnull ignore in index inet6 inet6_aton inet6_ntoa inet_aton inet_ntoa inner insert \
    instr int integer intersect interval is is_ipv4 is_ipv6 is_uuid isnull join json json_array json_array_append \
    json_array_insert json_compact json_contains json_contains_path json_depth json_exists json_extract json_insert \
    json_keys json_length json_merge_patch json_merge_preserve json_object json_overlaps json_pretty json_query json_quote \
    json_remove json_replace json_search json_set json_table json_type json_unquote json_valid json_value key last_day \
    lateral lcase least left length like limit linestring ln localtime localtimestamp locate log log10 log2 lower lpad ltrim \
    make_set makedate maketime max md5 mediumint microsecond mid min minute mod month monthname multilinestring multipoint \
    multipolygon natural_sort_key nchar not now nullif nvl nvl2 oct octet_length on or ord over partition path period_add \
    period_diff pi point polygon position pow power quarter quote radians real regexp regexp_instr regexp_replace \
    regexp_substr repeat replace reverse right rlike round row rpad rtrim sec_to_time second select set sha sha1 sha2 sign \
    signed sin smallint some soundex space sqrt st_asbinary st_astext st_aswkb st_contains st_distance st_distance_sphere \
    st_equals st_geomfromtext st_geomfromwkb st_intersects st_pointfromtext st_srid st_within st_x st_y std stddev \
    str_to_date straight_join strcmp subdate substr substring substring_index subtime sum tan text then time time_format \
    time_to_sec timediff timestamp timestampadd timestampdiff tinyint to_base64 to_char to_days to_seconds trim truncate \
    ucase uncompress uncompressed_length unhex union unix_timestamp unsigned upper use using utc_date utc_time utc_timestamp \
    uuid_to_bin values varchar variance week weekday weekofyear when where with xor year yearweek";

/// What stands in a piece of SQL, as far as it may say something else the next time, or change something.
enum Seen<'a> {
    /// A word before a bracket: a function, or a word of the language.
    Called(&'a str),
    /// A name between backquotes before a bracket: a stored function.
    Named(&'a str),
    /// The next number of a sequence.
    NextValue,
    /// A variable.
    Variable,
    /// What only some servers read, or what is no SQL.
    Strange,
}

/// Shows each of them to `each`, until that fails.
fn walk(sql: &str, mut each: impl FnMut(Seen<'_>) -> Result<(), Lack>) -> Result<(), Lack> {
    let bytes = sql.as_bytes();
    let (mut at, mut word) = (0, None);
    while let Some(found) = scan::next(bytes, at) {
        let text = sql.get(at..found.end).unwrap_or_default();
        match found.lexeme {
            Lexeme::Space | Lexeme::Comment => {}
            Lexeme::Word => {
                let next = text.eq_ignore_ascii_case("value")
                    && word.is_some_and(|word| is_in("next previous", word));
                if next {
                    each(Seen::NextValue)?;
                }
                word = Some(text);
            }
            Lexeme::Open => {
                if let Some(word) = word.take() {
                    each(Seen::Called(word))?;
                }
            }
            Lexeme::Sign if text == "@" => each(Seen::Variable)?,
            Lexeme::Name => {
                word = None;
                if opens_next(bytes, found.end) {
                    each(Seen::Named(text))?;
                }
            }
            Lexeme::Executable | Lexeme::Unfinished | Lexeme::Control => each(Seen::Strange)?,
            _ => word = None,
        }
        at = found.end;
    }
    Ok(())
}

/// The times among them are the transaction's, which is held to one. Fails at the first thing that may be another the next time:
/// a variable, a function that is not known.
pub fn is_constant(sql: &str) -> Result<(), Lack> {
    let chance = |word: String| Err(Lack::ByChance { word });
    walk(sql, |seen| match seen {
        Seen::Called(word) if is_in(CONSTANT, word) => Ok(()),
        Seen::Called(name) | Seen::Named(name) => chance(format!("{name}()")),
        Seen::NextValue => chance("NEXT VALUE".to_owned()),
        Seen::Variable => chance("@".to_owned()),
        Seen::Strange => Err(Lack::Form),
    })
}

/// Functions whose answer is another each time, and that change nothing: what is set may come from them.
const HARMLESS: &str = "current_user database found_rows last_insert_id nextval rand random_bytes row_count schema session_user \
    sys_guid sysdate system_user user uuid uuid_short version";

/// Whether everything that is called is known to change nothing: a stored function could do anything.
pub fn calls_known(sql: &str) -> Result<(), Lack> {
    walk(sql, |seen| match seen {
        Seen::Called(word) if is_in(CONSTANT, word) || is_in(HARMLESS, word) => Ok(()),
        Seen::Called(name) | Seen::Named(name) => Err(Lack::Function { name: name.to_owned() }),
        // What they change is theirs.
        Seen::NextValue | Seen::Variable => Ok(()),
        Seen::Strange => Err(Lack::Form),
    })
}

/// Whether a variable is written in it: its value goes from one row to the next.
pub(crate) fn names_variable(sql: &str) -> bool {
    let seen = walk(sql, |seen| match seen {
        Seen::Variable | Seen::Strange => Err(Lack::Form),
        _ => Ok(()),
    });
    seen.is_err()
}

fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known.eq_ignore_ascii_case(word))
}

/// A bracket after a quoted name: a stored function, or a list of columns, which no condition has.
fn opens_next(bytes: &[u8], mut at: usize) -> bool {
    while let Some(found) = scan::next(bytes, at) {
        if !matches!(found.lexeme, Lexeme::Space | Lexeme::Comment) {
            return found.lexeme == Lexeme::Open;
        }
        at = found.end;
    }
    false
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
            ("a = `f` /* so */ (1)", "`f`()"),
            ("SLEEP(1)", "SLEEP()"),
            ("a = NEXT VALUE FOR s", "NEXT VALUE"),
        ] {
            assert_eq!(is_constant(sql), Err(Lack::ByChance { word: word.into() }), "{sql}");
        }
        assert_eq!(is_constant("a = 1 /*! or 1 */"), Err(Lack::Form));
    }

    #[test]
    fn a_function_that_is_not_known_may_change_anything() {
        for sql in [
            "SET a = RAND(), b = (@c := 1)",
            "(a, b) VALUES (UUID(), NOW(6))",
            "SET `a` = concat(`b`, 'f(1)')",
        ] {
            assert_eq!(calls_known(sql), Ok(()), "{sql}");
        }
        for (sql, name) in [("SET a = f(1)", "f"), ("VALUES (`db`.`f` (1))", "`f`"), ("SET a = db.f(1)", "f")]
        {
            assert_eq!(calls_known(sql), Err(Lack::Function { name: name.into() }), "{sql}");
        }
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
