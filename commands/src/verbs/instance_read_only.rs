//! `/instance read-only`: a server takes no writes, or takes them.

use super::{Opt, Takes, Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "instance",
    name: Some("read-only"),
    said: Said::fixed("Have a server take no writes, or take them", "设置服务器只读或可写"),
    options: &[
        sql_submit::GROUP,
        part::SERVER,
        Opt {
            name: "set",
            said: Said::fixed("Whether it takes writes", "是否可写"),
            takes: Takes::OneOf(&[
                ("on", Said::fixed("read-only: it takes no writes", "只读")),
                ("off", Said::fixed("it takes writes", "可写")),
            ]),
            required: true,
        },
        part::REASON,
        sql_submit::TIME,
    ],
};
