//! `/cluster switchover`: another server becomes the primary.

use super::{Opt, Takes, Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("switchover"),
    said: Said::fixed("Make a replica the primary, without losing a write", "把从库切换为主库，不丢失写入"),
    options: &[
        sql_submit::GROUP,
        part::TO,
        part::REASON,
        Opt {
            name: "lag",
            said: Said::fixed(
                "It lags less than so many seconds; left out: 10",
                "延迟小于多少秒才开始；省略：10",
            ),
            takes: Takes::Text(4),
            required: false,
        },
        sql_submit::TIME,
    ],
};
