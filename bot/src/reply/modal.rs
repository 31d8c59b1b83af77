//! Modals: forms with one to five text inputs.

use super::limits::{self, cut};
use crate::inbound::builds::{Page, custom_id};
use dbdesk_commands::{
    id::ButtonId,
    lang::{Lang, Said, said},
    verbs::task_throttle::NUMBER,
    wire::{button::Form, cluster::BuildDraftView},
};
use serenity::all::{CreateActionRow, CreateInputText, CreateModal, InputTextStyle};

/// Custom ids of the inputs, and of the modals that commands open.
pub mod ids {
    /// The modal of `/sql submit`.
    pub const SUBMIT: &str = "submit";
    /// The same, where the others go on when one numbered table fails.
    pub const SUBMIT_GOES_ON: &str = "submit.go_on";
    /// The modal of `/sql review`.
    pub const REVIEW: &str = "review";
    /// The modal of `/schedule add`.
    pub const SCHEDULE: &str = "schedule";
    /// Service group and database in one line.
    pub const PLACE: &str = "place";
    /// The SQL.
    pub const SQL: &str = "sql";
    /// The service group.
    pub const GROUP: &str = "group";
    /// The database.
    pub const DATABASE: &str = "database";
    /// The reason.
    pub const REASON: &str = "reason";
    /// The time.
    pub const TIME: &str = "time";
    /// The typed name.
    pub const NAME: &str = "name";
    /// The highest lag.
    pub const LAG: &str = "lag";
    /// The highest load.
    pub const LOAD: &str = "load";
}

struct Input<'a> {
    id: &'static str,
    label: Said,
    value: &'a str,
    max: u16,
    long: bool,
    required: bool,
    /// Shown until something is typed.
    hint: &'a str,
}

impl Input<'_> {
    fn row(&self, lang: Lang) -> CreateActionRow {
        let style = if self.long { InputTextStyle::Paragraph } else { InputTextStyle::Short };
        let label = cut(self.label.in_lang(lang), limits::INPUT_LABEL).into_owned();
        let mut input =
            CreateInputText::new(style, label, self.id).required(self.required).max_length(self.max);
        if !self.value.is_empty() {
            input = input.value(cut(self.value, usize::from(self.max)));
        }
        if !self.hint.is_empty() {
            input = input.placeholder(cut(self.hint, limits::PLACEHOLDER));
        }
        CreateActionRow::InputText(input)
    }
}

const SQL_LENGTH: u16 = 4_000;

fn sql(value: &str) -> Input<'_> {
    let label = Said::fixed("SQL, run exactly as written", "SQL（将原样执行）");
    Input { id: ids::SQL, label, value, max: SQL_LENGTH, long: true, required: true, hint: "" }
}

fn time(value: &str) -> Input<'_> {
    let label = Said::fixed("When: now, quiet, or a time", "时间：now、quiet 或具体时间");
    Input { id: ids::TIME, label, value, max: 60, long: false, required: false, hint: "" }
}

fn limits<'a>(lag: &'a str, load: &'a str) -> [Input<'a>; 2] {
    let line =
        |id, label, value| Input { id, label, value, max: NUMBER, long: false, required: false, hint: "" };
    let lag_s =
        Said::fixed("Highest lag in seconds (empty: as configured)", "从库延迟上限，秒（留空则按配置）");
    let threads =
        Said::fixed("Most threads running (empty: as configured)", "主库活跃线程上限（留空则按配置）");
    [line(ids::LAG, lag_s, lag), line(ids::LOAD, threads, load)]
}

fn place<'a>(group: &'a str, database: &'a str) -> [Input<'a>; 2] {
    let line = |id, label, value| Input { id, label, value, max: 100, long: false, required: true, hint: "" };
    [
        line(ids::GROUP, Said::fixed("Service group", "服务组"), group),
        line(ids::DATABASE, Said::fixed("Database", "数据库"), database),
    ]
}

