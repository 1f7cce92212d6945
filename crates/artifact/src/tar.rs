//! Tar archives as Flux writes them, byte for byte.

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
}

const BLOCK: usize = 512;

/// How long a name, and the folders in front of it, can be in a plain header.
const MAX_NAME: usize = 100;
const MAX_PREFIX: usize = 155;

/// The blocks in front of the content of an entry: its header, and one with its name where that does
/// not fit. Owner and time are zero.
pub(crate) fn headers(name: &str, kind: Kind, mode: u32, size: u64) -> Vec<u8> {
    let flag = match kind {
        Kind::File => b'0',
        Kind::Folder => b'5',
    };
    if let Some((prefix, name)) = split(name) {
        return entry(name.as_bytes(), prefix, flag, mode, size).to_vec();
    }
    let record = record("path", name);
    let mut blocks = sealed(header(&own_name(name), b'x', 0, record.len() as u64)).to_vec();
    blocks.extend(record.as_bytes());
    blocks.extend(padding(record.len() as u64));
    blocks.extend(entry(&ascii(name), "", flag, mode, size));
    blocks
}

/// What fills the last block of a content.
pub(crate) fn padding(size: u64) -> &'static [u8] {
    const ZEROS: [u8; BLOCK] = [0; BLOCK];
    let over = (size % BLOCK as u64) as usize;
    match over {
        0 => &[],
        over => &ZEROS[over..],
    }
}

/// What ends an archive.
pub(crate) const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// The folders and the rest of a name that fits; the former are empty where they are not needed.
fn split(name: &str) -> Option<(&str, &str)> {
    if !is_ascii(name) {
        return None;
    }
    if name.len() <= MAX_NAME {
        return Some(("", name));
    }
    let longest = &name[..name.len().min(MAX_PREFIX + 1)];
    let at = longest.rfind('/').filter(|at| *at > 0)?;
    let (prefix, rest) = (&name[..at], &name[at + 1..]);
    (!rest.is_empty() && rest.len() <= MAX_NAME).then_some((prefix, rest))
}

/// The header of a file or folder.
fn entry(name: &[u8], prefix: &str, flag: u8, mode: u32, size: u64) -> [u8; BLOCK] {
    let mut header = header(name, flag, mode, size);
    for device in [329, 337] {
        header[device..][..8].copy_from_slice(b"0000000\0");
    }
    header[345..][..prefix.len()].copy_from_slice(prefix.as_bytes());
    sealed(header)
}

fn header(name: &[u8], flag: u8, mode: u32, size: u64) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let fitting = name.len().min(MAX_NAME);
    header[..fitting].copy_from_slice(&name[..fitting]);
    // Some readers take a file whose name ends so for a folder.
    if name.len() > MAX_NAME && header[MAX_NAME - 1] == b'/' {
        let slashes = header[..MAX_NAME - 1].iter().rev();
        let slashes = slashes.take_while(|byte| **byte == b'/').count();
        header[MAX_NAME - 1 - slashes] = 0;
    }
    let mut put = |at: usize, digits: usize, value: u64| {
        let text = format!("{value:0digits$o}\0");
        header[at..][..text.len()].copy_from_slice(text.as_bytes());
    };
    put(100, 7, u64::from(mode));
    put(108, 7, 0);
    put(116, 7, 0);
    put(124, 11, size);
    put(136, 11, 0);
    header[156] = flag;
    header[257..][..8].copy_from_slice(b"ustar\x0000");
    header
}

fn sealed(mut header: [u8; BLOCK]) -> [u8; BLOCK] {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..][..8].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// `LENGTH KEY=VALUE`, with the length of all of it.
fn record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + " =\n".len();
    let mut length = rest;
    // Its own digits count.
    loop {
        let whole = rest + length.to_string().len();
        if whole == length {
            return format!("{length} {key}={value}\n");
        }
        length = whole;
    }
}

/// The name of the entry that holds a name.
fn own_name(name: &str) -> Vec<u8> {
    let own = match name.rsplit_once('/') {
        Some((folder, base)) => format!("{folder}/PaxHeaders.0/{base}"),
        None => format!("PaxHeaders.0/{name}"),
    };
    let mut own = ascii(&own);
    own.truncate(MAX_NAME);
    while own.last() == Some(&b'/') {
        own.pop();
    }
    own
}

fn is_ascii(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii() && byte != 0)
}

fn ascii(name: &str) -> Vec<u8> {
    let bytes = name.bytes();
    bytes.filter(|byte| byte.is_ascii() && *byte != 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_split_at_the_last_slash_that_fits() {
        let (long, longer) = ("a".repeat(100), "b".repeat(155));
        assert_eq!(split(&long), Some(("", long.as_str())));
        let both = format!("{longer}/{long}");
        assert_eq!(split(&both), Some((longer.as_str(), long.as_str())));
        assert_eq!(split(&format!("x{both}")), None);
        assert_eq!(split(&"c".repeat(101)), None);
    }

    #[test]
    fn a_record_counts_its_own_length() {
        assert_eq!(record("path", "a"), "9 path=a\n");
        for (length, whole) in [(90, 99), (91, 101)] {
            let record = record("path", &"a".repeat(length));
            assert_eq!(record.len(), whole);
            assert!(record.starts_with(&format!("{whole} path=a")));
        }
    }

    #[test]
    fn headers_are_whole_blocks_with_a_checksum() {
        let blocks = headers("d/é.yaml", Kind::File, 0o644, 5);
        assert_eq!(blocks.len(), 3 * BLOCK);
        assert!(blocks.starts_with(b"d/PaxHeaders.0/.yaml\0"));
        assert!(blocks[BLOCK..].starts_with(b"18 path=d/\xc3\xa9.yaml\n"));
        assert!(blocks[2 * BLOCK..].starts_with(b"d/.yaml\0"));
        let plain = headers("a", Kind::Folder, 0o755, 0);
        assert_eq!(plain[156], b'5');
        assert_eq!(&plain[100..108], b"0000755\0");
    }
}
