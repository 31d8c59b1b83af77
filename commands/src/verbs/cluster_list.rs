//! `/cluster list`: service groups, to the asker only.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("list"),
    said: Said::fixed("List service groups", "查看服务组列表"),
    options: &[Opt {
        name: "group",
        said: Said::fixed("Only those with this in their name", "仅名称包含此内容的"),
        takes: Takes::Completed(Completes::ServiceGroup),
        required: false,
    }],
};
