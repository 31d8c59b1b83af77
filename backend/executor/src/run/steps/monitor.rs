//! Registration with Prometheus: a file a group, in a folder that it reads (`file_sd_configs`).

use super::Trouble;
use crate::run::machines::Machines;
use dbdesk_commands::lang::{Said, said};
use serde_json::json;
use std::{collections::BTreeMap, io, path::PathBuf};

fn file(machines: &Machines, group: &str) -> Result<PathBuf, Trouble> {
    let folder = machines.file_sd_dir.as_ref().ok_or_else(|| {
        Trouble::stays(Said::fixed(
            "this machine does not know where monitoring reads; `[cluster] file_sd_dir` names the folder",
            "这台机器不知道监控读取的目录；请在 `[cluster] file_sd_dir` 中配置",
        ))
    })?;
    Ok(folder.join(format!("dbdesk-{group}.json")))
}

/// Has these servers looked at.
pub(super) fn look(
    machines: &Machines,
    group: &str,
    labels: &BTreeMap<String, String>,
    targets: &[String],
) -> Result<(), Trouble> {
    let file = file(machines, group)?;
    let text =
        serde_json::to_vec_pretty(&json!([{ "targets": targets, "labels": labels }])).unwrap_or_default();
    // Prometheus sees the old one or the new one.
    let new = file.with_extension("new");
    std::fs::write(&new, text)
        .and_then(|()| std::fs::rename(&new, &file))
        .map_err(|error| failed(&file, &error))
}

/// Has a group looked at no more.
pub(super) fn look_no_more(machines: &Machines, group: &str) -> Result<(), Trouble> {
    let file = file(machines, group)?;
    match std::fs::remove_file(&file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&file, &error)),
        _ => Ok(()),
    }
}

fn failed(file: &std::path::Path, error: &io::Error) -> Trouble {
    let file = file.display();
    Trouble::stays(said!("{file} can not be written: {error}", "无法写入 {file}：{error}"))
}
