//! The machines on which instances and proxies live, and how the desk reaches them.

use crate::{front::is_host, label};
use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest name of a host in the inventory.
pub const HOST_NAME_CHARS: usize = 64;

/// How programs are run on a host.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reach {
    /// It is the machine on which the task runs.
    #[default]
    Here,
    /// A network namespace of that machine.
    Namespace {
        /// Its name.
        namespace: String,
    },
    /// Another machine, by ssh with the desk's key.
    Ssh {
        /// The user there.
        user: String,
        /// The port.
        #[serde(default = "ssh_port")]
        port: u16,
    },
}

fn ssh_port() -> u16 {
    22
}

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// What people call it.
    pub name: String,
    /// Where its servers are reached: an address or a name that resolves everywhere.
    pub address: String,
    /// How programs are run there.
    #[serde(default)]
    pub reach: Reach,
    /// Under this folder instances and proxies live, each in a folder of its own.
    #[serde(default = "usual_folder")]
    pub folder: String,
    /// The user of the operating system that servers run as.
    #[serde(default = "usual_user")]
    pub user: String,
    /// How much memory it has; left out: not known, and not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<u64>,
    /// Where it stands and what it is for, such as `zone-north`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

fn usual_folder() -> String {
    "/srv/dbdesk".to_owned()
}

fn usual_user() -> String {
    "mysql".to_owned()
}

impl Host {
    /// Whether an instance or a proxy with this host is on it.
    #[must_use]
    pub fn is(&self, host: &str) -> bool {
        self.address == host || self.name == host
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// All that is wrong with the hosts of an inventory file.
pub(crate) fn faults(hosts: &[Host]) -> Vec<Said> {
    let mut faults: Vec<Said> = hosts.iter().filter_map(fault).collect();
    let mut names: Vec<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
    names.sort_unstable();
    if let Some([twice, _]) = names.windows(2).find(|pair| matches!(pair, [a, b] if a == b)) {
        faults.push(said!("The host “{twice}” stands there twice.", "主机“{twice}”写了两次。"));
    }
    faults
}

fn fault(host: &Host) -> Option<Said> {
    let name = &host.name;
    let is_word = |text: &str, most: usize| {
        (1..=most).contains(&text.len())
            && !text.starts_with('-')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let is_path = |text: &str| {
        text.len() > 1
            && text.len() <= 200
            && text.starts_with('/')
            && !text.ends_with('/')
            && !text.contains("/../")
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
    };
    let reached = match &host.reach {
        Reach::Here => true,
        Reach::Namespace { namespace } => is_word(namespace, 64),
        Reach::Ssh { user, port } => is_word(user, 32) && *port > 0,
    };
    if !is_word(name, HOST_NAME_CHARS) {
        Some(said!(
            "The host name “{name}” is not usable: at most {HOST_NAME_CHARS} letters, digits, `-`, `_` and `.`.",
            "主机名“{name}”不可用：只能用字母、数字、`-`、`_` 和 `.`，最多 {HOST_NAME_CHARS} 个字符。"
        ))
    } else if !is_host(&host.address) {
        Some(said!(
            "The host “{name}”: “{address}” is not an address or a name of a host.",
            "主机“{name}”：“{address}”不是主机地址或主机名。",
            address = host.address
        ))
    } else if !reached {
        Some(said!(
            "The host “{name}”: how it is reached is not usable; write reach = {{ by = \"here\" }}, {{ by = \"namespace\", namespace = \"…\" }} or \
             {{ by = \"ssh\", user = \"…\" }}.",
            "主机“{name}”：连接方式不可用，请写 reach = {{ by = \"here\" }}、{{ by = \"namespace\", namespace = \"…\" }} 或 \
             {{ by = \"ssh\", user = \"…\" }}。"
        ))
    } else if !is_path(&host.folder) {
        Some(said!(
            "The host “{name}”: its folder “{folder}” is not usable; write a whole path such as \"/srv/dbdesk\".",
            "主机“{name}”：目录“{folder}”不可用，请写完整路径，例如 \"/srv/dbdesk\"。",
            folder = host.folder
        ))
    } else if !is_word(&host.user, 32) {
        Some(said!(
            "The host “{name}”: “{user}” is not a user of the operating system.",
            "主机“{name}”：“{user}”不是操作系统用户。",
            user = host.user
        ))
    } else if host.labels.len() > label::GROUP_LABELS || !host.labels.iter().all(|one| label::is_label(one)) {
        Some(said!(
            "The host “{name}”: its labels are not usable: at most {most}, each of lower case letters, digits, `-` and `_`.",
            "主机“{name}”：标签不可用：最多 {most} 个，每个只能用小写字母、数字、`-` 和 `_`。",
            most = label::GROUP_LABELS
        ))
    } else {
        None
    }
}
