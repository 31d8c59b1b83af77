//! `/ticket amend`: replace a ticket's SQL with a file, for SQL that no form can hold.

use super::{Completes, Opt, Takes, Verb, ticket_show};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "ticket",
    name: Some("amend"),
    said: Said::fixed("Replace your ticket's SQL with a file", "用文件替换你的工单里的 SQL"),
    options: &[
        ticket_show::TICKET,
        Opt {
            name: "file",
            said: Said::fixed("The .sql file with the new SQL", "包含新 SQL 的 .sql 文件"),
            takes: Takes::File,
            required: true,
        },
        Opt {
            name: "time",
            said: Said::fixed(
                "A new time; left out, the one asked before stays",
                "新的执行时间；不填则沿用原来的时间",
            ),
            takes: Takes::Completed(Completes::When),
            required: false,
        },
    ],
};
