use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("like-with-leading-wildcard", Level::Warning, include_str!("like_with_leading_wildcard.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let Tested::Like(Operand::Column(column), Operand::Text(pattern, span), _) = &test.what else { continue };
        // Wildcards and nothing else: that is another rule's.
        if !pattern.starts_with(['%', '_']) || pattern.bytes().all(|byte| byte == b'%') {
            continue;
        }
        let indexed = known::column_of(see, scope, column).map(|(_, table, column)| known::leads_an_index(table, &column.name));
        let shown = known::shown(see, scope, column);
        let (en, zh) = if indexed == Some(true) { (" Its index can not be used.", "它的索引用不上。") } else { ("", "") };
        tell.at(
            *span,
            said!("The pattern for {shown} begins with a wildcard.", "{shown} 的匹配模式以通配符开头。"),
            said!("An index is sorted by the first letters, and these are not given: every row is looked at.{en}", "索引按开头的字母排序，而这里没有给出开头：每一行都要检查。{zh}"),
            said!("Give the first letters ('abc%'), or search {shown} with a FULLTEXT index and MATCH … AGAINST.", "请给出开头的内容（'abc%'），或者给 {shown} 建 FULLTEXT 索引并用 MATCH … AGAINST。"),
        );
    }
}
