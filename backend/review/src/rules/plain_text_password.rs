use super::{Rule, lexemes, words};
use crate::{
    judge::{See, Tell},
    scan::Lexeme,
    shape::Shape,
    span::Span,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("plain-text-password", Level::NeedsDba, include_str!("plain_text_password.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let sql = see.script.sql();
    let span = see.statement.span;
    match &see.statement.shape {
        Shape::Update(change) if change.sets.iter().any(|set| is_password(&set.column.text)) => {
            let end = change.condition.as_ref().map_or(span.end, |condition| condition.span.start);
            set_to(see, tell, Span::new(span.start, end));
        }
        Shape::Insert(insert) => {
            let at = insert.columns.iter().flatten().position(|column| is_password(&column.text));
            if let Some(at) = at {
                inserted(see, tell, at);
            }
        }
        _ if matches!(see.statement.kind, "account" | "grant" | "user" | "not_analysable") => {
            let mut words = lexemes::lexemes(sql, span).filter(|(lexeme, _)| matches!(lexeme, Lexeme::Word | Lexeme::Text));
            let identified = words.by_ref().any(|(_, at)| at.of(sql).eq_ignore_ascii_case("identified"));
            if identified && let Some((_, at)) = words.find(|(lexeme, _)| *lexeme == Lexeme::Text) {
                account(tell, at);
            }
        }
        _ => {}
    }
}

/// `password = '…'`.
fn set_to(see: &See<'_>, tell: &mut Tell<'_>, span: Span) {
    let sql = see.script.sql();
    let mut last = [None, None];
    for (lexeme, at) in lexemes::lexemes(sql, span) {
        if lexeme == Lexeme::Text
            && let [Some(name), Some("=")] = last
            && is_password(name)
            && is_plain(at.of(sql))
        {
            say(tell, at, name);
        }
        let word = match lexeme {
            Lexeme::Name => at.of(sql).trim_matches('`'),
            _ => at.of(sql),
        };
        last = [last[1], Some(word)];
    }
}

/// The value at this place in each row of `VALUES (…), (…)`; only rows of plain values are looked at.
fn inserted(see: &See<'_>, tell: &mut Tell<'_>, place: usize) {
    let sql = see.script.sql();
    let rest = lexemes::lexemes(sql, see.statement.span)
        .skip_while(|(lexeme, at)| *lexeme != Lexeme::Word || !at.of(sql).to_ascii_lowercase().starts_with("value"));
    let (mut depth, mut here, mut alone) = (0_usize, 0, None);
    for (lexeme, at) in rest.skip(1) {
        match lexeme {
            Lexeme::Open => {
                depth += 1;
                if depth == 1 {
                    (here, alone) = (0, None);
                    continue;
                }
            }
            Lexeme::Close | Lexeme::Comma if depth == 1 => {
                if here == place && let Some(Some(value)) = alone {
                    say(tell, value, "password");
                    return;
                }
                (here, alone) = (here + 1, None);
                if lexeme == Lexeme::Close {
                    depth = 0;
                }
                continue;
            }
            Lexeme::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        // A single text is the value; anything beside it makes an expression.
        alone = Some(if alone.is_none() && lexeme == Lexeme::Text && is_plain(at.of(sql)) { Some(at) } else { None });
    }
}

fn is_password(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passwd", "pwd"].iter().any(|word| name == *word || name.ends_with(&format!("_{word}")))
}

/// Whether a text in quotes looks like a password itself, not like the hash of one, and not empty.
fn is_plain(quoted: &str) -> bool {
    let text = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let hexadecimal = text.len() >= 32 && text.trim_start_matches('*').bytes().all(|byte| byte.is_ascii_hexdigit());
    let marked = text.starts_with('$') || text.starts_with('{') || text.starts_with("pbkdf2") || text.len() >= 43;
    let empty = text.is_empty() || text.bytes().all(|byte| byte == b'*' || byte == b'!' || byte == b'-');
    !hexadecimal && !marked && !empty
}

fn say(tell: &mut Tell<'_>, span: Span, column: &str) {
    let column = words::quoted(column);
    tell.at(
        span,
        said!("A password seems to stand here as plain text, for {column}.", "这里好像直接写了 {column} 的明文密码。"),
        Said::fixed(
            "It is kept in the ticket, in the thread, in the binary log and in every backup, where many people read it for years; and who reads the table has it too.",
            "它会留在工单、讨论串、二进制日志和每一份备份里，多年之后仍有很多人能看到；能查这张表的人也都能看到。",
        ),
        Said::fixed(
            "Store only a slow hash (bcrypt, argon2) that your program makes; have the person set a new password, since this one has been shown.",
            "表里只存程序算好的慢哈希（bcrypt、argon2）；这个密码已经泄露，请让本人重新设置。",
        ),
    );
}

fn account(tell: &mut Tell<'_>, span: Span) {
    tell.at(
        span,
        Said::fixed("The password of an account stands in the ticket.", "工单里写了数据库账号的密码。"),
        Said::fixed(
            "Everybody who sees the ticket or its thread can log in with it from now on, and it stays in logs.",
            "凡是能看到工单和讨论串的人，都可以用它登录；它还会留在日志里。",
        ),
        Said::fixed(
            "Never write passwords into tickets. Ask a DBA for the account; this password must be replaced.",
            "不要把密码写进工单。请找 DBA 开账号；这个密码必须更换。",
        ),
    );
}
