//! The folder of the DBAs' scripts, read at the moment when it is asked for: what was dropped in is there, what was taken out is gone. Nothing
//! of it is kept.

use dbdesk_commands::lang::{Said, said};
use dbdesk_script::{
    Fault, Manifest,
    files::{self, DEPTH, FILES, FILES_BYTES, File},
    manifest::{FILE, MANIFEST_BYTES, is_name},
};
use rustix::fs::OFlags;
use std::{
    fs::{self, Metadata, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// Most scripts in one folder.
pub const SCRIPTS: usize = 200;
/// Most entries that are looked at.
const ENTRIES: usize = 1_000;
/// Whoever is on the machine may write.
const BY_ALL: u32 = 0o002;

/// A script as it stands in its folder.
#[derive(Debug, Clone)]
pub struct Script {
    /// What its manifest says.
    pub manifest: Manifest,
    /// All its files.
    pub files: Vec<File>,
    /// Their hash.
    pub hash: String,
}

/// The names of all that could be scripts, sorted. A folder that is not there has none.
///
/// # Errors
/// Why none of it is used.
pub fn names(folder: &Path) -> Result<Vec<String>, Fault> {
    let whole = |said| Fault { file: folder.display().to_string(), key: None, said };
    let about = match fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        about => about.map_err(|error| whole(unreadable(&error)))?,
    };
    safe(&about).map_err(whole)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| whole(unreadable(&error)))?.take(ENTRIES).flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if let Some(name) = entry.file_name().to_str().filter(|name| is_folder && !is_passed_over(name)) {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    if names.len() > SCRIPTS {
        return Err(whole(said!(
            "it holds more than {SCRIPTS} scripts; take some out",
            "脚本超过 {SCRIPTS} 个，请移走一些"
        )));
    }
    Ok(names)
}

/// The manifest of one.
///
/// # Errors
/// Everything that is wrong with it.
pub fn manifest(folder: &Path, name: &str) -> Result<Manifest, Vec<Fault>> {
    let own = own_folder(folder, name).map_err(|fault| vec![fault])?;
    let fault = |said| vec![Fault { file: format!("{name}/{FILE}"), key: None, said }];
    let (bytes, _) = read(&own.join(FILE), MANIFEST_BYTES as u64 + 1).map_err(fault)?;
    let text =
        String::from_utf8(bytes).map_err(|_| fault(Said::fixed("it is no UTF-8 text", "不是 UTF-8 文本")))?;
    let manifest = Manifest::parse(name, &text)?;
    let program = own.join(&manifest.run);
    let fault = |said| vec![Fault { file: format!("{name}/{}", manifest.run), key: None, said }];
    let about = fs::symlink_metadata(&program).map_err(|error| fault(unreadable(&error)))?;
    if !about.is_file() || about.mode() & 0o100 == 0 {
        return Err(fault(said!(
            "it is what `run` names, and nothing that can be run: chmod +x it, and begin it with such as `#!/usr/bin/env python3`",
            "`run` 指定的文件无法执行：请 chmod +x，并以 `#!/usr/bin/env python3` 之类的一行开头"
        )));
    }
    safe(&about).map_err(fault)?;
    Ok(manifest)
}

/// One with all its files.
///
/// # Errors
/// Everything that is wrong with it.
pub fn script(folder: &Path, name: &str) -> Result<Script, Vec<Fault>> {
    let manifest = manifest(folder, name)?;
    let own = own_folder(folder, name).map_err(|fault| vec![fault])?;
    let mut walk = Walk { name, files: Vec::new(), bytes: 0 };
    walk.folder(&own, "", 0).map_err(|fault| vec![fault])?;
    // The manifest that is judged is among the bytes that are hashed: one that changed in between is read again.
    let text = walk.files.iter().find(|file| file.path == FILE).map(|file| file.bytes.clone());
    let manifest = match text.map(String::from_utf8) {
        Some(Ok(text)) => Manifest::parse(name, &text)?,
        _ => manifest,
    };
    let hash = files::hash(&walk.files);
    Ok(Script { manifest, files: walk.files, hash })
}

fn own_folder(folder: &Path, name: &str) -> Result<PathBuf, Fault> {
    let fault = |said| Fault { file: name.to_owned(), key: None, said };
    if !is_name(name) {
        return Err(fault(Said::fixed(
            "a script's folder is called as the script: lower case letters, digits and `-`",
            "脚本的文件夹名就是脚本名：小写字母、数字和 `-`",
        )));
    }
    let above = fs::metadata(folder).map_err(|error| fault(unreadable(&error)))?;
    safe(&above).map_err(|said| Fault { file: folder.display().to_string(), key: None, said })?;
    let own = folder.join(name);
    let about = fs::symlink_metadata(&own).map_err(|error| fault(unreadable(&error)))?;
    if !about.is_dir() {
        return Err(fault(Said::fixed("it is no folder", "不是文件夹")));
    }
    safe(&about).map_err(fault)?;
    Ok(own)
}

struct Walk<'a> {
    name: &'a str,
    files: Vec<File>,
    bytes: u64,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, before: &str, depth: usize) -> Result<(), Fault> {
        let fault = |path: &str, said| Fault { file: format!("{}/{path}", self.name), key: None, said };
        let listed = fs::read_dir(folder).map_err(|error| fault(before, unreadable(&error)))?;
        let mut entries: Vec<_> = listed.take(ENTRIES).flatten().collect();
        entries.sort_unstable_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else { continue };
            if is_passed_over(&name) {
                continue;
            }
            let path = format!("{before}{name}");
            let fault = |said| Fault { file: format!("{}/{path}", self.name), key: None, said };
            let about = fs::symlink_metadata(entry.path()).map_err(|error| fault(unreadable(&error)))?;
            if about.is_dir() && depth < DEPTH {
                safe(&about).map_err(fault)?;
                self.folder(&entry.path(), &format!("{path}/"), depth + 1)?;
                continue;
            }
            if !about.is_file() {
                return Err(fault(said!(
                    "a script has plain files only, in at most {DEPTH} folders within each other; put the file itself here",
                    "脚本只能包含普通文件，最多 {DEPTH} 层文件夹；请直接放入文件本身"
                )));
            }
            let (bytes, about) = read(&entry.path(), FILES_BYTES + 1).map_err(fault)?;
            self.bytes += bytes.len() as u64;
            if self.files.len() >= FILES || self.bytes > FILES_BYTES {
                return Err(fault(said!(
                    "the script has more than {FILES} files or {most} MB; a script is small",
                    "脚本超过 {FILES} 个文件或 {most} MB；脚本应当小巧",
                    most = FILES_BYTES / 1_024 / 1_024
                )));
            }
            self.files.push(File { path, is_executable: about.mode() & 0o100 != 0, bytes });
        }
        Ok(())
    }
}

