//! The scripts that somebody may run.

use super::{Caller, Failure, scripting};
use crate::desk::Desk;
use dbdesk_commands::wire::script::{ScriptLine, ScriptPage};
use dbdesk_script::Manifest;

/// Lists them, by name.
pub async fn list(desk: &Desk, caller: &Caller) -> Result<ScriptPage, Failure> {
    let (known, faults) = scripting::all(desk).await?;
    let lang = caller.lang;
    let line = |manifest: &Manifest| {
        let mut parameters: Vec<_> = manifest.parameters.iter().collect();
        parameters.sort_by_key(|parameter| !parameter.required);
        ScriptLine {
            name: manifest.name.clone(),
            title: manifest.title.in_lang(lang).to_owned(),
            parameters: parameters.into_iter().map(|parameter| parameter.name.clone()).collect(),
        }
    };
    let may = known.iter().filter(|manifest| scripting::may_run(desk, &caller.person, manifest));
    let faults = if scripting::mends(&caller.person) {
        faults.iter().map(|fault| fault.told().in_lang(lang).to_owned()).collect()
    } else {
        Vec::new()
    };
    Ok(ScriptPage { scripts: may.map(line).collect(), faults })
}
