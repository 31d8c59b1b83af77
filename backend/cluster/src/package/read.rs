//! From TOML to a package. Everything that is wrong is collected, so that it is mended in one go.

use super::{
    Bound, Count, EXTENSION, FILE_BYTES, Fault, PARAMETERS, PROXIES, Package, Parameter, Proxies, REPLICAS,
    TEXT_CHARS, TITLE_CHARS, VALUE_CHARS, is_name,
};
use dbdesk_cmdb::FailoverPolicy;
use dbdesk_commands::lang::{Said, said};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the desk writes itself: an option with this name, or one that begins so, is no parameter.
const OWN: [&str; 23] = [
    "port",
    "socket",
    "datadir",
    "basedir",
    "tmpdir",
    "user",
    "pid_file",
    "log_error",
    "log_bin",
    "binlog_format",
    "server_id",
    "bind_address",
    "read_only",
    "super_read_only",
    "skip_",
    "init_",
    "gtid_",
    "enforce_gtid_consistency",
    "log_slave_updates",
    "log_replica_updates",
    "rpl_semi_sync_",
    "innodb_buffer_pool_size",
    "plugin_",
];
/// Families of servers that can be built.
const FAMILIES: [&str; 2] = ["mariadb-", "mysql-"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: Texts,
    text: Option<Texts>,
    layers: Vec<Layer>,
    flavours: Vec<String>,
    semi_sync: bool,
    failover: FailoverPolicy,
    apart: bool,
    ttl_s: Option<u32>,
    buffer_pool: Pool,
    replicas: Counted,
    proxies: Option<InFront>,
    #[serde(default)]
    parameter: BTreeMap<String, Given>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    en: String,
    #[serde(rename = "zh-CN")]
    zh: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Layer {
    Dns,
    Vip,
    Proxy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pool {
    share_percent: u8,
    least_mb: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    least: u16,
    most: u16,
    usual: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InFront {
    least: u16,
    most: u16,
    usual: u16,
    write_port: u16,
    read_port: Option<u16>,
    patience_s: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    usual: Option<toml::Value>,
    least: Option<i64>,
    most: Option<i64>,
    choices: Option<Vec<String>>,
}

/// What was found, with its places.
struct Faults {
    file: String,
    all: Vec<Fault>,
}

impl Faults {
    fn add(&mut self, key: impl Into<String>, said: Said) {
        self.all.push(Fault { file: self.file.clone(), key: Some(key.into()), said });
    }

    fn unless(&mut self, fits: bool, key: &str, said: impl FnOnce() -> Said) {
        if !fits {
            self.add(key, said());
        }
    }
}

pub(super) fn package(name: &str, text: &str) -> Result<Package, Vec<Fault>> {
    let file_name = format!("{name}.{EXTENSION}");
    let whole = |said| vec![Fault { file: file_name.clone(), key: None, said }];
    if text.len() > FILE_BYTES {
        return Err(whole(said!(
            "it has more than {FILE_BYTES} bytes: a package is short",
            "超过 {FILE_BYTES} 字节：套餐文件应当简短"
        )));
    }
    let file: File = toml::from_str(text).map_err(|error| {
        let why = error.to_string();
        let why = why.trim_end();
        whole(said!(
            "it is not as a package is written; `packages/README.md` has all keys:\n{why}",
            "格式不正确，全部键见 `packages/README.md`：\n{why}"
        ))
    })?;
    let mut faults = Faults { file: file_name.clone(), all: Vec::new() };
    named(&file.name, name, &mut faults);
    let layers = layers(&file.layers, &mut faults);
    let package = Package {
        title: texts(file.title, TITLE_CHARS, "title", &mut faults),
        text: file.text.map(|text| texts(text, TEXT_CHARS, "text", &mut faults)),
        has_dns: layers.contains(&Layer::Dns),
        has_vip: layers.contains(&Layer::Vip),
        proxies: proxies(file.proxies, layers.contains(&Layer::Proxy), &mut faults),
        flavours: flavours(file.flavours, &mut faults),
        semi_sync: file.semi_sync,
        failover: file.failover,
        apart: file.apart,
        ttl_s: ttl(file.ttl_s, layers.contains(&Layer::Dns), &mut faults),
        share_percent: file.buffer_pool.share_percent,
        least_pool_mb: file.buffer_pool.least_mb,
        replicas: replicas(&file.replicas, &mut faults),
        parameters: parameters(file.parameter, &mut faults),
        name: file.name,
    };
    pool(&package, &mut faults);
    alone(&package, &mut faults);
    if faults.all.is_empty() { Ok(package) } else { Err(faults.all) }
}

fn named(name: &str, of_file: &str, faults: &mut Faults) {
    faults.unless(is_name(name), "name", || {
        Said::fixed(
            "a name has lower case letters, digits and `-`, and begins with a letter, such as `a`",
            "名称只含小写字母、数字和 `-`，并以字母开头，例如 `a`",
        )
    });
    faults.unless(name == of_file, "name", || {
        said!(
            "it is that of the file, `{of_file}`: rename one of the two",
            "必须与文件名 `{of_file}` 一致：请改其中一个"
        )
    });
}

fn texts(Texts { en, zh }: Texts, most: usize, key: &str, faults: &mut Faults) -> Said {
    for (lang, text) in [("en", &en), ("zh-CN", &zh)] {
        let chars = text.trim().chars().count();
        let is_one_line = !text.trim().contains(char::is_control);
        faults.unless((1..=most).contains(&chars) && is_one_line, &format!("{key}.{lang}"), || {
            said!(
                "it is one line of 1 to {most} characters, and has {chars}",
                "应为一行 1 到 {most} 个字符，现在是 {chars} 个"
            )
        });
    }
    Said { en: en.trim().to_owned().into(), zh: zh.trim().to_owned().into() }
}

fn layers(given: &[Layer], faults: &mut Faults) -> BTreeSet<Layer> {
    let layers: BTreeSet<Layer> = given.iter().copied().collect();
    faults.unless(layers.len() == given.len(), "layers", || {
        Said::fixed("a layer stands there twice: take one out", "有一层写了两次：请去掉一个")
    });
    faults.unless(!layers.contains(&Layer::Vip) || layers.contains(&Layer::Proxy), "layers", || {
        Said::fixed(
            "a virtual IP moves between proxies: add \"proxy\", or take \"vip\" out",
            "虚拟 IP 在代理之间移动：请加上 \"proxy\"，或去掉 \"vip\"",
        )
    });
    layers
}

fn flavours(flavours: Vec<String>, faults: &mut Faults) -> Vec<String> {
    let fits = |flavour: &String| {
        let number =
            FAMILIES.iter().find_map(|family| flavour.strip_prefix(family)).and_then(|it| it.split_once('.'));
        let digits =
            |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        number.is_some_and(|(major, minor)| digits(major) && digits(minor))
    };
    faults.unless(!flavours.is_empty() && flavours.iter().all(fits), "flavours", || {
        Said::fixed(
            "name those that can be built, each with the first two numbers of its version, such as \"mariadb-10.11\" or \"mysql-8.4\"; the usual one \
             first",
            "请写可以搭建的版本，每个带前两位版本号，例如 \"mariadb-10.11\"、\"mysql-8.4\"；默认的写在最前",
        )
    });
    flavours
}

fn ttl(ttl_s: Option<u32>, has_dns: bool, faults: &mut Faults) -> u32 {
    match (ttl_s, has_dns) {
        (Some(ttl_s), true) if (1..=86_400).contains(&ttl_s) => ttl_s,
        (None, false) => 0,
        (_, true) => {
            faults.add(
                "ttl_s",
                Said::fixed(
                    "with the layer \"dns\" it is 1 to 86400 seconds; 5 lets a switch be felt soon",
                    "有 \"dns\" 层时应为 1 到 86400 秒；写 5 可以让切换很快生效",
                ),
            );
            0
        }
        (Some(_), false) => {
            faults.add(
                "ttl_s",
                Said::fixed(
                    "it is for names: add \"dns\" to `layers`, or take it out",
                    "只用于域名：请在 `layers` 里加上 \"dns\"，或去掉它",
                ),
            );
            0
        }
    }
}

fn count(of: Count, (least, most): (u16, u16), key: &str, faults: &mut Faults) -> Count {
    let fits = least <= of.least && of.least <= of.usual && of.usual <= of.most && of.most <= most;
    faults.unless(fits, key, || {
        said!(
            "`least` is not above `usual`, `usual` not above `most`, all of them from {least} to {most}",
            "`least` 不大于 `usual`，`usual` 不大于 `most`，并且都在 {least} 到 {most} 之间"
        )
    });
    of
}

fn replicas(given: &Counted, faults: &mut Faults) -> Count {
    let Counted { least, most, usual } = *given;
    count(Count { least, most, usual }, (0, REPLICAS), "replicas", faults)
}

fn proxies(given: Option<InFront>, has_proxy: bool, faults: &mut Faults) -> Option<Proxies> {
    faults.unless(given.is_some() == has_proxy, "proxies", || {
        Said::fixed(
            "the section belongs to the layer \"proxy\": have both or none",
            "该段与 \"proxy\" 层对应：要么都写，要么都不写",
        )
    });
    let InFront { least, most, usual, write_port, read_port, patience_s } = given?;
    let ports = write_port > 0 && read_port != Some(0) && read_port != Some(write_port);
    faults.unless(ports, "proxies.write_port", || {
        Said::fixed(
            "`write_port` and `read_port` are two ports from 1 to 65535",
            "`write_port` 和 `read_port` 应为两个不同的端口（1 到 65535）",
        )
    });
    faults.unless((1..=300).contains(&patience_s), "proxies.patience_s", || {
        Said::fixed("it is 1 to 300 seconds", "应为 1 到 300 秒")
    });
    let count = count(Count { least, most, usual }, (1, PROXIES), "proxies", faults);
    Some(Proxies { count, write_port, read_port, patience_s })
}

fn pool(package: &Package, faults: &mut Faults) {
    faults.unless((1..=95).contains(&package.share_percent), "buffer_pool.share_percent", || {
        Said::fixed(
            "it is 1 to 95: the rest is for connections and the system",
            "应为 1 到 95：其余留给连接和操作系统",
        )
    });
    faults.unless((8..=1_048_576).contains(&package.least_pool_mb), "buffer_pool.least_mb", || {
        Said::fixed("it is 8 to 1048576 MB", "应为 8 到 1048576 MB")
    });
}

/// What needs a replica.
fn alone(package: &Package, faults: &mut Faults) {
    let is_alone = package.replicas.least == 0;
    faults.unless(!(is_alone && package.semi_sync), "semi_sync", || {
        Said::fixed(
            "a primary without replicas would wait for nobody: have `replicas.least` be 1, or this be false",
            "没有从库就无从等待：请把 `replicas.least` 设为 1，或把它设为 false",
        )
    });
    faults.unless(!(is_alone && package.failover != FailoverPolicy::Observe), "failover", || {
        Said::fixed(
            "without replicas nothing can take the primary's place: have `replicas.least` be 1, or this be \"observe\"",
            "没有从库就无法接替主库：请把 `replicas.least` 设为 1，或把它设为 \"observe\"",
        )
    });
}

fn parameters(given: BTreeMap<String, Given>, faults: &mut Faults) -> BTreeMap<String, Parameter> {
    faults.unless(given.len() <= PARAMETERS, "parameter", || {
        said!("{PARAMETERS} parameters are the most", "参数最多 {PARAMETERS} 个")
    });
    given
        .into_iter()
        .filter_map(|(name, given)| {
            let key = format!("parameter.{name}");
            faults.unless(is_option(&name), &key, || {
                Said::fixed(
                    "an option is written in lower case with `_`, such as `max_connections`",
                    "参数名用小写字母和 `_`，例如 `max_connections`",
                )
            });
            faults.unless(!is_own(&name), &key, || {
                Said::fixed(
                    "the desk writes this option itself: take it out",
                    "该参数由工单台自行写入：请去掉",
                )
            });
            Some((name, parameter(given, &key, faults)?))
        })
        .collect()
}

fn is_option(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=64).contains(&name.len())
        && name.bytes().all(allowed)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
}

fn is_own(name: &str) -> bool {
    OWN.iter().any(|own| if own.ends_with('_') { name.starts_with(own) } else { name == *own })
}

fn parameter(given: Given, key: &str, faults: &mut Faults) -> Option<Parameter> {
    let bound = match (given.least, given.most, given.choices) {
        (Some(least), Some(most), None) if least <= most => Bound::Integer { least, most },
        (None, None, Some(choices))
            if (1..=25).contains(&choices.len()) && choices.iter().all(|choice| is_value(choice)) =>
        {
            Bound::Choice(choices)
        }
        _ => {
            faults.add(
                key,
                Said::fixed(
                    "it has `least` and `most`, the smaller first, or 1 to 25 `choices`, each a word",
                    "需要 `least` 和 `most`（小的在前），或 1 到 25 个 `choices`（每个是一个词）",
                ),
            );
            return None;
        }
    };
    let usual = given.usual.map(|usual| match usual {
        toml::Value::String(text) => text,
        other => other.to_string(),
    });
    if let Some(Err(said)) = usual.as_deref().map(|usual| bound.takes(usual)) {
        let Said { en, zh } = said;
        faults.add(format!("{key}.usual"), said!("it is {en}", "应为{zh}"));
    }
    Some(Parameter { usual, bound })
}

/// What can stand in a server's configuration without meaning anything else there.
fn is_value(text: &str) -> bool {
    (1..=VALUE_CHARS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.,:/".contains(&byte))
}
