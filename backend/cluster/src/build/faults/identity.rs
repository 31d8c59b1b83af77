//! Name, environment, time zone, labels, flavour.

use super::{super::quoted, Asked, BuildPart, Faults};
use dbdesk_cmdb::{Place, inventory::GROUP_NAME_CHARS, label};
use dbdesk_commands::{
    lang::{Said, said},
    wire::freeze::ALL_GROUPS,
};

const REASON_CHARS: usize = 500;

pub(super) fn judge(asked: Asked<'_>, faults: &mut Faults) {
    let whole = asked.whole;
    let mut add = |said: Said| faults.add(BuildPart::Identity, said);
    if !is_word(&whole.name, GROUP_NAME_CHARS) || whole.name == ALL_GROUPS {
        add(said!(
            "“{name}” can not be a service group's name. Write at most {GROUP_NAME_CHARS} lower case letters, digits, `-` and `_`, such as `shop`.",
            "“{name}”不能作为服务组名。请用小写字母、数字、`-` 和 `_`，最多 {GROUP_NAME_CHARS} 个字符，例如 `shop`。",
            name = quoted(&whole.name)
        ));
    } else if asked.known.taken.by(&Place::Group(whole.name.clone())).is_some() {
        add(said!(
            "There is a service group “{name}” already. Choose another name.",
            "服务组“{name}”已经存在，请换一个名字。",
            name = whole.name
        ));
    }
    if !is_word(&whole.environment, 16) {
        add(said!(
            "“{environment}” can not be an environment. Write a word such as `production` or `staging`.",
            "“{environment}”不能作为环境名。请写 `production`、`staging` 这样的词。",
            environment = quoted(&whole.environment)
        ));
    }
    if !(1..=REASON_CHARS).contains(&whole.reason.chars().count()) {
        add(said!(
            "Say in 1 to {REASON_CHARS} characters why it is needed: the one who approves reads that.",
            "请用 1 到 {REASON_CHARS} 个字符说明为什么需要：审批人会看到。"
        ));
    }
    let zone = whole.time_zone.as_deref().unwrap_or_default();
    if zone.parse::<chrono_tz::Tz>().is_err() {
        add(said!(
            "There is no time zone “{zone}”. Write one such as `Asia/Shanghai` or `UTC`.",
            "没有时区“{zone}”。请写 `Asia/Shanghai`、`UTC` 这样的名称。",
            zone = quoted(zone)
        ));
    }
    if whole.labels.len() > label::GROUP_LABELS || !whole.labels.iter().all(|one| label::is_label(one)) {
        add(said!(
            "Labels are at most {most}, each of lower case letters, digits, `-` and `_`, such as `zone-north`.",
            "标签最多 {most} 个，每个只能用小写字母、数字、`-` 和 `_`，例如 `zone-north`。",
            most = label::GROUP_LABELS
        ));
    }
    flavour(asked, faults);
}

fn flavour(asked: Asked<'_>, faults: &mut Faults) {
    let flavour = asked.whole.flavour.as_deref().unwrap_or_default();
    if !asked.package.flavours.iter().any(|one| one == flavour) {
        faults.add(
            BuildPart::Package,
            said!(
                "Package {package} is not built with “{flavour}”. Choose one of {all}.",
                "套餐 {package} 不支持“{flavour}”，可选：{all}。",
                package = asked.package.name,
                flavour = quoted(flavour),
                all = asked.package.flavours.join(", ")
            ),
        );
    }
}

fn is_word(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
}
