//! The systemd units that we ship keep running tasks alive, and systemd accepts them.

use anyhow::{Context as _, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const UNITS: [&str; 3] = ["dbdesk-bot.service", "dbdesk-control.service", "dbdesk-serve.service"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/systemd")
}

/// All values of a directive.
fn values<'a>(unit: &'a str, directive: &str) -> Vec<&'a str> {
    let lines = unit.lines().filter_map(|line| line.split_once('='));
    lines.filter(|(name, _)| *name == directive).map(|(_, value)| value).collect()
}

#[test]
fn stopping_or_restarting_a_unit_leaves_running_tasks_alone() -> Result<()> {
    for name in UNITS {
        let unit = fs::read_to_string(folder().join(name)).context(name)?;
        assert_eq!(values(&unit, "KillMode"), ["process"], "{name}");
        assert_eq!(values(&unit, "Restart"), ["always"], "{name}");
        assert_eq!(values(&unit, "NoNewPrivileges"), ["yes"], "{name}");
    }
    let control = fs::read_to_string(folder().join("dbdesk-control.service"))?;
    assert_eq!(values(&control, "SendSIGKILL"), ["no"]);
    assert_eq!(values(&control, "StateDirectory"), ["dbdesk"]);
    assert_eq!(values(&control, "ProtectHome"), ["read-only"], "/run/user is where units for tasks are had");
    for ends_with_the_service in ["PrivateTmp", "RuntimeDirectory", "RuntimeMaxSec"] {
        assert!(values(&control, ends_with_the_service).is_empty(), "{ends_with_the_service}");
    }
    Ok(())
}

#[test]
fn systemd_accepts_the_units() -> Result<()> {
    Command::new("systemd-analyze")
        .arg("--version")
        .output()
        .context("systemd-analyze is missing: apt-get install systemd")?;
    let copies = tempfile::tempdir()?;
    for name in UNITS {
        let unit = fs::read_to_string(folder().join(name))?;
        let program =
            values(&unit, "ExecStart").first().and_then(|line| line.split(' ').next()).context(name)?;
        // The programs are not installed here: ours stands for both.
        let unit = unit
            .replace(&format!("ExecStart={program}"), concat!("ExecStart=", env!("CARGO_BIN_EXE_dbdesk")));
        let copy = copies.path().join(name);
        fs::write(&copy, unit)?;
        let said = Command::new("systemd-analyze").arg("verify").arg(&copy).output()?;
        let words = String::from_utf8_lossy(&said.stderr).into_owned();
        ensure!(said.status.success() && !words.contains(name), "{name}: {words}");
    }
    Ok(())
}
