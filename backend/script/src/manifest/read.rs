//! From TOML to a manifest. Everything that is wrong is collected, so that it is mended in one go.

use super::{
    Approvals, FILE, Fault, MANIFEST_BYTES, MOST_AT_ONCE, MOST_MEMORY_MB, MOST_TIME_S, Manifest, NAME_CHARS,
    PARAMETERS, Secrets, TEXT_CHARS, TITLE_CHARS, Targets, Who, is_name,
};
use crate::{
    length,
    parameter::{KINDS, Kind, Parameter, Pattern, VALUE_CHARS},
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::{person::Role, ticket::Risk},
};
use serde::Deserialize;
use std::{collections::BTreeSet, num::NonZeroU8};

/// Text where nothing else is said.
const TEXT: usize = 200;
/// Most choices.
const CHOICES: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: Texts,
    text: Option<Texts>,
    run: Option<String>,
    who: Vec<String>,
    #[serde(default)]
    approvals: Wanted,
    risk: Option<Risk>,
    time_limit: String,
    memory_mb: Option<u32>,
    secrets: Secrets,
    #[serde(default)]
    concurrency: Concurrency,
    #[serde(default)]
    targets: Places,
    #[serde(default, rename = "parameter")]
    parameters: Vec<Given>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    en: String,
    #[serde(rename = "zh-CN")]
    zh: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Wanted {
    Word(String),
    Step(Step),
}

