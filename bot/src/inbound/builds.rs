//! What can be done with a request for a cluster while it is filled in. A custom id is `build:WHAT:ID` with the draft's opaque id; which page it is on
//! stands in it, since the bot keeps nothing.

use dbdesk_commands::wire::cluster::BuildDraft;

/// What custom ids begin with.
pub const BUILD: &str = "build";
/// Longest id of a draft that is taken for one.
const ID_BYTES: usize = 64;

/// `/cluster build`, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Begin {
    /// The service group's name.
    pub name: String,
    /// Its environment.
    pub environment: String,
    /// Why.
    pub reason: String,
    /// From which package, or nothing.
    pub package: String,
    /// The team, or nothing.
    pub team: String,
    /// The time zone, or nothing.
    pub zone: String,
}

/// Something is done with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The draft's opaque id.
    pub id: String,
    /// What.
    pub step: Step,
}

/// What.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// This page is shown.
    Page(Page),
    /// Something was chosen from a menu.
    Choose(Menu, Vec<String>),
    /// The form of a page is opened.
    Open(Page),
    /// It was filled in: inputs by their ids.
    Fill(Page, Vec<(String, String)>),
    /// It is not wanted any more.
    Cancel,
    /// It is filed.
    File,
}

/// A page of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Page {
    /// Name, environment, reason.
    Identity,
    /// Package.
    Package,
    /// Hosts of the servers.
    Hosts,
    /// Buffer pool and parameters.
    Memory,
    /// Proxies.
    Proxies,
    /// Virtual IP and names.
    Addresses,
    /// First database and account.
    First,
    /// All of it.
    Review,
}

impl Page {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::Package,
        Self::Hosts,
        Self::Memory,
        Self::Proxies,
        Self::Addresses,
        Self::First,
        Self::Review,
    ];

    /// In a custom id.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Package => "package",
            Self::Hosts => "hosts",
            Self::Memory => "memory",
            Self::Proxies => "proxies",
            Self::Addresses => "addresses",
            Self::First => "first",
            Self::Review => "review",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.word() == word)
    }
}

/// A menu of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// Packages.
    Package,
    /// The host of the primary.
    Primary,
    /// The hosts of the replicas.
    Replicas,
    /// The hosts of the proxies.
    Proxies,
}

impl Menu {
    const ALL: [Self; 4] = [Self::Package, Self::Primary, Self::Replicas, Self::Proxies];

    /// In a custom id.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Primary => "primary",
            Self::Replicas => "replicas",
            Self::Proxies => "proxies",
        }
    }

    /// The page that it is on.
    #[must_use]
    pub fn page(self) -> Page {
        match self {
            Self::Package => Page::Package,
            Self::Primary | Self::Replicas => Page::Hosts,
            Self::Proxies => Page::Proxies,
        }
    }

    /// Writes what was chosen into a draft.
    pub fn chosen(self, draft: &mut BuildDraft, values: &[String]) {
        let first = || values.first().cloned().unwrap_or_default();
        match self {
            Self::Package => draft.package = first(),
            Self::Primary => {
                draft.primary = first();
                draft.replicas.retain(|host| *host != draft.primary);
            }
            Self::Replicas => draft.replicas = values.to_vec(),
            Self::Proxies => draft.proxies = values.to_vec(),
        }
    }
}

/// The custom id of something that is done with this draft.
#[must_use]
pub fn custom_id(what: &str, word: &str, id: &str) -> String {
    if word.is_empty() { format!("{BUILD}:{what}:{id}") } else { format!("{BUILD}:{what}.{word}:{id}") }
}

/// Reads one; `values`: what was chosen.
pub(super) fn read(custom_id: &str, values: Vec<String>) -> Option<Build> {
    let (what, word, id) = parts(custom_id)?;
    let step = match (what, word) {
        ("page", word) => Step::Page(Page::of_word(word)?),
        ("open", word) => Step::Open(Page::of_word(word)?),
        ("choose", word) => Step::Choose(Menu::ALL.into_iter().find(|menu| menu.word() == word)?, values),
        ("cancel", "") => Step::Cancel,
        ("file", "") => Step::File,
        _ => return None,
    };
    Some(Build { id: id.to_owned(), step })
}

