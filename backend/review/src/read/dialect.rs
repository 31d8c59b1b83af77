//! The dialect that sqlparser reads expressions and queries by: its own of MySQL, with what that lacks. Everything goes
//! through the crate's extension points; what is built is made of its own nodes, so that columns, tables and sub-selects
//! inside are seen.

use sqlparser::{
    ast::{
        Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident,
        Interval, ObjectName,
    },
    dialect::{Dialect, MySqlDialect, Precedence},
    keywords::Keyword,
    parser::{Parser, ParserError},
    tokenizer::{Token, Word},
};
use std::any::TypeId;

/// The base.
const MYSQL: MySqlDialect = MySqlDialect {};

/// MySQL's and MariaDB's language of expressions.
#[derive(Debug, Clone, Copy)]
pub struct Grammar;

type Parsed = Result<Expr, ParserError>;

macro_rules! as_mysql {
    ($($name:ident)*) => { $(fn $name(&self) -> bool { MYSQL.$name() })* };
}

impl Dialect for Grammar {
    fn dialect(&self) -> TypeId {
        TypeId::of::<MySqlDialect>()
    }

    fn is_identifier_start(&self, letter: char) -> bool {
        MYSQL.is_identifier_start(letter)
    }

    fn is_identifier_part(&self, letter: char) -> bool {
        MYSQL.is_identifier_part(letter)
    }

    fn is_delimited_identifier_start(&self, letter: char) -> bool {
        MYSQL.is_delimited_identifier_start(letter)
    }

    fn identifier_quote_style(&self, name: &str) -> Option<char> {
        MYSQL.identifier_quote_style(name)
    }

    as_mysql! {
        supports_string_literal_backslash_escape supports_string_literal_concatenation ignores_wildcard_escapes
        supports_numeric_prefix supports_bitwise_shift_operators supports_multiline_comment_hints
        require_interval_qualifier supports_limit_comma supports_create_table_select supports_insert_set
        supports_user_host_grantee supports_table_hints requires_single_line_comment_whitespace
        supports_match_against supports_select_modifiers supports_set_names
        supports_comma_separated_set_assignments supports_update_order_by supports_data_type_signed_suffix
        supports_cross_join_constraint supports_double_ampersand_operator supports_binary_kw_as_cast
        supports_comment_optimizer_hint supports_constraint_keyword_without_name supports_key_column_option
        supports_group_by_with_modifier supports_left_associative_joins_without_parens
    }

    fn is_table_factor_alias(&self, explicit: bool, word: &Keyword, parser: &mut Parser) -> bool {
        MYSQL.is_table_factor_alias(explicit, word, parser)
    }

    fn parse_prefix(&self, parser: &mut Parser) -> Option<Parsed> {
        let Token::Word(word) = &parser.peek_token_ref().token else { return None };
        if word.quote_style.is_some() {
            return None;
        }
        prefix(parser, word.keyword)
    }

