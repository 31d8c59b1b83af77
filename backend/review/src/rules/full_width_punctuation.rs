use super::Rule;
use crate::{
    judge::{See, Tell},
    mend::Edit,
    scan::{self, Lexeme},
    shape::{Break, Shape},
    span::Span,
    watch::is_look_alike,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("full-width-punctuation", Level::Error, include_str!("full_width_punctuation.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Broken(Break::FullWidth, span) = see.statement.shape else { return };
    let sign = span.of(see.script.sql());
    let code = sign.chars().next().map_or(0, u32::from);
    let plain = match plain(sign) {
        "`" => "`` ` ``".to_owned(),
        sign if sign.len() == 1 => format!("`{sign}`"),
        other => other.to_owned(),
    };
    let told = tell.at(
        span,
        said!(
            "`{sign}` (U+{code:04X}) is not the ASCII sign that SQL needs here.",
            "`{sign}`（U+{code:04X}）不是 SQL 需要的半角符号。",
        ),
        said!(
            "The server takes it for a letter of a name, so the statement fails or means something else.",
            "服务器会把它当成名称里的一个字母，语句要么报错，要么变成别的意思。",
        ),
        said!(
            "Type {plain} instead (with the input method off), or put it in quotes if it is meant as text.",
            "请关闭输入法，改成 {plain}；如果它是文本内容，请放进引号里。",
        ),
    );
    told.mend(typed(see.script.text(see.statement), see.statement.span.start));
}

/// All such signs of the statement as ASCII; nothing where one of them is a quote, so that only the asker knows where his
/// text ends.
fn typed(text: &str, start: usize) -> Vec<Edit> {
    let (bytes, mut at, mut edits) = (text.as_bytes(), 0, Vec::new());
    while let Some(found) = scan::next(bytes, at) {
        let piece = text.get(at..found.end).unwrap_or_default();
        if found.lexeme == Lexeme::Word {
            for (place, sign) in piece.char_indices().filter(|(_, sign)| is_look_alike(*sign)) {
                let from = start + at + place;
                let plain = match sign {
                    '\u{3000}' | '\u{a0}' => " ",
                    sign => plain(sign.encode_utf8(&mut [0; 4])),
                };
                if !["(", ")", ",", ";", "=", " "].contains(&plain) {
                    return Vec::new();
                }
                edits.push(Edit::replace(Span::new(from, from + sign.len_utf8()), plain));
            }
        }
        at = found.end;
    }
    edits
}

/// The ASCII sign that was meant.
fn plain(sign: &str) -> &'static str {
    match sign.chars().next() {
        Some('\u{2018}' | '\u{2019}' | '\u{ff07}' | '\u{00b4}' | '\u{2032}') => "'",
        Some('\u{201c}'..='\u{201f}' | '\u{ff02}' | '\u{2033}') => "\"",
        Some('\u{ff08}') => "(",
        Some('\u{ff09}') => ")",
        Some('\u{ff0c}' | '\u{3001}') => ",",
        Some('\u{ff1b}') => ";",
        Some('\u{ff1d}') => "=",
        Some('\u{ff40}') => "`",
        _ => "the ASCII sign (半角符号)",
    }
}
