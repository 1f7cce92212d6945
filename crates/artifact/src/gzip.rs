use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, create_comp_flags_from_zip_params,
};

/// How hard to compress. At this level layers are at most 3 % larger than those of Flux; the next one
/// costs half as much time again for 1 %.
const LEVEL: i32 = 4;

/// The header of Flux: no name, no time, no level, an unknown operating system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Compresses what is written to it into one gzip member.
///
/// The bytes depend on nothing but the input: the compressor is the one of this crate's lock file,
/// which uses no instructions that only some processors have. A test holds it to them.
pub(crate) struct Gzip {
    compressor: Box<CompressorOxide>,
    out: Vec<u8>,
    crc: Crc,
    size: u32,
}

impl Gzip {
    pub(crate) fn new() -> Gzip {
        // No zlib header: a window below zero says so.
        let flags = create_comp_flags_from_zip_params(LEVEL, -15, 0);
        Gzip {
            compressor: Box::new(CompressorOxide::new(flags)),
            out: HEADER.to_vec(),
            crc: Crc::new(),
            size: 0,
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        // The size of the trailer is that modulo 2^32.
        self.size = self.size.wrapping_add(bytes.len() as u32);
        self.compress(bytes, TDEFLFlush::None);
    }

    /// The whole member.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let status = self.compress(&[], TDEFLFlush::Finish);
        debug_assert_eq!(status, TDEFLStatus::Done);
        self.out.extend(self.crc.value().to_le_bytes());
        self.out.extend(self.size.to_le_bytes());
        self.out
    }

    fn compress(&mut self, bytes: &[u8], flush: TDEFLFlush) -> TDEFLStatus {
        let out = &mut self.out;
        let mut rest = bytes;
        loop {
            let (status, taken) = compress_to_output(&mut self.compressor, rest, flush, |made| {
                out.extend_from_slice(made);
                true
            });
            rest = &rest[taken..];
            if rest.is_empty() || status != TDEFLStatus::Okay {
                return status;
            }
        }
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
mod tests {
    use super::*;
    use crate::Digest;

    fn gzip(parts: &[&[u8]]) -> Vec<u8> {
        let mut gzip = Gzip::new();
        for part in parts {
            gzip.write(part);
        }
        gzip.finish()
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
        assert_eq!(gzip(&pieces), whole);
        let inflated = miniz_oxide::inflate::decompress_to_vec(&whole[10..whole.len() - 8]);
        assert!(inflated.unwrap() == text);
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
            "sha256:bd435ac394229f7b277707f8383671fd4347ea08e6f1c696a64bde3d70352190"
        );
    }
}
