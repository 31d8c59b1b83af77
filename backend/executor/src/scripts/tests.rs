use super::*;
use std::os::unix::fs::{PermissionsExt as _, symlink};

const MANIFEST: &str = "name = \"hello\"\ntitle = { en = \"Says hello\", \"zh-CN\" = \"打招呼\" }\nwho = [\"dba\"]\n\
    time_limit = \"1m\"\nsecrets = \"none\"\n";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.put("hello/script.toml", MANIFEST, 0o644);
        folder.put("hello/run", "#!/bin/sh\necho hello\n", 0o755);
        folder
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn put(&self, path: &str, text: &str, mode: u32) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), text).unwrap();
        self.mode(path, mode);
    }

    fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn fault(&self) -> String {
        let faults = script(self.0.path(), "hello").expect_err("it has a fault");
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        told.join("\n").replace(&self.0.path().display().to_string(), "scripts")
    }
}

#[test]
fn what_is_dropped_in_is_there_and_what_is_changed_has_another_hash() {
    let folder = Folder::new();
    assert_eq!(names(folder.0.path()).unwrap(), ["hello"]);
    let first = script(folder.0.path(), "hello").unwrap();
    assert_eq!(first.files.len(), 2);
    folder.put("hello/.run.swp", "an editor's", 0o600);
    folder.put("hello/__pycache__/x", "an interpreter's", 0o600);
    assert_eq!(script(folder.0.path(), "hello").unwrap().hash, first.hash, "no part of it");
    folder.put("hello/lib/greet.sh", "echo hi\n", 0o644);
    let second = script(folder.0.path(), "hello").unwrap();
    assert_ne!(second.hash, first.hash);
    folder.put("hello/lib/greet.sh", "echo ho\n", 0o644);
    assert_ne!(script(folder.0.path(), "hello").unwrap().hash, second.hash);
    fs::remove_dir_all(folder.at("hello")).unwrap();
    assert!(names(folder.0.path()).unwrap().is_empty());
    assert!(names(&folder.at("nowhere")).unwrap().is_empty());
}

#[test]
fn what_anybody_may_write_what_leads_elsewhere_and_what_can_not_run_is_refused_with_its_place() {
    let mut told = String::new();
    let mut case = |name: &str, spoil: &dyn Fn(&Folder)| {
        let folder = Folder::new();
        spoil(&folder);
        told += &[name, "\n  ", &folder.fault(), "\n"].concat();
    };
    case("all may write the folder of all", &|folder| folder.mode("", 0o777));
    case("all may write its folder", &|folder| folder.mode("hello", 0o777));
    case("all may write the program", &|folder| folder.mode("hello/run", 0o757));
    case("all may write the manifest", &|folder| folder.mode("hello/script.toml", 0o646));
    case("no program", &|folder| fs::remove_file(folder.at("hello/run")).unwrap());
    case("not executable", &|folder| folder.mode("hello/run", 0o644));
    case("a link as the program", &|folder| {
        fs::remove_file(folder.at("hello/run")).unwrap();
        symlink("/bin/sh", folder.at("hello/run")).unwrap();
    });
    case("a link to a secret", &|folder| symlink("/etc/shadow", folder.at("hello/more")).unwrap());
    case("a link as the manifest", &|folder| {
        fs::rename(folder.at("hello/script.toml"), folder.at("other.toml")).unwrap();
        symlink("../other.toml", folder.at("hello/script.toml")).unwrap();
    });
    case("a link as its folder", &|folder| {
        fs::rename(folder.at("hello"), folder.at("other")).unwrap();
        symlink("other", folder.at("hello")).unwrap();
    });
    case("many files", &|folder| {
        for n in 0..FILES {
            folder.put(&format!("hello/lib/{n}"), "", 0o644);
        }
    });
    case("no manifest", &|folder| fs::remove_file(folder.at("hello/script.toml")).unwrap());
    insta::assert_snapshot!(told);
}

#[test]
fn a_name_that_leads_elsewhere_is_none() {
    let folder = Folder::new();
    for name in ["..", "../hello", "/etc", "hello/", "", "Hello", "."] {
        assert!(script(folder.0.path(), name).is_err(), "{name:?}");
    }
}
