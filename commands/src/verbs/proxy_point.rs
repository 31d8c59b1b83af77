//! `/proxy point`: new connections for writes go to a server.

use super::{Completes, Opt, Takes, Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "proxy",
    name: Some("point"),
    said: Said::fixed("Lead a proxy's writes to a server", "把代理的写流量指向某个服务器"),
    options: &[
        sql_submit::GROUP,
        Opt {
            name: "to",
            said: Said::fixed("To which server, host:port", "指向哪个服务器，host:port"),
            takes: Takes::Completed(Completes::Server),
            required: true,
        },
        part::REASON,
        part::PROXY,
        sql_submit::TIME,
    ],
};