    fn parse_infix(&self, parser: &mut Parser, left: &Expr, precedence: u8) -> Option<Parsed> {
        if is_word(parser, 0, "sounds") && is_word(parser, 1, "like") {
            parser.advance_token();
            parser.advance_token();
            let right = match parser.parse_subexpr(precedence) {
                Ok(right) => right,
                Err(error) => return Some(Err(error)),
            };
            return Some(Ok(called(Ident::new("sounds_like"), vec![left.clone(), right])));
        }
        if take(parser, "collate") {
            let name = Ident::new("collation");
            return Some(charset(parser).map(|()| Expr::Collate {
                expr: Box::new(left.clone()),
                collation: ObjectName::from(vec![name]),
            }));
        }
        MYSQL.parse_infix(parser, left, precedence)
    }

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        match &parser.peek_token_ref().token {
            Token::Word(word) if word.quote_style.is_none() => match word.keyword {
                Keyword::COLLATE => Some(Ok(self.prec_value(Precedence::DoubleColon))),
                Keyword::NoKeyword
                    if word.value.eq_ignore_ascii_case("sounds") && is_word(parser, 1, "like") =>
                {
                    Some(Ok(self.prec_value(Precedence::Like)))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// What begins with this word, where sqlparser would not read it as the server does.
fn prefix(parser: &mut Parser, keyword: Keyword) -> Option<Parsed> {
    let call = parser.peek_nth_token_ref(1).token == Token::LParen;
    let read: fn(&mut Parser) -> Parsed = match keyword {
        Keyword::INTERVAL => interval,
        Keyword::CAST if call => cast,
        Keyword::CONVERT if call => convert,
        Keyword::EXTRACT if call => extract,
        Keyword::TRIM if call => trim,
        Keyword::SUBSTR | Keyword::SUBSTRING if call => substring,
        Keyword::CHAR if call => char_using,
        Keyword::MATCH => match_against,
        Keyword::CURRENT_USER | Keyword::CURRENT_ROLE if !call => bare_function,
        Keyword::TRUE | Keyword::FALSE | Keyword::NULL => return None,
        _ => {
            let Token::Word(word) = &parser.peek_token_ref().token else { return None };
            by_name(word, call, &parser.peek_nth_token_ref(1).token)?
        }
    };
    Some(read(parser))
}

/// Words that are no keywords to sqlparser, or that are many.
fn by_name(word: &Word, call: bool, next: &Token) -> Option<fn(&mut Parser) -> Parsed> {
    let is = |name: &str| word.value.eq_ignore_ascii_case(name);
    let first = word.value.as_bytes().first().map(u8::to_ascii_lowercase)?;
    Some(match first {
        b'_' if matches!(next, Token::SingleQuotedByteStringLiteral(_) | Token::Number(..)) => introduced,
        b'g' if call && is("get_format") => get_format,
        b'j' if call && is("json_value") => json_value,
        b'm' if call && is("mid") => substring,
        b'n' if is("next") && next_is(next, "value") => sequence,
        b'p' if is("previous") && next_is(next, "value") => sequence,
        b't' if call && (is("timestampadd") || is("timestampdiff")) => with_unit,
        b'u' if !call && (is("utc_date") || is("utc_time") || is("utc_timestamp")) => bare_function,
        b'w' if call && is("weight_string") => weight_string,
        _ => return None,
    })
}

fn next_is(token: &Token, name: &str) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(name))
}

fn is_word(parser: &Parser, by: usize, name: &str) -> bool {
    next_is(&parser.peek_nth_token_ref(by).token, name)
}

fn take(parser: &mut Parser, name: &str) -> bool {
    let there = is_word(parser, 0, name);
    if there {
        parser.advance_token();
    }
    there
}

fn need(parser: &mut Parser, name: &str) -> Result<(), ParserError> {
    if take(parser, name) { Ok(()) } else { parser.expected_ref(name, parser.peek_token_ref()) }
}

/// A call of a function by its arguments: all that rules see of it.
fn called(name: Ident, args: Vec<Expr>) -> Expr {
    let args = args.into_iter().map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))).collect();
    Expr::Function(Function {
        name: ObjectName::from(vec![name]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args,
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// The function's name, and past the bracket that opens.
fn opened(parser: &mut Parser) -> Result<Ident, ParserError> {
    let name = parser.parse_identifier()?;
    parser.expect_token(&Token::LParen)?;
    Ok(name)
}

fn closed(parser: &mut Parser, name: Ident, args: Vec<Expr>) -> Parsed {
    parser.expect_token(&Token::RParen)?;
    Ok(called(name, args))
}

fn bare_function(parser: &mut Parser) -> Parsed {
    Ok(called(parser.parse_identifier()?, Vec::new()))
}

/// Past a type's name: words, numbers and their brackets, up to the bracket that closes the call.
fn past_type(parser: &mut Parser) -> Result<(), ParserError> {
    let mut depth = 0_usize;
    let mut tokens = 0;
    loop {
        match &parser.peek_token_ref().token {
            Token::Word(word) if word.quote_style.is_none() && word.keyword != Keyword::SELECT => {}
            Token::Number(..) | Token::Comma if depth > 0 => {}
            Token::LParen if tokens > 0 && depth == 0 => depth = 1,
            Token::RParen if depth > 0 => depth -= 1,
            Token::RParen if tokens > 0 => return Ok(()),
            _ => return parser.expected_ref("a type", parser.peek_token_ref()),
        }
        tokens += 1;
        parser.advance_token();
    }
}

/// `CAST(x AS type)`.
fn cast(parser: &mut Parser) -> Parsed {
    let name = opened(parser)?;
    let mut args = vec![parser.parse_expr()?];
    if take(parser, "at") {
        need(parser, "time")?;
        need(parser, "zone")?;
        take(parser, "interval");
        args.push(parser.parse_expr()?);
    }
    need(parser, "as")?;
    past_type(parser)?;
    closed(parser, name, args)
}

/// `CONVERT(x, type)`, `CONVERT(x USING charset)`.
fn convert(parser: &mut Parser) -> Parsed {
    let name = opened(parser)?;
    let value = parser.parse_expr()?;
    if take(parser, "using") {
        charset(parser)?;
    } else {
        parser.expect_token(&Token::Comma)?;
        past_type(parser)?;
    }
    closed(parser, name, vec![value])
}

/// A character set's name, quoted or not.
fn charset(parser: &mut Parser) -> Result<(), ParserError> {
    match &parser.peek_token_ref().token {
        Token::Word(_) | Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => {
            parser.advance_token();
            Ok(())
        }
        _ => parser.expected_ref("a character set", parser.peek_token_ref()),
    }
}

/// `CHAR(1, 2 USING charset)`.
fn char_using(parser: &mut Parser) -> Parsed {
    let name = opened(parser)?;
    let args = parser.parse_comma_separated(Parser::parse_expr)?;
    if take(parser, "using") {
        charset(parser)?;
    }
    closed(parser, name, args)
}

/// `TRIM(LEADING x FROM y)` and its shorter forms.
fn trim(parser: &mut Parser) -> Parsed {
    let name = opened(parser)?;
    let sided = take(parser, "leading") || take(parser, "trailing") || take(parser, "both");
    let mut args = Vec::new();
    if !(sided && is_word(parser, 0, "from")) {
        args.push(parser.parse_expr()?);
    }
    if take(parser, "from") {
        args.push(parser.parse_expr()?);
    }
    closed(parser, name, args)
}

/// `SUBSTRING(a, 1, 2)`, `SUBSTRING(a FROM 1 FOR 2)`.
fn substring(parser: &mut Parser) -> Parsed {
    let name = opened(parser)?;
    let mut args = parser.parse_comma_separated(Parser::parse_expr)?;
    if take(parser, "from") {
        args.push(parser.parse_expr()?);
        if take(parser, "for") {
            args.push(parser.parse_expr()?);
        }
    }
    closed(parser, name, args)
}

/// Past a unit of time: `DAY`, `MINUTE_SECOND`, `SQL_TSI_HOUR`.
fn unit(parser: &mut Parser) -> Result<(), ParserError> {
    const UNITS: [&str; 20] = [
        "microsecond",
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "second_microsecond",
        "minute_microsecond",
        "minute_second",
        "hour_microsecond",
        "hour_second",
        "hour_minute",
        "day_microsecond",
        "day_second",
        "day_minute",
        "day_hour",
        "year_month",
    ];
    if let Token::Word(word) = &parser.peek_token_ref().token {
        let value = word.value.to_ascii_lowercase();
        let value = value.strip_prefix("sql_tsi_").unwrap_or(&value);
        if word.quote_style.is_none() && UNITS.contains(&value) {
            parser.advance_token();
            return Ok(());
        }
    }
    parser.expected_ref("a unit of time", parser.peek_token_ref())
}

/// `INTERVAL x DAY`; `INTERVAL(x, y)` is a function. Nothing is tried twice: brackets may be deep.
fn interval(parser: &mut Parser) -> Parsed {
    let name = parser.parse_identifier()?;
    let query = ["select", "with", "table", "values"].iter().any(|word| is_word(parser, 1, word));
    let value = if parser.peek_token_ref().token != Token::LParen || query {
        parser.parse_expr()?
    } else {
        parser.advance_token();
        let first = parser.parse_expr()?;
        if parser.consume_token(&Token::Comma) {
            let mut args = parser.parse_comma_separated(Parser::parse_expr)?;
            args.insert(0, first);
            return closed(parser, name, args);
        }
        parser.expect_token(&Token::RParen)?;
        let mut value = Expr::Nested(Box::new(first));
        loop {
            let precedence = parser.get_next_precedence()?;
            if precedence == 0 {
                break value;
            }
            value = parser.parse_infix(value, precedence)?;
        }
    };
    unit(parser)?;
    Ok(Expr::Interval(Interval {
        value: Box::new(value),
        leading_field: None,
        leading_precision: None,
        last_field: None,
        fractional_seconds_precision: None,
    }))
}

/// `EXTRACT(DAY FROM x)`.
fn extract(parser: &mut Parser) -> Parsed {
    let name = opened(parser)?;
    unit(parser)?;
    need(parser, "from")?;
    let from = parser.parse_expr()?;
    closed(parser, name, vec![from])
}

/// `TIMESTAMPDIFF(HOUR, a, b)`.
fn with_unit(parser: &mut Parser) -> Parsed {
    let name = opened(parser)?;
    unit(parser)?;
    parser.expect_token(&Token::Comma)?;
    let args = parser.parse_comma_separated(Parser::parse_expr)?;
    closed(parser, name, args)
}

/// `GET_FORMAT(DATE, 'USA')`.
fn get_format(parser: &mut Parser) -> Parsed {
    let name = opened(parser)?;
    if !["date", "time", "datetime", "timestamp"].iter().any(|word| take(parser, word)) {
        return parser.expected_ref("DATE", parser.peek_token_ref());
    }
    parser.expect_token(&Token::Comma)?;
    let which = parser.parse_expr()?;
    closed(parser, name, vec![which])
}

/// `JSON_VALUE(x, path RETURNING type DEFAULT y ON EMPTY ERROR ON ERROR)`.
fn json_value(parser: &mut Parser) -> Parsed {
    let name = opened(parser)?;
    let mut args = parser.parse_comma_separated(Parser::parse_expr)?;
    if take(parser, "returning") {
        past_returned_type(parser)?;
    }
    loop {
        if take(parser, "default") {
            args.push(parser.parse_prefix()?);
        } else if !(take(parser, "null") || take(parser, "error")) {
            break;
        }
        need(parser, "on")?;
        if !(take(parser, "empty") || take(parser, "error")) {
            return parser.expected_ref("EMPTY or ERROR", parser.peek_token_ref());
        }
    }
    closed(parser, name, args)
}

/// Past a type that clauses may follow.
fn past_returned_type(parser: &mut Parser) -> Result<(), ParserError> {
    parser.parse_identifier()?;
    if parser.consume_token(&Token::LParen) {
        past_type_length(parser)?;
    }
    while ["character", "charset", "set", "integer", "int", "unsigned", "signed", "precision"]
        .iter()
        .any(|word| take(parser, word))
        || (is_word(parser, 0, "collate") && take(parser, "collate"))
    {}
    let ends = ["null", "error", "default"].iter().any(|word| is_word(parser, 0, word));
    if !ends && matches!(parser.peek_token_ref().token, Token::Word(_)) {
        parser.advance_token();
    }
    Ok(())
}

fn past_type_length(parser: &mut Parser) -> Result<(), ParserError> {
    while matches!(parser.peek_token_ref().token, Token::Number(..) | Token::Comma) {
        parser.advance_token();
    }
    parser.expect_token(&Token::RParen).map(drop)
}

/// `WEIGHT_STRING(x AS CHAR(4) LEVEL 1 DESC)`.
fn weight_string(parser: &mut Parser) -> Parsed {
    let name = opened(parser)?;
    let mut args = parser.parse_comma_separated(Parser::parse_expr)?;
    args.truncate(1);
    if take(parser, "as") {
        parser.parse_identifier()?;
        parser.expect_token(&Token::LParen)?;
        past_type_length(parser)?;
    }
    while take(parser, "level") || take(parser, "asc") || take(parser, "desc") || take(parser, "reverse") || {
        let more = matches!(parser.peek_token_ref().token, Token::Number(..) | Token::Comma | Token::Minus);
        if more {
            parser.advance_token();
        }
        more
    } {}
    closed(parser, name, args)
}

/// `MATCH (a, b) AGAINST ('x' IN BOOLEAN MODE)`, with or without the first brackets.
fn match_against(parser: &mut Parser) -> Parsed {
    let name = parser.parse_identifier()?;
    let bracketed = parser.consume_token(&Token::LParen);
    let mut args = parser.parse_comma_separated(|parser| {
        let first = parser.parse_identifier()?;
        let mut parts = vec![first];
        while parser.consume_token(&Token::Period) {
            parts.push(parser.parse_identifier()?);
        }
        Ok(if parts.len() == 1 { Expr::Identifier(parts.remove(0)) } else { Expr::CompoundIdentifier(parts) })
    })?;
    if bracketed {
        parser.expect_token(&Token::RParen)?;
    }
    need(parser, "against")?;
    parser.expect_token(&Token::LParen)?;
    args.push(parser.parse_subexpr(Grammar.prec_value(Precedence::Between))?);
    if take(parser, "in") {
        if take(parser, "boolean") {
            need(parser, "mode")?;
        } else {
            need(parser, "natural")?;
            need(parser, "language")?;
            need(parser, "mode")?;
        }
    }
    if take(parser, "with") {
        need(parser, "query")?;
        need(parser, "expansion")?;
    }
    closed(parser, name, args)
}

/// `NEXT VALUE FOR s`: MariaDB's sequences.
fn sequence(parser: &mut Parser) -> Parsed {
    let name = parser.parse_identifier()?;
    need(parser, "value")?;
    need(parser, "for")?;
    parser.parse_object_name(false)?;
    Ok(called(name, Vec::new()))
}

/// `_utf8mb4 b'01'`.
fn introduced(parser: &mut Parser) -> Parsed {
    let prefix = parser.parse_identifier()?;
    let value = Box::new(Expr::Value(parser.parse_value()?));
    Ok(Expr::Prefixed { prefix, value })
}
