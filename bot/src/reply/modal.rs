//! Modals: forms with one to five text inputs.

use super::limits::{self, cut};
use dbdesk_commands::{
    id::ButtonId,
    lang::{Lang, Said, said},
    verbs::task_throttle::NUMBER,
    wire::button::Form,
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

fn build(custom_id: &str, title: &str, inputs: &[Input<'_>], lang: Lang) -> CreateModal {
    CreateModal::new(custom_id, cut(title, limits::MODAL_TITLE))
        .components(inputs.iter().map(|input| input.row(lang)).collect())
}