impl Default for Wanted {
    fn default() -> Self {
        Self::Word("policy".to_owned())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    from: String,
    needs: NonZeroU8,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Concurrency {
    at_once: u32,
    per_group: u32,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self { at_once: 4, per_group: 1 }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Places {
    environments: Vec<String>,
    groups: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    name: String,
    text: Texts,
    kind: String,
    #[serde(default)]
    required: bool,
    default: Option<toml::Value>,
    least: Option<toml::Value>,
    most: Option<toml::Value>,
    most_chars: Option<usize>,
    pattern: Option<String>,
    choices: Option<Vec<String>>,
}

/// What was found, with its places.
struct Faults<'a> {
    folder: &'a str,
    all: Vec<Fault>,
}

impl Faults<'_> {
    fn add(&mut self, key: impl Into<String>, said: Said) {
        let file = format!("{}/{FILE}", self.folder);
        self.all.push(Fault { file, key: Some(key.into()), said });
    }

    fn unless(&mut self, fits: bool, key: &str, said: impl FnOnce() -> Said) {
        if !fits {
            self.add(key, said());
        }
    }
}

pub(super) fn manifest(folder: &str, text: &str) -> Result<Manifest, Vec<Fault>> {
    let whole = |said| vec![Fault { file: format!("{folder}/{FILE}"), key: None, said }];
    if text.len() > MANIFEST_BYTES {
        return Err(whole(said!(
            "it has more than {MANIFEST_BYTES} bytes: a manifest is short",
            "超过 {MANIFEST_BYTES} 字节：清单应当简短"
        )));
    }
    let file: File = toml::from_str(text).map_err(|error| {
        let why = error.to_string();
        let why = why.trim_end();
        whole(said!(
            "it is not as a manifest is written; `scripts/README.md` has all keys:\n{why}",
            "格式不正确，全部键见 `scripts/README.md`：\n{why}"
        ))
    })?;
    let mut faults = Faults { folder, all: Vec::new() };
    concurrency(&file.concurrency, &mut faults);
    let manifest = Manifest {
        name: name(file.name, folder, &mut faults),
        title: texts(file.title, TITLE_CHARS, "title", &mut faults),
        text: file.text.map(|text| texts(text, TEXT_CHARS, "text", &mut faults)),
        run: program(file.run, &mut faults),
        who: who(&file.who, &mut faults),
        approvals: approvals(file.approvals, &mut faults),
        risk: file.risk.unwrap_or(Risk::Medium),
        time_limit_s: time_limit(&file.time_limit, &mut faults),
        memory_mb: memory(file.memory_mb, &mut faults),
        secrets: file.secrets,
        at_once: file.concurrency.at_once,
        per_group: file.concurrency.per_group,
        targets: Targets { environments: file.targets.environments, groups: file.targets.groups },
        parameters: parameters(file.parameters, &mut faults),
    };
    faults.unless(manifest.approvals != Approvals::Nobody || manifest.risk == Risk::Low, "approvals", || {
        Said::fixed(
            "\"nobody\" is for what hurts nobody: write `risk = \"low\"` as well, or leave `approvals` out",
            "\"nobody\" 只用于无风险的脚本：请同时写 `risk = \"low\"`，或去掉 `approvals`",
        )
    });
    if faults.all.is_empty() { Ok(manifest) } else { Err(faults.all) }
}

fn name(name: String, folder: &str, faults: &mut Faults<'_>) -> String {
    faults.unless(is_name(&name), "name", || {
        said!(
            "a name has at most {NAME_CHARS} lower case letters, digits and `-`, and begins with a letter, such as `table-sizes`",
            "名称最多 {NAME_CHARS} 个字符，只含小写字母、数字和 `-`，并以字母开头，例如 `table-sizes`"
        )
    });
    faults.unless(name == folder, "name", || {
        said!(
            "it is that of the folder, `{folder}`: rename one of the two",
            "必须与文件夹名 `{folder}` 一致：请改其中一个"
        )
    });
    name
}

fn texts(Texts { en, zh }: Texts, most: usize, key: &str, faults: &mut Faults<'_>) -> Said {
    for (lang, text) in [("en", &en), ("zh-CN", &zh)] {
        let chars = text.trim().chars().count();
        faults.unless((1..=most).contains(&chars), &format!("{key}.{lang}"), || {
            said!("it has 1 to {most} characters, not {chars}", "应为 1 到 {most} 个字符，现在是 {chars} 个")
        });
    }
    Said { en: en.trim().to_owned().into(), zh: zh.trim().to_owned().into() }
}

fn program(run: Option<String>, faults: &mut Faults<'_>) -> String {
    let run = run.unwrap_or_else(|| "run".to_owned());
    let fits = !run.is_empty()
        && !run.starts_with('.')
        && run != FILE
        && !run.contains(['/', '\0'])
        && run.len() <= 100;
    faults.unless(fits, "run", || {
        Said::fixed(
            "it is the name of a file beside the manifest, such as `run.sh`, without a path",
            "应为清单旁边的文件名，例如 `run.sh`，不带路径",
        )
    });
    run
}

fn who(words: &[String], faults: &mut Faults<'_>) -> Vec<Who> {
    faults.unless(!words.is_empty(), "who", || {
        Said::fixed(
            "it is empty, so that nobody could run it: name roles (developer, dba, admin) or groups of [policy.approvers]",
            "为空，没有人能运行：请写角色（developer、dba、admin）或 [policy.approvers] 里的组",
        )
    });
    let role = |word: &str| match word {
        "developer" => Some(Role::Developer),
        "dba" => Some(Role::Dba),
        "admin" => Some(Role::Admin),
        _ => None,
    };
    words.iter().map(|word| role(word).map_or_else(|| Who::Group(word.clone()), Who::Role)).collect()
}

fn approvals(wanted: Wanted, faults: &mut Faults<'_>) -> Approvals {
    match wanted {
        Wanted::Word(word) if word == "policy" => Approvals::Policy,
        Wanted::Word(word) if word == "nobody" => Approvals::Nobody,
        Wanted::Word(_) => {
            faults.add(
                "approvals",
                Said::fixed(
                    "it is \"policy\", \"nobody\", or such as { from = \"dba\", needs = 2 }",
                    "应为 \"policy\"、\"nobody\"，或 { from = \"dba\", needs = 2 } 这样的写法",
                ),
            );
            Approvals::Policy
        }
        Wanted::Step(Step { from, needs }) => Approvals::Step { from, needs },
    }
}

fn time_limit(text: &str, faults: &mut Faults<'_>) -> u64 {
    match length::seconds(text) {
        Ok(seconds) if (1..=MOST_TIME_S).contains(&seconds) => return seconds,
        Ok(_) => faults.add("time_limit", Said::fixed("it is from 1s to 24h", "应为 1s 到 24h")),
        Err(said) => faults.add("time_limit", said),
    }
    1
}

fn memory(memory_mb: Option<u32>, faults: &mut Faults<'_>) -> u32 {
    let memory_mb = memory_mb.unwrap_or(1_024);
    faults.unless((16..=MOST_MEMORY_MB).contains(&memory_mb), "memory_mb", || {
        said!("it is from 16 to {MOST_MEMORY_MB}", "应为 16 到 {MOST_MEMORY_MB}")
    });
    memory_mb
}

fn concurrency(concurrency: &Concurrency, faults: &mut Faults<'_>) {
    let Concurrency { at_once, per_group } = *concurrency;
    for (key, count) in [("concurrency.at_once", at_once), ("concurrency.per_group", per_group)] {
        faults.unless((1..=MOST_AT_ONCE).contains(&count), key, || {
            said!("it is from 1 to {MOST_AT_ONCE}", "应为 1 到 {MOST_AT_ONCE}")
        });
    }
}

fn parameters(given: Vec<Given>, faults: &mut Faults<'_>) -> Vec<Parameter> {
    faults.unless(given.len() <= PARAMETERS, "parameter", || {
        said!("{PARAMETERS} parameters are the most", "参数最多 {PARAMETERS} 个")
    });
    let mut seen = BTreeSet::new();
    given
        .into_iter()
        .map(|given| {
            let fits = !is_parameter(&given.name) || !seen.insert(given.name.clone());
            faults.unless(!fits, "parameter.name", || {
                said!(
                    "`{name}`: a parameter has a name of its own, of lower case letters, digits and `_`, such as `most_rows`",
                    "`{name}`：参数名不能重复，只含小写字母、数字和 `_`，例如 `most_rows`",
                    name = given.name
                )
            });
            parameter(given, faults)
        })
        .collect()
}

fn is_parameter(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=NAME_CHARS).contains(&name.len())
        && name.bytes().all(allowed)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
}