/// Reads the custom id of a form.
pub(super) fn filled(custom_id: &str, inputs: Vec<(String, String)>) -> Option<Build> {
    match parts(custom_id)? {
        ("fill", word, id) => {
            Some(Build { id: id.to_owned(), step: Step::Fill(Page::of_word(word)?, inputs) })
        }
        _ => None,
    }
}

fn parts(custom_id: &str) -> Option<(&str, &str, &str)> {
    let (what, id) = custom_id.strip_prefix(BUILD)?.strip_prefix(':')?.split_once(':')?;
    let is_id = (1..=ID_BYTES).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let (what, word) = what.split_once('.').unwrap_or((what, ""));
    is_id.then_some((what, word, id))
}

/// Writes what was typed into a form into a draft.
pub fn typed(draft: &mut BuildDraft, inputs: &[(String, String)]) {
    for (input, text) in inputs {
        let list = || {
            text.split([',', ' ', '\n', '，', '、'])
                .filter(|host| !host.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let text = text.clone();
        match input.as_str() {
            "name" => draft.name = text,
            "environment" => draft.environment = text,
            "team" => draft.team = text,
            "reason" => draft.reason = text,
            "time_zone" => draft.time_zone = text,
            "flavour" => draft.flavour = text,
            "primary" => draft.primary = text,
            "replicas" => draft.replicas = list(),
            "buffer_pool_mb" => draft.buffer_pool_mb = text,
            "parameters" => draft.parameters = text,
            "semi_sync" => draft.semi_sync = text,
            "failover" => draft.failover = text,
            "proxies" => draft.proxies = list(),
            "vip" => draft.vip = text,
            "names" => draft.names = text,
            "database" => draft.database = text,
            "charset" => draft.charset = text,
            "account" => draft.account = text,
            "level" => draft.level = text,
            "from" => draft.from = text,
            // Of another version of the bot.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_on_a_button_is_read_again() {
        for page in Page::ALL {
            let read =
                |what| read(&custom_id(what, page.word(), "abc-_9"), Vec::new()).map(|build| build.step);
            assert_eq!(read("page"), Some(Step::Page(page)));
            assert_eq!(read("open"), Some(Step::Open(page)));
            let step = filled(&custom_id("fill", page.word(), "abc"), Vec::new()).map(|build| build.step);
            assert_eq!(step, Some(Step::Fill(page, Vec::new())));
        }
        for menu in Menu::ALL {
            let chosen = vec!["db-1".to_owned()];
            let step = read(&custom_id("choose", menu.word(), "abc"), chosen.clone()).map(|build| build.step);
            assert_eq!(step, Some(Step::Choose(menu, chosen)));
        }
        for bad in [
            "build",
            "build:",
            "build:page:abc",
            "build:page.moon:abc",
            "build:page.hosts:",
            "build:file:a/b",
            "builds:file:a",
            "build:fill.hosts:a",
        ] {
            assert_eq!(read(bad, Vec::new()), None, "{bad}");
        }
        assert_eq!(filled("build:file:a", Vec::new()), None);
    }

    #[test]
    fn who_becomes_the_primary_is_no_replica_any_more() {
        let mut draft =
            BuildDraft { replicas: vec!["a".to_owned(), "b".to_owned()], ..BuildDraft::default() };
        Menu::Primary.chosen(&mut draft, &["a".to_owned()]);
        assert_eq!((draft.primary.as_str(), draft.replicas.as_slice()), ("a", ["b".to_owned()].as_slice()));
        typed(
            &mut draft,
            &[("replicas".to_owned(), "c, d\ne".to_owned()), ("colour".to_owned(), "red".to_owned())],
        );
        assert_eq!(draft.replicas, ["c", "d", "e"]);
    }
}
