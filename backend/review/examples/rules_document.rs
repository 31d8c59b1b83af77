//! Writes `docs/rules.md` and `docs/rules.zh-CN.md`: `make docs`.

use dbdesk_review::rules::document::{PLACES, document};
use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::create_dir_all(repository.join("docs"))?;
    for (place, lang) in PLACES {
        fs::write(repository.join(place), document(lang))?;
    }
    Ok(())
}
