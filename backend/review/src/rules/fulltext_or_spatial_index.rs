use super::{Rule, names::new_keys, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    questions::changed_tables,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("fulltext-or-spatial-index", Level::Warning, include_str!("fulltext_or_spatial_index.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(table) = changed_tables(&see.statement.shape).first().copied() else { return };
    for key in new_keys(&see.statement.shape) {
        if !matches!(key.kind, KeyKind::FullText | KeyKind::Spatial) || tell.is_full() {
            continue;
        }
        let table = words::table(table);
        let word = if key.kind == KeyKind::FullText { "FULLTEXT" } else { "SPATIAL" };
        tell.at(
            key.span,
            said!("{table} gets a {word} index.", "{table} 会有一个 {word} 索引。"),
            said!(
                "Building it blocks writes to {table}; later changes of {table} can not be made in place as usual. A FULLTEXT index splits Chinese text only WITH PARSER ngram, and slows each write down.",
                "建这个索引时 {table} 不能写入，以后对 {table} 的变更也无法照常在线进行。FULLTEXT 只有写了 WITH PARSER ngram 才能切分中文，还会拖慢每次写入。",
            ),
            said!(
                "Search texts in a search engine; for few rows LIKE is enough. If it is needed, choose a quiet hour with a DBA.",
                "全文检索请用搜索引擎；行数不多时 LIKE 就够了。确实需要的话，请和 DBA 约在业务低峰执行。",
            ),
        );
    }
}
