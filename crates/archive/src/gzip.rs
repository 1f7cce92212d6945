//! Unpacking what gzip packed, without trust in what it says of itself.

use zlib_rs::{Inflate, InflateFlush, Status};

/// The largest window of the format, as the power of two that it is.
const WINDOW_BITS: u8 = 15;

/// What is added to that for a gzip header, which then is checked with its checksum.
const WITH_GZIP_HEADER: u8 = 16;

const STEP: usize = 256 << 10;

/// Why bytes could not be unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GzipError {
    /// It does not start as gzip does.
    NotGzip,
    /// It is longer than was allowed.
    TooLarge,
    /// It ends too early, or is not what it was when it was packed.
    Damaged,
}

/// Unpacks all members, to no more than `most` bytes.
pub fn unpack(packed: &[u8], most: usize) -> Result<Vec<u8>, GzipError> {
    if !packed.starts_with(&[0x1f, 0x8b, 8]) {
        return Err(GzipError::NotGzip);
    }
    let mut out = Vec::new();
    let mut rest = packed;
    while !rest.is_empty() {
        let mut inflate = Inflate::new(true, WINDOW_BITS + WITH_GZIP_HEADER);
        rest = member(&mut inflate, rest, &mut out, most)?;
    }
    Ok(out)
}

/// Unpacks one member, and gives what is behind it.
fn member<'p>(
    inflate: &mut Inflate,
    packed: &'p [u8],
    out: &mut Vec<u8>,
    most: usize,
) -> Result<&'p [u8], GzipError> {
    let mut rest = packed;
    loop {
        let start = out.len();
        // One byte more than is allowed, so that what has just the size is told from what has more.
        out.resize((start + STEP).min(most + 1), 0);
        let (read, written) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(rest, &mut out[start..], InflateFlush::NoFlush);
        let status = status.map_err(|_| GzipError::Damaged)?;
        let read = (inflate.total_in() - read) as usize;
        let written = (inflate.total_out() - written) as usize;
        out.truncate(start + written);
        rest = &rest[read..];
        if out.len() > most {
            return Err(GzipError::TooLarge);
        }
        match status {
            Status::StreamEnd => return Ok(rest),
            _ if read == 0 && written == 0 => return Err(GzipError::Damaged),
            Status::Ok | Status::BufError => {}
        }
    }
}