/// The form of `/sql submit` without a file; what was typed already is filled in, so the bot keeps nothing.
pub fn submit(
    (group, database): (&str, &str),
    reason: &str,
    time: &str,
    goes_on: bool,
    lang: Lang,
) -> CreateModal {
    let [group, database] = place(group, database);
    let reason = Input {
        id: ids::REASON,
        label: Said::fixed("Reason, for the DBA who approves", "原因（给审批的 DBA 看）"),
        value: reason,
        max: 500,
        long: false,
        required: true,
        hint: "",
    };
    let inputs = [sql(""), reason, group, database, self::time(time)];
    let id = if goes_on { ids::SUBMIT_GOES_ON } else { ids::SUBMIT };
    build(id, Said::fixed("Submit SQL", "提交 SQL").in_lang(lang), &inputs, lang)
}

/// The form of `/schedule add` without a file: `place` is `group / database`, `times` the expression and its time zone.
pub fn schedule(name: &str, place: &str, times: &str, reason: &str, lang: Lang) -> CreateModal {
    let line = |id, label, value, max| Input { id, label, value, max, long: false, required: true, hint: "" };
    let inputs = [
        Input {
            label: Said::fixed(
                "SQL; {next_month} is filled in at each run",
                "SQL（{next_month} 等在每次执行时填写）",
            ),
            ..sql("")
        },
        line(ids::NAME, Said::fixed("Name", "名字"), name, 64),
        line(ids::PLACE, Said::fixed("Service group / database", "服务组 / 数据库"), place, 110),
        line(
            ids::TIME,
            Said::fixed("When, as in crontab, and the time zone", "时间（同 crontab）和时区"),
            times,
            200,
        ),
        line(
            ids::REASON,
            Said::fixed("Reason, for the DBA who approves", "原因（给审批的 DBA 看）"),
            reason,
            500,
        ),
    ];
    build(ids::SCHEDULE, Said::fixed("Recurring ticket", "周期工单").in_lang(lang), &inputs, lang)
}

/// The form of `/sql review` without a file.
pub fn review(group: &str, database: &str, lang: Lang) -> CreateModal {
    let [group, database] = place(group, database);
    build(ids::REVIEW, Said::fixed("Review SQL", "审核 SQL").in_lang(lang), &[sql(""), group, database], lang)
}

/// The form of a button, filled with what is there now: the SQL and its time, or the lag and the load. Its custom id comes back with what
/// was typed. `title` says which button on which ticket. Of a name that confirms, `present` is what is to be typed, `within_s` how soon.
pub fn of_button(
    form: Form,
    button: &ButtonId,
    title: &str,
    (present, beside): (&str, &str),
    within_s: Option<u32>,
    lang: Lang,
) -> CreateModal {
    let id = format!("{}:{button}", form.word());
    let input = match form {
        Form::Sql => return build(&id, title, &[sql(present), time(beside)], lang),
        Form::Limits => return build(&id, title, &limits(present, beside), lang),
        Form::Name => Input {
            id: ids::NAME,
            label: match within_s {
                Some(s) => {
                    said!("Service group's name, within {s} seconds", "请在 {s} 秒内输入服务组名称以确认")
                }
                None => Said::fixed("Type the service group's name to confirm", "请输入服务组名称以确认"),
            },
            value: "",
            max: 100,
            long: false,
            required: true,
            hint: present,
        },
        Form::Reason | Form::Press => Input {
            id: ids::REASON,
            label: Said::fixed("Reason, shown to the requester", "原因（申请人会看到）"),
            value: "",
            max: 1_000,
            long: true,
            required: true,
            hint: "",
        },
    };
    build(&id, title, &[input], lang)
}

