//! Reading tar archives: the plain format, and the extensions of POSIX and GNU for long names.
//!
//! Only files and folders are read. Numbers, names and sizes are what an archive says, so
//! nothing is taken before it is there.

use std::borrow::Cow;

const BLOCK: usize = 512;

/// One entry of an archive.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its name, as it is written.
    pub name: Cow<'a, str>,
    /// What it is.
    pub kind: Kind,
    /// Its permission bits, with the set-id and sticky bits.
    pub mode: u32,
    /// The content of a file.
    pub data: &'a [u8],
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, hard or symbolic.
    Link,
    /// A device, a pipe, or a kind that is not known.
    Other,
}

/// What is wrong with an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TarError {
    /// A header is none.
    Header,
    /// It ends in the middle of an entry.
    Truncated,
}

/// The entries of an archive.
pub struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Entries<'a> {
    /// The entries of the bytes of an archive.
    pub fn new(archive: &'a [u8]) -> Entries<'a> {
        Entries { rest: archive }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], TarError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(TarError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The content of an entry, and what fills its last block.
    fn content(&mut self, size: usize) -> Result<&'a [u8], TarError> {
        let data = self.take(size)?;
        let padding = size.wrapping_neg() % BLOCK;
        self.rest = self.rest.get(padding..).unwrap_or_default();
        Ok(data)
    }

    fn read(&mut self) -> Result<Option<Entry<'a>>, TarError> {
        let mut long_name: Option<Cow<'a, str>> = None;
        let mut long_size = None;
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            let block = self.take(BLOCK)?;
            if block.iter().all(|byte| *byte == 0) {
                return Ok(None);
            }
            let header = Header::read(block)?;
            match header.flag {
                b'x' => {
                    for (key, value) in records(self.content(header.size)?)? {
                        match key {
                            b"path" => long_name = Some(text(value)),
                            b"size" => long_size = Some(decimal(value).ok_or(TarError::Header)?),
                            _ => {}
                        }
                    }
                }
                // Holds for all that follows: nothing that a chart needs.
                b'g' => {
                    self.content(header.size)?;
                }
                b'L' => long_name = Some(text(until_zero(self.content(header.size)?))),
                // The name of what a link leads to.
                b'K' => {
                    self.content(header.size)?;
                }
                flag => {
                    let name = long_name.unwrap_or(header.name);
                    let kind = match flag {
                        0 if name.ends_with('/') => Kind::Folder,
                        0 | b'0' | b'7' => Kind::File,
                        b'5' => Kind::Folder,
                        b'1' | b'2' => Kind::Link,
                        _ => Kind::Other,
                    };
                    let size = match kind {
                        Kind::File => long_size.unwrap_or(header.size),
                        // Links and folders may say a size, and have none.
                        _ if matches!(flag, b'1'..=b'6') => 0,
                        _ => header.size,
                    };
                    let data = self.content(size)?;
                    return Ok(Some(Entry {
                        name,
                        kind,
                        mode: header.mode,
                        data,
                    }));
                }
            }
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, TarError>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.read();
        if entry.is_err() {
            self.rest = &[];
        }
        entry.transpose()
    }
}

struct Header<'a> {
    name: Cow<'a, str>,
    mode: u32,
    size: usize,
    flag: u8,
}

impl<'a> Header<'a> {
    fn read(block: &'a [u8]) -> Result<Header<'a>, TarError> {
        let sum = octal(&block[148..156]).ok_or(TarError::Header)?;
        let blanked = |(at, byte): (usize, &u8)| match (148..156).contains(&at) {
            true => b' ',
            false => *byte,
        };
        let bytes = || block.iter().enumerate().map(blanked);
        let unsigned: i64 = bytes().map(i64::from).sum();
        // What some old programs wrote.
        let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
        if ![unsigned, signed].contains(&(sum as i64)) {
            return Err(TarError::Header);
        }
        let name = text(until_zero(&block[..100]));
        let prefix = text(until_zero(&block[345..500]));
        let is_posix = &block[257..263] == b"ustar\0";
        Ok(Header {
            name: match is_posix && !prefix.is_empty() {
                true => Cow::Owned(format!("{prefix}/{name}")),
                false => name,
            },
            mode: number(&block[100..108]).map_or(0, |mode| mode as u32 & 0o7777),
            size: number(&block[124..136]).ok_or(TarError::Header)?,
            flag: block[156],
        })
    }
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| *byte == 0);
    &bytes[..end.unwrap_or(bytes.len())]
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// A number: octal, or as bytes where the first bit is set.
fn number(field: &[u8]) -> Option<usize> {
    if field[0] & 0x80 == 0 {
        return octal(field);
    }
    // The next bit is the sign.
    if field[0] != 0x80 {
        return None;
    }
    let mut bytes = field[1..].iter();
    bytes.try_fold(0usize, |sum, byte| {
        sum.checked_mul(256)?.checked_add(usize::from(*byte))
    })
}

fn octal(field: &[u8]) -> Option<usize> {
    let digits = field.trim_ascii_start();
    let end = digits
        .iter()
        .position(|byte| matches!(byte, 0 | b' '))
        .unwrap_or(digits.len());
    digits[..end]
        .iter()
        .try_fold(0usize, |sum, byte| match byte {
            b'0'..=b'7' => sum.checked_mul(8)?.checked_add(usize::from(byte - b'0')),
            _ => None,
        })
}

fn decimal(text: &[u8]) -> Option<usize> {
    str::from_utf8(text).ok()?.parse().ok()
}

type Record<'a> = (&'a [u8], &'a [u8]);

/// The records of an extended header: `LENGTH KEY=VALUE\n`, the length of all of it.
fn records(data: &[u8]) -> Result<Vec<Record<'_>>, TarError> {
    let mut records = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let record = || {
            let blank = rest.iter().position(|byte| *byte == b' ')?;
            let length = decimal(&rest[..blank])?;
            let (record, behind) = rest.split_at_checked(length)?;
            let record = record.get(blank + 1..)?.strip_suffix(b"\n")?;
            let equals = record.iter().position(|byte| *byte == b'=')?;
            Some((&record[..equals], &record[equals + 1..], behind))
        };
        let (key, value, behind) = record().ok_or(TarError::Header)?;
        records.push((key, value));
        rest = behind;
    }
    Ok(records)
}
