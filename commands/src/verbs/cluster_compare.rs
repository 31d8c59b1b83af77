//! `/cluster compare`: replicas beside their primary.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("compare"),
    said: Said::fixed(
        "See whether the replicas have what the primary has, table by table",
        "逐表比对从库与主库的数据是否一致",
    ),
    options: &[sql_submit::GROUP, part::REASON, sql_submit::TIME],
};
