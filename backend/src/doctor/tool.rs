//! Programs that the desk calls, with their versions. None is needed to run plain SQL.

use super::{Check, LIMIT};
use dbdesk_commands::lang::said;
use tokio::process::Command;

const TOOLS: [(&str, &[&str], &str); 2] =
    [("pt-online-schema-change", &["--version"], "percona-toolkit"), ("haproxy", &["-v"], "haproxy")];

pub(super) async fn check() -> Vec<Check> {
    let mut checks = Vec::new();
    for (tool, arguments, package) in TOOLS {
        let asked = Command::new(tool).args(arguments).kill_on_drop(true).output();
        checks.push(match tokio::time::timeout(LIMIT, asked).await {
            Ok(Ok(output)) if output.status.success() => {
                let version = String::from_utf8_lossy(&output.stdout);
                let version = version.lines().next().unwrap_or_default().trim().to_owned();
                Check::ok(tool, said!("{version}", "{version}"))
            }
            _ => Check::warning(
                tool,
                said!("it is not there or does not start", "没有安装，或者无法启动"),
                said!("apt-get install {package}", "apt-get install {package}"),
            ),
        });
    }
    checks
}
