//! What can be asked of the DBAs' scripts.

/// `/script …` with what was typed; what is empty was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scripts {
    /// `/script run`
    Run(Run),
    /// `/script list`
    List,
    /// `/script show`: which one.
    Show(String),
}

/// What a run needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// Which script.
    pub name: String,
    /// On which service group.
    pub group: String,
    /// Why.
    pub reason: String,
    /// `key=value key="a value"`
    pub params: String,
    /// When.
    pub time: String,
}

/// Reads the options of such a command; `None`: it is none of these.
pub(super) fn read(name: &str, of: impl Fn(&'static str) -> String) -> Option<Scripts> {
    Some(match name {
        "run" => Scripts::Run(Run {
            name: of("name"),
            group: of("group"),
            reason: of("reason"),
            params: of("params"),
            time: of("time"),
        }),
        "list" => Scripts::List,
        "show" => Scripts::Show(of("name")),
        _ => return None,
    })
}
