use super::{Rule, definitions::After, names::new_keys, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    mend::Edit,
    types::TypeKind,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("index-prefix-out-of-place", Level::Error, include_str!("index_prefix_out_of_place.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let has_prefix = new_keys(&see.statement.shape).any(|key| key.parts.iter().any(|part| part.prefix.is_some()));
    let Some(after) = has_prefix.then(|| After::of(see)).flatten() else { return };
    for key in new_keys(&see.statement.shape) {
        if matches!(key.kind, KeyKind::FullText | KeyKind::Spatial | KeyKind::Foreign) {
            continue;
        }
        for (part, span) in key.parts.iter().zip(&key.part_spans).take(64) {
            let Some((prefix, column)) = part.prefix.zip(after.column(&part.column)) else { continue };
            let of = &column.column_type;
            let of_text = matches!(of.kind, TypeKind::Char | TypeKind::VarChar | TypeKind::Binary | TypeKind::VarBinary);
            let open = of.kind.is_text() || of.kind.is_blob() || matches!(of.kind, TypeKind::Spatial | TypeKind::Other);
            let fits = of_text && of.length.is_none_or(|length| u64::from(prefix) <= length);
            if prefix > 0 && (fits || open) || tell.is_full() {
                continue;
            }
            let name = words::quoted(&part.column);
            let data_type = words::shown(&column.data_type);
            let told = tell.at(
                *span,
                said!(
                    "{name} is {data_type}; an index can not take {prefix} characters of it.",
                    "{name} 的类型是 {data_type}，索引不能取它的 {prefix} 个字符。",
                ),
                said!(
                    "The server refuses the statement (error {number}): a length stands only with a text that is longer.",
                    "服务器会拒绝这条语句（错误 {number}）：只有更长的文本才能写长度。",
                    number = if prefix == 0 { 1391 } else { 1089 },
                ),
                said!("Write {name} without the length.", "请去掉长度，只写 {name}。"),
            );
            let written = span.of(see.script.sql());
            if !open && let Some(at) = written.rfind('(') {
                let kept = written.get(..at).unwrap_or(written).trim_end();
                told.mend(vec![Edit::replace(*span, kept.to_owned())]);
            }
        }
    }
}
