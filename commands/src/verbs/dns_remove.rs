//! `/dns remove`: a name leads nowhere.

use super::{Completes, Opt, Takes, Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "dns",
    name: Some("remove"),
    said: Said::fixed("Remove a name", "删除域名"),
    options: &[
        sql_submit::GROUP,
        Opt {
            name: "name",
            said: Said::fixed("The name, whole", "完整域名"),
            takes: Takes::Completed(Completes::Name),
            required: true,
        },
        part::REASON,
        sql_submit::TIME,
    ],
};
