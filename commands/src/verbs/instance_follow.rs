//! `/instance follow`: a replica follows another server.

use super::{Completes, Opt, Takes, Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "instance",
    name: Some("follow"),
    said: Said::fixed("Have a replica follow another server", "让从库从另一个服务器复制"),
    options: &[
        sql_submit::GROUP,
        part::REPLICA,
        Opt {
            name: "source",
            said: Said::fixed("Whom, host:port", "从哪个服务器复制，host:port"),
            takes: Takes::Completed(Completes::Server),
            required: true,
        },
        part::REASON,
        sql_submit::TIME,
    ],
};
