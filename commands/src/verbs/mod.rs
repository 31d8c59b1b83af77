//! The slash commands: names, texts in both languages, typed options. The bot registers exactly these.

use crate::lang::Said;

pub mod account_list;
pub mod account_renew;
pub mod account_request;
pub mod account_revoke;
pub mod account_rotate;
pub mod cluster_add_replica;
pub mod cluster_backup;
pub mod cluster_build;
pub mod cluster_compare;
pub mod cluster_history;
pub mod cluster_list;
pub mod cluster_parameters;
pub mod cluster_remove_replica;
pub mod cluster_restore_table;
pub mod cluster_retire;
pub mod cluster_show;
pub mod cluster_switchover;
pub mod cluster_topology;
pub mod database_request;
pub mod delegate_add;
pub mod delegate_end;
pub mod delegate_list;
pub mod dns_remove;
pub mod dns_set;
pub mod dns_show;
pub mod emergency_list;
pub mod emergency_off;
pub mod emergency_on;
pub mod emergency_review;
pub mod freeze_list;
pub mod freeze_off;
pub mod freeze_on;
pub mod help;
pub mod instance_follow;
pub mod instance_parameters;
pub mod instance_read_only;
pub mod instance_show;
pub mod instance_start;
pub mod instance_stop;
pub mod link;
mod part;
pub mod proxy_add;
pub mod proxy_drain;
pub mod proxy_hold;
pub mod proxy_point;
pub mod proxy_ready;
pub mod proxy_remove;
pub mod proxy_show;
pub mod proxy_weight;
pub mod queue;
pub mod restore_rows;
pub mod schedule_add;
pub mod schedule_list;
pub mod schedule_pause;
pub mod schedule_remove;
pub mod schedule_resume;
pub mod script_list;
pub mod script_run;
pub mod script_show;
pub mod sql_review;
pub mod sql_rules;
pub mod sql_submit;
pub mod task_cut_over;
pub mod task_list;
pub mod task_log;
pub mod task_prioritise;
pub mod task_show;
pub mod task_throttle;
pub mod ticket_amend;
pub mod ticket_list;
pub mod ticket_show;
pub mod ticket_withdraw;
pub mod unlink;
pub mod vip_move;
pub mod vip_release;
pub mod vip_show;

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Free text of at most so many characters.
    Text(u16),
    /// Text that completes while typing.
    Completed(Completes),
    /// One of fixed words, each with its label.
    OneOf(&'static [(&'static str, Said)]),
    /// A file.
    File,
    /// A user of Discord.
    User,
}

/// From what an option completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completes {
    /// Names of service groups.
    ServiceGroup,
    /// Databases of the service group chosen in `group`.
    Database,
    /// Rules of the review, by name or words of their titles.
    Rule,
    /// Accounts that the asker sees.
    Account,
    /// Applications that the desk knows; else as typed.
    Application,
    /// Freezes in force.
    Freeze,
    /// Emergencies that are on or not reviewed.
    Emergency,
    /// Delegations that the asker can end.
    Delegation,
    /// Schedules: the asker's own first.
    Schedule,
    /// Scripts that the asker may run.
    Script,
    /// Parameters of the script chosen in `name`, and their values.
    Parameters,
    /// The asker's open tickets.
    Ticket,
    /// Tasks, newest first.
    Task,
    /// Servers of the service group chosen in `group`.
    Server,
    /// Its replicas.
    Replica,
    /// Its proxies.
    Proxy,
    /// Its virtual IPs.
    Vip,
    /// Hosts that may carry one of its virtual IPs.
    VipHost,
    /// Its names in DNS; else as typed.
    Name,
    /// Hosts of the inventory.
    Host,
    /// Options of servers and their values.
    Options,
    /// `now`, `quiet`, and times near by.
    When,
}

/// An option of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opt {
    /// Its name, lower case.
    pub name: &'static str,
    /// What it is, at most 100 characters in each language.
    pub said: Said,
    /// What it takes.
    pub takes: Takes,
    /// Must be given.
    pub required: bool,
}

/// A command or subcommand: `/sql submit` is group `sql`, name `submit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verb {
    /// First word: a command of its own, or the group.
    pub group: &'static str,
    /// Second word; absent for a command without subcommands.
    pub name: Option<&'static str>,
    /// What it does, at most 100 characters in each language.
    pub said: Said,
    /// Its options, required ones first.
    pub options: &'static [Opt],
}

