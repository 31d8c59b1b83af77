//! What a ticket asks for: fields, and the text that is made from them.

use crate::{Manifest, Secrets, length, parameter::shown};
use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write as _};

/// What a ticket's request is: beside other kinds of requests it is known by its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// A script is run.
    Script(Run),
}

/// A run of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Which script.
    pub script: String,
    /// What it does, in a line.
    pub title: Said,
    /// The file that is run.
    pub run: String,
    /// The hash of its files when the run was asked for: no other files run.
    pub files: String,
    /// On which service group.
    pub group: String,
    /// In which environment.
    pub environment: String,
    /// With what. Each is text, a number or a truth.
    pub parameters: BTreeMap<String, Value>,
    /// The account that it gets.
    pub secrets: Secrets,
    /// It is ended after so long.
    pub time_limit_s: u64,
    /// Memory of each of its processes.
    pub memory_mb: u32,
}

impl Run {
    /// What people approve, to the byte: the script with the hash of its files, where, with which account, and each parameter. What runs is
    /// made from the same fields.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let account = match self.secrets {
            Secrets::None => "without an account",
            Secrets::Primary => "with the account of running work, on its primary",
        };
        let (limit, memory) = (length::written(self.time_limit_s), self.memory_mb);
        let title = self.title.en.replace(['\n', '\r'], " ");
        let _ = writeln!(text, "-- script {}: {title}", self.script);
        let _ = writeln!(text, "-- on {} ({}), {account}", self.group, self.environment);
        let _ = writeln!(text, "-- {} for at most {limit}, {memory} MB a process", self.run);
        let _ = writeln!(text, "-- files {}", self.files);
        for (name, value) in &self.parameters {
            let _ = writeln!(text, "{name} = {}", shown(value));
        }
        text
    }
}

/// What was given for a script's parameters, read by its manifest. What is left out has its default, where there is one.
///
/// # Errors
/// What is wrong with the first that can not be.
pub fn values(manifest: &Manifest, given: &BTreeMap<String, Value>) -> Result<BTreeMap<String, Value>, Said> {
    if let Some(unknown) = given.keys().find(|name| manifest.parameter(name).is_none()) {
        let all: Vec<&str> = manifest.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let (name, all) = (cut(unknown), all.join(", "));
        return Err(if all.is_empty() {
            said!(
                "`{script}` takes no parameters, so there is no `{name}`",
                "`{script}` 没有参数，因此没有 `{name}`",
                script = manifest.name
            )
        } else {
            said!(
                "`{script}` has no parameter `{name}`. It takes: {all}",
                "`{script}` 没有参数 `{name}`。可用参数：{all}",
                script = manifest.name
            )
        });
    }
    let mut values = BTreeMap::new();
    for parameter in &manifest.parameters {
        let name = &parameter.name;
        let given = given.get(name).filter(|value| **value != Value::String(String::new()));
        let value = match given {
            Some(value) => Some(parameter.value_of(value).map_err(|Said { en, zh }| {
                let shown = cut(&shown(value));
                said!("`{name}` is {shown}: {en}", "`{name}` 为 {shown}：{zh}")
            })?),
            None if parameter.required => {
                let Said { en, zh } = parameter.kind.said();
                let Said { en: what, zh: what_zh } = &parameter.text;
                return Err(said!(
                    "`{name}` is missing ({what}): it takes {en}. Write `{name}=…`",
                    "缺少 `{name}`（{what_zh}）：应为{zh}。请写 `{name}=…`"
                ));
            }
            None => parameter.default.clone(),
        };
        if let Some(value) = value {
            values.insert(name.clone(), value);
        }
    }
    Ok(values)
}

fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(64).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SCRIPT: &str = r#"
name = "kill-queries"
title = { en = "End long queries", "zh-CN" = "结束慢查询" }
who = ["dba"]
time_limit = "5m"
secrets = "primary"
[[parameter]]
name = "like"
text = { en = "Which text they have", "zh-CN" = "语句包含的文本" }
kind = "text"
required = true
[[parameter]]
name = "longer_than"
text = { en = "How long they run", "zh-CN" = "运行时长" }
kind = "duration"
default = "1m"
[[parameter]]
name = "dry"
text = { en = "Only say which", "zh-CN" = "只列出" }
kind = "boolean"
"#;

    fn read(given: Value) -> Result<BTreeMap<String, Value>, Said> {
        let manifest = Manifest::parse("kill-queries", SCRIPT).unwrap();
        values(&manifest, &serde_json::from_value(given).unwrap())
    }

    #[test]
    fn what_is_given_is_read_by_the_manifest_and_refused_by_name() {
        assert_eq!(
            json!(read(json!({ "like": "SELECT %", "dry": "yes" })).unwrap()),
            json!({ "like": "SELECT %", "longer_than": 60, "dry": true })
        );
        let mut told = String::new();
        for given in [
            json!({}),
            json!({ "like": "" }),
            json!({ "like": ["x"] }),
            json!({ "like": "x", "long": "1m" }),
            json!({ "like": "x", "longer_than": "soon" }),
            json!({ "like": "x\u{0}" }),
            json!({ "like": "x", "dry": 7 }),
        ] {
            let Said { en, zh } = read(given.clone()).unwrap_err();
            let _ = writeln!(told, "{given}\n  {en}\n  {zh}");
        }
        insta::assert_snapshot!(told);
    }

    #[test]
    fn what_people_approve_names_script_files_place_and_each_value_and_is_made_again_to_the_byte() {
        let run = Run {
            script: "kill-queries".to_owned(),
            title: Said::fixed("End long queries", "结束慢查询"),
            run: "run".to_owned(),
            files: "ab".repeat(32),
            group: "shop".to_owned(),
            environment: "production".to_owned(),
            parameters: read(json!({ "like": "x\"; DROP TABLE y; --" })).unwrap(),
            secrets: Secrets::Primary,
            time_limit_s: 300,
            memory_mb: 1_024,
        };
        let request = Request::Script(run.clone());
        let again: Request = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
        assert_eq!(again, request);
        insta::assert_snapshot!(run.text());
        let other = Run { files: "ac".repeat(32), ..run.clone() };
        assert_ne!(other.text(), run.text());
    }
}
