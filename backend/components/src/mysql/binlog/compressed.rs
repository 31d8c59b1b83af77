//! What MariaDB packs into its log where `log_bin_compress` is on.

use super::{BinlogError, bytes::Bytes};
use flate2::read::ZlibDecoder;
use std::io::Read as _;

/// Unpacks it, at most to so many bytes.
pub(super) fn unpacked(packed: &[u8], most: usize) -> Result<Vec<u8>, BinlogError> {
    let broken = || BinlogError::Broken("an event can not be unpacked".into());
    let mut bytes = Bytes(packed);
    let head = bytes.byte().filter(|head| head & 0x70 == 0).ok_or_else(broken)?;
    let size = bytes.high_first(usize::from(head & 7)).ok_or_else(broken)?;
    let size = usize::try_from(size).map_err(|_| broken())?;
    if size > most {
        return Err(BinlogError::TooManyBytes);
    }
    let mut out = Vec::new();
    ZlibDecoder::new(bytes.0).take(size as u64 + 1).read_to_end(&mut out).map_err(|_| broken())?;
    if out.len() == size { Ok(out) } else { Err(broken()) }
}
