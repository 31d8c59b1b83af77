//! A service group as a picture: its layers from DNS down to the servers, with state and lag.

use super::{Failure, group_look::seen, reviewing::any_group};
use crate::desk::Desk;
use dbdesk_cluster::picture::{Said, svg};
use dbdesk_cmdb::{ServiceGroup, Within, drift::Seen};
use resvg::{tiny_skia, usvg};
use std::sync::Arc;

/// Widest and highest, in pixels.
const MOST: u32 = 4_000;

/// Asks its servers and draws it, as PNG.
pub async fn picture(desk: &Desk, within: &Within, name: &str) -> Result<Vec<u8>, Failure> {
    let group = any_group(desk, within, name).await?.group;
    let seen = seen(desk, &group).await;
    let drawn = tokio::task::spawn_blocking(move || png(&drawing(&group, &seen)));
    Ok(drawn.await.map_err(anyhow::Error::from)??)
}

fn drawing(group: &ServiceGroup, seen: &[Seen]) -> String {
    let said: Vec<Said<'_>> = group
        .instances
        .iter()
        .map(|instance| {
            let one = seen.iter().find(|one| one.host == instance.host && one.port == instance.port);
            match one {
                None => Said::Planned,
                Some(Seen { live: Some(live), .. }) => Said::Live(live),
                Some(_) => Said::Away,
            }
        })
        .collect();
    svg(group, &said)
}

pub(super) fn png(svg: &str) -> anyhow::Result<Vec<u8>> {
    let mut options = usvg::Options::default();
    let fonts = Arc::make_mut(&mut options.fontdb);
    fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
    let family = fonts.faces().next().and_then(|face| face.families.first()).map(|(name, _)| name.clone());
    if let Some(family) = family {
        fonts.set_sans_serif_family(family);
    }
    let tree = usvg::Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size();
    anyhow::ensure!(size.width() <= MOST && size.height() <= MOST, "the picture is too large: {size:?}");
    let mut map = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| anyhow::anyhow!("a picture of {size:?} can not be made"))?;
    resvg::render(&tree, tiny_skia::Transform::identity(), &mut map.as_mut());
    Ok(map.encode_png()?)
}
