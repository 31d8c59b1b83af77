use super::{Rule, lexemes, words};
use crate::{
    judge::{See, Tell},
    scan::Lexeme,
    shape::Shape,
    span::Span,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("dangerous-function", Level::Error, include_str!("dangerous_function.md"), check);

/// Functions that wait, lock by hand, or read files.
const WAIT: [&str; 6] =
    ["sleep", "benchmark", "master_pos_wait", "source_pos_wait", "master_gtid_wait", "wait_for_executed_gtid_set"];
const LOCK: [&str; 5] = ["get_lock", "release_lock", "release_all_locks", "is_free_lock", "is_used_lock"];
const FILE: [&str; 4] = ["load_file", "sys_exec", "sys_eval", "sys_set"];

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let sql = see.script.sql();
    let shape = &see.statement.shape;
    let queries = matches!(shape, Shape::CreateTable(create) if create.select.is_some());
    if !shape.is_dml() && !queries {
        return;
    }
    let mut before: Option<Span> = None;
    let mut dotted = false;
    for (lexeme, at) in lexemes::lexemes(sql, see.statement.span) {
        if let Some(name) = before.filter(|_| lexeme == Lexeme::Open) {
            say(tell, name, name.of(sql));
        }
        let named = lexeme == Lexeme::Word && !dotted && (5..=26).contains(&(at.end - at.start));
        before = (named && is_known(at.of(sql))).then_some(at);
        dotted = lexeme == Lexeme::Sign && at.of(sql) == ".";
    }
}

fn is_known(word: &str) -> bool {
    WAIT.iter().chain(&LOCK).chain(&FILE).any(|known| known.eq_ignore_ascii_case(word))
}

fn say(tell: &mut Tell<'_>, span: Span, word: &str) {
    let name = words::shown(word).to_uppercase();
    let has = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    let why = if has(&WAIT) {
        said!(
            "{name} makes the server wait or burn time for every row, while the rows changed so far stay locked. It is also what SQL injection tries first.",
            "{name} 会让服务器对每一行都等待或空耗，已修改的行一直被锁住。它也是 SQL 注入最先尝试的手段。",
        )
    } else if has(&LOCK) {
        said!(
            "{name} locks by a name that only one session holds; the desk may go on in another, and the lock stays or is lost.",
            "{name} 的锁只属于一个会话；工单可能换一个会话继续，锁会残留或丢失。",
        )
    } else {
        said!(
            "{name} reaches files or programs of the server's machine, which a ticket must never do.",
            "{name} 会访问服务器机器上的文件或程序，工单绝不允许这样做。",
        )
    };
    tell.at(
        span,
        said!("{name}() is called here.", "这里调用了 {name}()。"),
        why,
        Said::fixed("Leave it out. What should wait can be a ticket with a time of its own.", "请去掉它。需要等待的，可以另提一张定时执行的工单。"),
    );
}
