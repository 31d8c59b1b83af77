//! `/proxy weight`: a server's share of the reads.

use super::{Opt, Takes, Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "proxy",
    name: Some("weight"),
    said: Said::fixed("Give a server another share of the reads", "修改某个服务器的读流量权重"),
    options: &[
        sql_submit::GROUP,
        part::SERVER,
        Opt {
            name: "weight",
            said: Said::fixed("Its share of the reads, 0 to 255", "读流量权重，0 到 255"),
            takes: Takes::Text(3),
            required: true,
        },
        part::REASON,
        part::PROXIES,
        sql_submit::TIME,
    ],
};