/// What the first words are about, for commands that have subcommands.
pub const GROUPS: &[(&str, Said)] = &[
    ("sql", Said::fixed("Have SQL reviewed and run", "审核并执行 SQL")),
    (
        "task",
        Said::fixed(
            "Look at tasks: the work of tickets, each in a process of its own",
            "查看任务：工单的执行，每个任务一个进程",
        ),
    ),
    ("ticket", Said::fixed("Look at tickets, amend yours or take it back", "查看工单，修改或撤回自己的工单")),
    ("schedule", Said::fixed("Tickets that are filed again and again", "周期工单：定期自动提交")),
    (
        "restore",
        Said::fixed("Bring back rows that were changed over a direct connection", "恢复被直连修改的行"),
    ),
    (
        "account",
        Said::fixed(
            "Accounts on databases: ask, list, renew, rotate, end",
            "数据库账号：申请、查看、续期、换密码、停用",
        ),
    ),
    ("database", Said::fixed("Databases: ask for a new one", "数据库：申请新建")),
    (
        "cluster",
        Said::fixed(
            "Service groups: build, servers, topology, history, changes",
            "服务组：搭建、服务器、拓扑、历史、变更",
        ),
    ),
    (
        "proxy",
        Said::fixed(
            "Proxies of a service group: look, hold, point, weigh",
            "服务组的代理：查看、暂停、指向、权重",
        ),
    ),
    (
        "vip",
        Said::fixed(
            "Virtual IPs of a service group: look, move, release",
            "服务组的虚拟 IP：查看、移动、撤下",
        ),
    ),
    ("dns", Said::fixed("Names of a service group: look, set, remove", "服务组的域名：查看、设置、删除")),
    (
        "instance",
        Said::fixed(
            "Servers of a service group: look, start, stop, steer",
            "服务组的服务器：查看、启停、控制",
        ),
    ),
    ("script", Said::fixed("The DBAs' own scripts: list, look at, run", "DBA 的脚本：列出、查看、运行")),
    ("freeze", Said::fixed("Times in which nothing starts", "冻结期：这段时间里不执行任何变更")),
    (
        "emergency",
        Said::fixed("Act without approval where there is no time for it", "紧急状态：来不及审批时直接操作"),
    ),
    ("delegate", Said::fixed("Who stands in while somebody is away", "代理：离开期间由谁代替")),
];

/// Every slash command.
pub const ALL: &[&Verb] = &[
    &sql_submit::VERB,
    &sql_review::VERB,
    &sql_rules::VERB,
    &ticket_show::VERB,
    &ticket_list::VERB,
    &ticket_amend::VERB,
    &ticket_withdraw::VERB,
    &task_list::VERB,
    &task_show::VERB,
    &task_log::VERB,
    &task_prioritise::VERB,
    &task_throttle::VERB,
    &task_cut_over::VERB,
    &queue::VERB,
    &schedule_add::VERB,
    &schedule_list::VERB,
    &schedule_pause::VERB,
    &schedule_resume::VERB,
    &schedule_remove::VERB,
    &restore_rows::VERB,
    &account_request::VERB,
    &account_list::VERB,
    &account_renew::VERB,
    &account_rotate::VERB,
    &account_revoke::VERB,
    &database_request::VERB,
    &cluster_build::VERB,
    &cluster_list::VERB,
    &cluster_show::VERB,
    &cluster_topology::VERB,
    &cluster_history::VERB,
    &cluster_switchover::VERB,
    &cluster_add_replica::VERB,
    &cluster_remove_replica::VERB,
    &cluster_retire::VERB,
    &cluster_parameters::VERB,
    &cluster_backup::VERB,
    &cluster_restore_table::VERB,
    &cluster_compare::VERB,
    &proxy_show::VERB,
    &proxy_hold::VERB,
    &proxy_point::VERB,
    &proxy_drain::VERB,
    &proxy_ready::VERB,
    &proxy_weight::VERB,
    &proxy_add::VERB,
    &proxy_remove::VERB,
    &vip_show::VERB,
    &vip_move::VERB,
    &vip_release::VERB,
    &dns_show::VERB,
    &dns_set::VERB,
    &dns_remove::VERB,
    &instance_show::VERB,
    &instance_start::VERB,
    &instance_stop::VERB,
    &instance_read_only::VERB,
    &instance_follow::VERB,
    &instance_parameters::VERB,
    &script_run::VERB,
    &script_list::VERB,
    &script_show::VERB,
    &freeze_on::VERB,
    &freeze_off::VERB,
    &freeze_list::VERB,
    &emergency_on::VERB,
    &emergency_off::VERB,
    &emergency_list::VERB,
    &emergency_review::VERB,
    &delegate_add::VERB,
    &delegate_list::VERB,
    &delegate_end::VERB,
    &link::VERB,
    &unlink::VERB,
    &help::VERB,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_one_that_discord_takes() {
        for verb in ALL {
            let letter = |b: u8| b.is_ascii_lowercase() || b == b'-';
            let name_ok = |name: &str| (1..=32).contains(&name.len()) && name.bytes().all(letter);
            assert!(name_ok(verb.group) && verb.name.is_none_or(name_ok), "{verb:?}");
            assert!(verb.name.is_none() || GROUPS.iter().any(|(group, _)| *group == verb.group), "{verb:?}");
            let texts = std::iter::once(&verb.said).chain(verb.options.iter().map(|option| &option.said));
            for said in texts {
                assert!((1..=100).contains(&said.en.chars().count()), "{said:?}");
                assert!((1..=100).contains(&said.zh.chars().count()), "{said:?}");
            }
            assert!(verb.options.is_sorted_by_key(|option| !option.required), "required first: {verb:?}");
        }
    }
}
