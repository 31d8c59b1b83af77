//! Which programs a flavour has on a host: those in `{host.folder}/programs/{flavour}`, a folder or a link to one, else those on the path.

use super::{InstanceError, Place};
use crate::host::Command;
use dbdesk_commands::lang::said;
use dbdesk_review::{Family, Flavour};

/// What our script says of a program that is not there.
const GONE: i32 = 44;

const FIND: &str = r#"base=''
if [ -e "$1" ]; then
  base=$(readlink -f -- "$1") || exit 1
  server=''
  for folder in sbin bin libexec; do [ -x "$base/$folder/$2" ] && server="$base/$folder/$2"; done
  for folder in lib/mysql/plugin lib/plugin lib64/mysql/plugin; do
    [ -d "$base/$folder" ] && echo "plugins $base/$folder" && break
  done
  [ -d "$base/share/mysql/charsets" ] && echo "share $base/share/mysql"
else server=$(command -v -- "$2"); fi
[ -n "$server" ] || exit 44
echo "base $base"
echo "server $server"
echo "version $("$server" --no-defaults --version)""#;

/// Where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    pub(super) flavour: Flavour,
    /// Empty: they are on the path.
    base: String,
    pub(super) server: String,
    plugins: Option<String>,
    share: Option<String>,
    /// `10.11.19-MariaDB-0+deb12u1`
    pub(super) version: String,
}

/// What an inventory's flavour means here.
pub(super) fn flavour(name: &str) -> Result<Flavour, InstanceError> {
    let flavour = Flavour::of_name(name);
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let known = |flavour: &Flavour| match flavour.family {
        Family::MariaDb => flavour.at_least(10, 5),
        Family::MySql => flavour.at_least(8, 0),
    };
    flavour.filter(|flavour| plain && known(flavour)).ok_or_else(|| {
        InstanceError::Unusable(said!(
            "no servers of the flavour “{name}” can be made: MariaDB from 10.5 and MySQL from 8.0 can",
            "无法创建类型为“{name}”的实例：只支持 MariaDB 10.5 及以上、MySQL 8.0 及以上"
        ))
    })
}

/// Finds them.
///
/// # Errors
/// The server is not there, or of another version than the flavour.
pub(super) async fn programs(place: &Place<'_>, name: &str) -> Result<Programs, InstanceError> {
    let flavour = flavour(name)?;
    let server = if flavour.is_mariadb() { "mariadbd" } else { "mysqld" };
    let folder = format!("{}/programs/{name}", place.parent());
    let find = Command::script(FIND, [folder, server.to_owned()]);
    let done = place.ran(&find).await?;
    match done.code {
        0 => {}
        GONE => return Err(InstanceError::NoProgram(server.to_owned())),
        _ => return Err(place.failed(crate::host::HostError::failed(&find, &done))),
    }
    let text = done.text();
    let said = |word: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
        line.filter(|rest| !rest.is_empty()).map(ToOwned::to_owned)
    };
    let line = said("version").unwrap_or_default();
    let version =
        version_of(&line).ok_or_else(|| InstanceError::Nonsense(line.chars().take(80).collect()))?;
    if Flavour::of_version(&version) != Some(flavour) {
        let (program, wanted) = (server.to_owned(), name.to_owned());
        return Err(InstanceError::WrongVersion { program, found: version, wanted });
    }
    Ok(Programs {
        flavour,
        base: said("base").unwrap_or_default(),
        server: said("server").unwrap_or_default(),
        plugins: said("plugins"),
        share: said("share"),
        version,
    })
}

/// `…/mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu …`
fn version_of(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("Ver ")?;
    rest.split_whitespace().next().map(ToOwned::to_owned)
}

impl Programs {
    /// One of the programs beside the server, by its name in each family.
    pub(super) fn of(&self, mariadb: &str, mysql: &str) -> String {
        let name = if self.flavour.is_mariadb() { mariadb } else { mysql };
        if self.base.is_empty() { name.to_owned() } else { format!("{}/bin/{name}", self.base) }
    }

    /// `mariadb-install-db`, which some have in `scripts/`.
    pub(super) fn installs(&self) -> String {
        self.of("mariadb-install-db", "mysqld")
    }

    /// Options of a server that is not where it was built for.
    pub(super) fn options(&self) -> Vec<(&'static str, String)> {
        let base = Some(self.base.clone()).filter(|base| !base.is_empty());
        let share = self.share.clone();
        let charsets = share.as_ref().map(|share| format!("{share}/charsets"));
        let all = [
            ("basedir", base),
            ("plugin-dir", self.plugins.clone()),
            ("lc-messages-dir", share),
            ("character-sets-dir", charsets),
        ];
        all.into_iter().filter_map(|(name, path)| Some((name, path?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_its_version() {
        let line =
            "/usr/sbin/mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)";
        assert_eq!(version_of(line).as_deref(), Some("10.11.19-MariaDB-0+deb12u1"));
        assert_eq!(version_of("mysqld  Ver 9.7.4-2 for Linux").as_deref(), Some("9.7.4-2"));
        assert_eq!(version_of("sh: not found"), None);
        assert!(flavour("mysql-5.7").is_err() && flavour("../etc").is_err());
    }
}
