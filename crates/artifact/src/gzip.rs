use zlib_rs::{Deflate, DeflateFlush, Status};

/// How hard to compress. At this level layers are about as large as those of Flux; the next one costs a
/// quarter more time for 1 %.
const LEVEL: i32 = 5;

/// The largest window of the format, as the power of two that it is.
const WINDOW_BITS: u8 = 15;

/// How many bytes are compressed at once. What is found to repeat depends on how the input is cut, so
/// it is always cut alike.
const CHUNK: usize = 256 << 10;

/// The header of Flux: no name, no time, no level, an unknown operating system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Compresses what is written to it into one gzip member.
///
/// The bytes depend on nothing but the input: the compressor is the one of the lock file, built so that
/// it does not look which instructions the processor has. A test holds it to its bytes.
pub(crate) struct Gzip {
    deflate: Deflate,
    /// What is not compressed yet: less than a chunk.
    waiting: Vec<u8>,
    buffer: Box<[u8]>,
    out: Vec<u8>,
    crc: Crc,
    size: u32,
}

impl Gzip {
    pub(crate) fn new() -> Gzip {
        Gzip {
            deflate: Deflate::new(LEVEL, false, WINDOW_BITS),
            waiting: Vec::with_capacity(CHUNK),
            buffer: vec![0; 32 << 10].into(),
            out: HEADER.to_vec(),
            crc: Crc::new(),
            size: 0,
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        // The size of the trailer is that modulo 2^32.
        self.size = self.size.wrapping_add(bytes.len() as u32);
        let mut rest = bytes;
        while !rest.is_empty() {
            let fitting = rest.len().min(CHUNK - self.waiting.len());
            let (now, later) = rest.split_at(fitting);
            self.waiting.extend_from_slice(now);
            rest = later;
            if self.waiting.len() == CHUNK {
                self.compress(DeflateFlush::NoFlush);
            }
        }
    }

    /// The whole member.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.compress(DeflateFlush::Finish);
        self.out.extend(self.crc.value().to_le_bytes());
        self.out.extend(self.size.to_le_bytes());
        self.out
    }

    fn compress(&mut self, flush: DeflateFlush) {
        let mut rest = &self.waiting[..];
        loop {
            let (taken, made) = (self.deflate.total_in(), self.deflate.total_out());
            let status = self.deflate.compress(rest, &mut self.buffer, flush);
            rest = &rest[(self.deflate.total_in() - taken) as usize..];
            let made = (self.deflate.total_out() - made) as usize;
            self.out.extend_from_slice(&self.buffer[..made]);
            let is_full = made == self.buffer.len();
            match status {
                Ok(Status::Ok) if is_full || !rest.is_empty() => {}
                // An error would be a lack of room or input, of which there is always some.
                Ok(_) | Err(_) => {
                    debug_assert!(rest.is_empty(), "{status:?}");
                    break;
                }
            }
        }
        self.waiting.clear();
    }
}

/// The checksum of gzip: CRC-32, eight bytes at a time.
struct Crc {
    tables: Box<[[u32; 256]; 8]>,
    value: u32,
}

impl Crc {
    fn new() -> Crc {
        let mut tables = Box::new([[0_u32; 256]; 8]);
        for byte in 0..256 {
            let mut value = byte as u32;
            for _ in 0..8 {
                value = (value >> 1) ^ (0xedb8_8320 & (value & 1).wrapping_neg());
            }
            tables[0][byte] = value;
        }
        for further in 1..8 {
            for byte in 0..256 {
                let before = tables[further - 1][byte];
                tables[further][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            }
        }
        Crc { tables, value: !0 }
    }

    fn update(&mut self, bytes: &[u8]) {
        let tables = &self.tables;
        let mut value = self.value;
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            let low = value ^ u32::from_le_bytes([eight[0], eight[1], eight[2], eight[3]]);
            let low = low.to_le_bytes();
            value = 0;
            for i in 0..4 {
                value ^= tables[7 - i][low[i] as usize] ^ tables[3 - i][eight[4 + i] as usize];
            }
        }
        for byte in rest {
            value = (value >> 8) ^ tables[0][((value as u8) ^ byte) as usize];
        }
        self.value = value;
    }

    fn value(&self) -> u32 {
        !self.value
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Digest;

    fn gzip(parts: &[&[u8]]) -> Vec<u8> {
        let mut gzip = Gzip::new();
        for part in parts {
            gzip.write(part);
        }
        gzip.finish()
    }

    pub(crate) fn inflated(member: &[u8]) -> Vec<u8> {
        let mut inflate = zlib_rs::Inflate::new(false, WINDOW_BITS);
        let mut out = vec![0; 4 << 20];
        let deflated = &member[HEADER.len()..member.len() - 8];
        let status = inflate.decompress(deflated, &mut out, zlib_rs::InflateFlush::Finish);
        assert_eq!(status, Ok(Status::StreamEnd));
        out.truncate(inflate.total_out() as usize);
        out
    }

    /// Text with repetitions near and far, made without a library so that it never changes.
    fn text() -> Vec<u8> {
        let mut seed = 1_u32;
        let mut text = Vec::new();
        for line in 0..20_000_u32 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let word = seed >> 20;
            text.extend(format!("  key-{}: value {word}\n", line % 97).bytes());
        }
        text
    }

    #[test]
    fn the_checksum_is_that_of_gzip() {
        let mut crc = Crc::new();
        crc.update(b"1234");
        crc.update(b"56789");
        assert_eq!(crc.value(), 0xcbf4_3926);
        let mut crc = Crc::new();
        crc.update(b"The quick brown fox jumps over the lazy dog");
        assert_eq!(crc.value(), 0x414f_a339);
    }

    #[test]
    fn how_it_is_written_does_not_matter() {
        let text = text();
        let whole = gzip(&[&text]);
        let pieces: Vec<&[u8]> = text.chunks(511).collect();
        assert!(gzip(&pieces) == whole);
        assert!(inflated(&whole) == text);
        assert_eq!(whole[..10], HEADER);
        let size = (text.len() as u32).to_le_bytes();
        assert_eq!(whole[whole.len() - 4..], size);
    }

    /// A compressor that gives other bytes gives all artifacts new digests: that is a change to
    /// announce.
    #[test]
    fn the_bytes_never_change() {
        assert_eq!(
            gzip(&[]),
            [&HEADER[..], &[3, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat()
        );
        let digest = Digest::of(&gzip(&[&text()]));
        assert_eq!(
            digest.to_string(),
            "sha256:3a987c8595edb29eb472070164a6db47d20409166602a41e89d55c56f5b363c7"
        );
    }
}
