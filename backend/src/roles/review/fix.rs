//! `dbdesk review --fix`: the text with what the review can mend for certain.

use super::{Reviewed, about, is_stdin};
use dbdesk_commands::lang::{Said, said};
use dbdesk_review::{
    Facts, Settings,
    mend::{self, Edit},
};
use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// The file after its fixes, reviewed again; as it was where they would not help.
pub(super) fn fixed(
    file: Reviewed,
    path: &Path,
    facts: &Facts,
    settings: &Settings,
) -> Result<Reviewed, Said> {
    let fixes: Vec<(&str, &[Edit])> = mend::fixes(&file.judged).collect();
    let mended = mend::mended(&file.sql, fixes.iter().map(|(_, edits)| *edits));
    let rules: Vec<&str> =
        mended.applied.iter().filter_map(|at| fixes.get(*at)).map(|(rule, _)| *rule).collect();
    if rules.is_empty() {
        return Ok(file);
    }
    let judged = super::judged(&mended.sql, facts, settings).map_err(|refusal| about(path, &refusal.said))?;
    match mend::in_the_way(&file.judged, &judged, &rules) {
        None => Ok(Reviewed { sql: mended.sql, judged, ..file }),
        Some(rule) => Err(about(
            path,
            &said!(
                "the fixes were tried, and `{rule}` would still stand in the way. Nothing was changed; mend it by hand.",
                "试过这些修复，但 `{rule}` 仍然通不过。没有作任何修改，请手工修改。",
            ),
        )),
    }
}

/// Puts the text in the place of the file's, whole or not at all.
pub(super) fn put(path: &Path, sql: &str) -> Result<(), Said> {
    let put = || -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut beside = tempfile::NamedTempFile::new_in(folder)?;
        beside.write_all(sql.as_bytes())?;
        beside.as_file().sync_all()?;
        fs::set_permissions(beside.path(), fs::metadata(path)?.permissions())?;
        beside.persist(path)?;
        Ok(())
    };
    if is_stdin(path) {
        return Ok(());
    }
    put().map_err(|error| {
        about(
            path,
            &said!(
                "it can not be written ({error}). It is as it was.",
                "无法写入（{error}）。文件保持原样。"
            ),
        )
    })
}
