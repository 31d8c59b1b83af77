//! What rules about views, triggers, routines and events have in common.

use super::words;
use crate::{
    judge::{See, Tell},
    shape::{Deed, ObjectKind, Shape},
};
use dbdesk_commands::lang::{Said, said};

/// One sort of stored object and its name in English and Chinese.
pub struct Sort {
    /// What counts as it.
    pub kinds: &'static [ObjectKind],
    /// `view`.
    pub en: &'static str,
    /// `视图`.
    pub zh: &'static str,
}

/// Tells of one that is made or changed.
pub fn made(see: &See<'_>, tell: &mut Tell<'_>, sort: &Sort, why: Said, fix: Said) {
    let Shape::StoredObject(object) = &see.statement.shape else { return };
    if object.deed == Deed::Drop || !sort.kinds.contains(&object.kind) {
        return;
    }
    let Some(name) = object.names.first() else { return };
    let (shown, Sort { en, zh, .. }) = (words::table(name), sort);
    let on = object.table.as_ref().map(words::table);
    let message = match (object.deed, on) {
        (Deed::Alter, _) => said!("This changes the {en} {shown}.", "这会修改{zh} {shown}。"),
        (_, Some(table)) => {
            said!("This makes the {en} {shown} on {table}.", "这会在 {table} 上创建{zh} {shown}。")
        }
        _ if object.or_replace => {
            said!(
                "This makes the {en} {shown} and replaces the one there is.",
                "这会创建{zh} {shown}，并替换已有的。"
            )
        }
        _ => said!("This makes the {en} {shown}.", "这会创建{zh} {shown}。"),
    };
    tell.at(name.span(), message, why, fix);
}