/// The form of a page of the wizard, filled with what was typed before: also what was wrong.
#[expect(clippy::too_many_lines, reason = "a line for each input")]
pub fn of_build(page: Page, view: &BuildDraftView, lang: Lang) -> CreateModal {
    let draft = &view.draft;
    let line = |id, en, zh, value, max| Input {
        id,
        label: Said::fixed(en, zh),
        value,
        max,
        long: false,
        required: false,
        hint: "",
    };
    let list = |hosts: &[String]| hosts.join(", ");
    let (replicas, proxies) = (list(&draft.replicas), list(&draft.proxies));
    let inputs = match page {
        Page::Identity | Page::Package | Page::Review => vec![
            line("name", "Service group's name", "服务组名", &draft.name, 32),
            line("environment", "Environment", "环境", &draft.environment, 16),
            line("team", "Team (empty: your own)", "团队（留空为自己的团队）", &draft.team, 64),
            line("time_zone", "Time zone (empty: UTC)", "时区（留空为 UTC）", &draft.time_zone, 64),
            line("reason", "Reason, for the DBA who approves", "原因（给审批的 DBA 看）", &draft.reason, 500),
        ],
        Page::Hosts => vec![
            Input {
                hint: "db-1",
                ..line("primary", "Host of the primary", "主库所在主机", &draft.primary, 100)
            },
            Input {
                hint: "db-2, db-3:3307",
                ..line(
                    "replicas",
                    "Hosts of the replicas, between commas",
                    "从库所在主机，用逗号分隔",
                    &replicas,
                    1_000,
                )
            },
        ],
        Page::Memory => vec![
            line(
                "flavour",
                "Flavour (empty: as the package says)",
                "版本（留空则按套餐）",
                &draft.flavour,
                40,
            ),
            Input {
                hint: "4096",
                ..line(
                    "buffer_pool_mb",
                    "Buffer pool in MB (empty: usual share)",
                    "缓冲池 MB（留空则按比例）",
                    &draft.buffer_pool_mb,
                    20,
                )
            },
            Input {
                long: true,
                hint: "max_connections = 500",
                ..line("parameters", "Parameters, one a line", "参数，每行一个", &draft.parameters, 2_000)
            },
            line(
                "semi_sync",
                "Semi-sync: yes or no (empty: package)",
                "半同步：yes 或 no（留空则按套餐）",
                &draft.semi_sync,
                20,
            ),
            line(
                "failover",
                "Failover: observe, confirm, auto",
                "故障切换：observe、confirm、auto",
                &draft.failover,
                20,
            ),
        ],
        Page::Proxies => vec![Input {
            hint: "db-4, db-5",
            ..line(
                "proxies",
                "Hosts of the proxies, between commas",
                "代理所在主机，用逗号分隔",
                &proxies,
                1_000,
            )
        }],
        Page::Addresses => vec![
            Input {
                hint: "10.0.0.50/24 eth0",
                ..line("vip", "Virtual IP (empty: none)", "虚拟 IP（没有则留空）", &draft.vip, 100)
            },
            Input {
                long: true,
                hint: "shop.db.example",
                ..line(
                    "names",
                    "Names, one a line; “read” behind a reader's",
                    "域名，每行一个；读域名后加 read",
                    &draft.names,
                    2_000,
                )
            },
        ],
        Page::First => vec![
            line("database", "First database", "第一个数据库", &draft.database, 64),
            line("charset", "Character set (empty: utf8mb4)", "字符集（留空为 utf8mb4）", &draft.charset, 32),
            line("account", "First account (empty: none)", "第一个账号（留空则不申请）", &draft.account, 32),
            line(
                "level",
                "Its level: ro, rw, ddl (empty: rw)",
                "级别：ro、rw、ddl（留空为 rw）",
                &draft.level,
                10,
            ),
            line("from", "From where: application, or networks", "来源：应用，或 IP 网段", &draft.from, 500),
        ],
    };
    let title = Said::fixed("Build a service group", "搭建服务组");
    build(&custom_id("fill", page.word(), &view.id), title.in_lang(lang), &inputs, lang)
}

fn build(custom_id: &str, title: &str, inputs: &[Input<'_>], lang: Lang) -> CreateModal {
    CreateModal::new(custom_id, cut(title, limits::MODAL_TITLE))
        .components(inputs.iter().map(|input| input.row(lang)).collect())
}
