//! `/task list`: tasks, newest first, to the asker only.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "task",
    name: Some("list"),
    said: Said::fixed("List tasks, newest first", "列出任务，最新的在前"),
    options: &[
        Opt {
            name: "which",
            said: Said::fixed(
                "Which ones: open (default), running, not answering, ended, all",
                "哪些：未结束（默认）、执行中、无响应、已结束、全部",
            ),
            takes: Takes::OneOf(&[
                ("open", Said::fixed("open", "未结束的")),
                ("running", Said::fixed("running", "执行中的")),
                ("silent", Said::fixed("not answering", "无响应的")),
                ("ended", Said::fixed("ended", "已结束的")),
                ("all", Said::fixed("all", "全部")),
            ]),
            required: false,
        },
        Opt {
            name: "group",
            said: Said::fixed("Only of this service group", "只看这个服务组"),
            takes: Takes::Completed(Completes::ServiceGroup),
            required: false,
        },
    ],
};
