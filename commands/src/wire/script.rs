//! The DBAs' own scripts, as they are listed, and runs of them as they are asked for.

use crate::{id::TaskId, lang::Lang};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Answer of `GET /v1/scripts`: those that the caller may run, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScriptPage {
    /// At most 200.
    pub scripts: Vec<ScriptLine>,
    /// For DBAs and admins: folders that hold no script that can be run, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// A script in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScriptLine {
    /// Its name.
    pub name: String,
    /// What it does, in the caller's language.
    pub title: String,
    /// Its parameters, by name; those that must be given first.
    pub parameters: Vec<String>,
}

/// Answer of `GET /v1/scripts/{name}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScriptView {
    /// Its name.
    pub name: String,
    /// What it does, in the caller's language.
    pub title: String,
    /// More of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Who may file a run: roles, and groups of approvers.
    pub who: Vec<String>,
    /// Who approves one: `policy`, `nobody`, or such as `2 of dba`.
    pub approvals: String,
    /// How much it can hurt: `low`, `medium`, `high`.
    pub risk: String,
    /// It is ended after so long.
    pub time_limit_s: u64,
    /// So many run at once,
    pub at_once: u32,
    /// and so many on one service group.
    pub per_group: u32,
    /// Whether it gets the account of running work on the primary.
    pub has_account: bool,
    /// Only in these environments; empty: in all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
    /// Only on these service groups; empty: on all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_groups: Vec<String>,
    /// What it is told.
    pub parameters: Vec<ParameterView>,
    /// The hash of its files: an approval binds to it.
    pub files: String,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParameterView {
    /// Its name.
    pub name: String,
    /// What it is, in the caller's language.
    pub text: String,
    /// `text`, `integer`, `duration`, `choice`, `boolean`, `group`, `database`, `table`, `instance`, `host` or `account`.
    pub kind: String,
    /// What it takes, as a clause.
    pub takes: String,
    /// It must be given.
    pub required: bool,
    /// What holds where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub default: Option<Value>,
    /// What it is one of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// Body of `POST /v1/scripts/{name}/runs`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScriptRun {
    /// On which service group.
    pub service_group: String,
    /// With what: each is text as it is typed, a number, or `true` and `false`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub parameters: BTreeMap<String, Value>,
    /// Why, for the one who approves.
    pub reason: String,
    /// When it may start; absent: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The language of the card and the thread; default: `Accept-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
}

/// Answer of `GET /v1/tickets/{id}/artifacts`: what scripts have handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArtifactPage {
    /// In the order in which they came.
    pub artifacts: Vec<ArtifactView>,
}

/// A file that a script has handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArtifactView {
    /// By which task.
    pub task: TaskId,
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub media_type: String,
    /// How large it is.
    pub bytes: u64,
    /// Its bytes, base64.
    pub base64: String,
}