/// What editors, version control and interpreters leave: no part of a script, and not there when it runs.
fn is_passed_over(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || name == "__pycache__"
}

/// A file by its name, and its bytes or why it can not be read.
pub type PlainFile = (String, Result<Vec<u8>, Said>);

/// The files with this ending in a folder of the DBAs, each by its name without it, sorted; at most `most` bytes of each. A folder that is not
/// there has none.
///
/// # Errors
/// Why none of it is used.
pub fn plain_files(folder: &Path, ending: &str, most: u64) -> Result<Vec<PlainFile>, Fault> {
    let whole = |said| Fault { file: folder.display().to_string(), key: None, said };
    let about = match fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        about => about.map_err(|error| whole(unreadable(&error)))?,
    };
    safe(&about).map_err(whole)?;
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| whole(unreadable(&error)))?.take(ENTRIES).flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !is_passed_over(name)) else { continue };
        if let Some((stem, end)) = name.rsplit_once('.')
            && end == ending
        {
            found.push((stem.to_owned(), read(&entry.path(), most).map(|(bytes, _)| bytes)));
        }
    }
    found.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Ok(found)
}

/// Reads a plain file that only those may write who may write here.
fn read(path: &Path, most: u64) -> Result<(Vec<u8>, Metadata), Said> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path);
    let file = file.map_err(|error| unreadable(&error))?;
    let about = file.metadata().map_err(|error| unreadable(&error))?;
    if !about.is_file() {
        return Err(Said::fixed("it is no plain file", "不是普通文件"));
    }
    safe(&about)?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    Ok((bytes, about))
}

/// What anybody on the machine could change is not run in the desk's name.
fn safe(about: &Metadata) -> Result<(), Said> {
    if about.mode() & BY_ALL == 0 {
        return Ok(());
    }
    Err(Said::fixed(
        "everybody on this machine may write there, so nothing of it is run: chmod o-w",
        "这台机器上任何人都可写，因此不会运行：请执行 chmod o-w",
    ))
}

fn unreadable(error: &io::Error) -> Said {
    said!("it can not be read: {error}", "无法读取：{error}")
}

#[cfg(test)]
mod tests;