fn parameter(given: Given, faults: &mut Faults<'_>) -> Parameter {
    let key = format!("parameter.{}", given.name);
    let kind = kind(&given, &key, faults);
    let text = texts(given.text, TITLE_CHARS, &format!("{key}.text"), faults);
    faults.unless(!(given.required && given.default.is_some()), &format!("{key}.default"), || {
        Said::fixed(
            "what must be given has no default: leave out one of the two",
            "必填参数不能有默认值：请去掉其中一个",
        )
    });
    let mut parameter = Parameter { name: given.name, text, kind, required: given.required, default: None };
    if let Some(default) = given.default {
        match parameter.value(&plain(&default)) {
            Ok(value) => parameter.default = Some(value),
            Err(said) => faults.add(format!("{key}.default"), said),
        }
    }
    parameter
}

fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn kind(given: &Given, key: &str, faults: &mut Faults<'_>) -> Kind {
    let kind = match given.kind.as_str() {
        "text" => text_kind(given, key, faults),
        "integer" => {
            let (least, most) = (bound(given.least.as_ref()), bound(given.most.as_ref()));
            let number = |text: Option<String>, or: i64| text.map_or(Some(or), |text| text.parse().ok());
            match (number(least, 0), number(most, i64::from(i32::MAX))) {
                (Some(least), Some(most)) if least <= most => Kind::Integer { least, most },
                _ => {
                    faults.add(format!("{key}.least"), no_range());
                    Kind::Boolean
                }
            }
        }
        "duration" => {
            let seconds = |given: Option<&toml::Value>, or: u64| {
                bound(given).map_or(Some(or), |text| length::seconds(&text).ok())
            };
            match (seconds(given.least.as_ref(), 0), seconds(given.most.as_ref(), length::MOST_S)) {
                (Some(least_s), Some(most_s)) if least_s <= most_s => Kind::Duration { least_s, most_s },
                _ => {
                    faults.add(format!("{key}.least"), no_range());
                    Kind::Boolean
                }
            }
        }
        "choice" => {
            let choices = given.choices.clone().unwrap_or_default();
            let fits = |choice: &String| {
                (1..=TITLE_CHARS).contains(&choice.chars().count())
                    && !choice.chars().any(|letter| letter.is_control() || letter.is_whitespace())
            };
            let good = (1..=CHOICES).contains(&choices.len()) && choices.iter().all(fits);
            faults.unless(good, &format!("{key}.choices"), || {
                said!(
                    "a choice has 1 to {CHOICES} `choices`, each a word without blanks",
                    "choice 需要 1 到 {CHOICES} 个 `choices`，每个都不含空格"
                )
            });
            Kind::Choice(choices)
        }
        "boolean" => Kind::Boolean,
        "group" => Kind::Group,
        "database" => Kind::Database,
        "table" => Kind::Table,
        "instance" => Kind::Instance,
        "host" => Kind::Host,
        "account" => Kind::Account,
        other => {
            let all = KINDS.join(", ");
            faults.add(
                format!("{key}.kind"),
                said!("`{other}` is no kind: it is one of {all}", "没有 `{other}` 这种类型，可用：{all}"),
            );
            Kind::Boolean
        }
    };
    beside(given, key, faults);
    kind
}

/// What does not belong to its kind would be taken for a bound that is not there.
fn beside(given: &Given, key: &str, faults: &mut Faults<'_>) {
    let ranged = matches!(given.kind.as_str(), "integer" | "duration");
    for (word, is_there, fits) in [
        ("least", given.least.is_some(), ranged),
        ("most", given.most.is_some(), ranged),
        ("most_chars", given.most_chars.is_some(), given.kind == "text"),
        ("pattern", given.pattern.is_some(), given.kind == "text"),
        ("choices", given.choices.is_some(), given.kind == "choice"),
    ] {
        faults.unless(!is_there || fits, &format!("{key}.{word}"), || {
            said!("`{kind}` has none: take it out", "`{kind}` 没有这个键：请去掉", kind = given.kind)
        });
    }
}

fn text_kind(given: &Given, key: &str, faults: &mut Faults<'_>) -> Kind {
    let most_chars = given.most_chars.unwrap_or(TEXT);
    faults.unless((1..=VALUE_CHARS).contains(&most_chars), &format!("{key}.most_chars"), || {
        said!("it is from 1 to {VALUE_CHARS}", "应为 1 到 {VALUE_CHARS}")
    });
    let pattern = given.pattern.as_deref().map(Pattern::parse).transpose().unwrap_or_else(|why| {
        faults.add(
            format!("{key}.pattern"),
            said!("it is no regular expression: {why}", "不是正则表达式：{why}"),
        );
        None
    });
    Kind::Text { most_chars, pattern }
}

fn bound(given: Option<&toml::Value>) -> Option<String> {
    given.map(plain)
}

fn no_range() -> Said {
    Said::fixed(
        "`least` and `most` are a range of this kind, the smaller first",
        "`least` 和 `most` 应是该类型的范围，小的在前",
    )
}
