use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file so that at any moment it has its old content or its new one, whole; a run that is
/// killed leaves no half-written file and, on Linux, no temporary one.
///
/// The folder must exist. A link is followed. A file that already has this content is not touched;
/// what is no regular file, such as a terminal or a pipe, is written to as it is.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => fs::canonicalize(path)?,
        _ => path.to_owned(),
    };
    if let Ok(metadata) = fs::metadata(&target) {
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            return fs::write(&target, bytes);
        }
        if metadata.len() == bytes.len() as u64 && fs::read(&target)? == bytes {
            return Ok(());
        }
    }
    replace(&target, bytes)
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (folder, temporary) = temporary_beside(path)?;
    #[cfg(target_os = "linux")]
    match unnamed::write(folder, path, &temporary, bytes) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
        result => return result,
    }
    let _ = folder;
    let result = named(path, &temporary, bytes);
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result
}

/// The folder of `path`, and the name that the new content has there for the moment before it
/// replaces the old. It is always the same, so that what a crash might leave is replaced by the
/// next run.
fn temporary_beside(path: &Path) -> io::Result<(&Path, PathBuf)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(".tidegate");
    Ok((folder, folder.join(temporary)))
}

fn named(path: &Path, temporary: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(temporary)?;
    file.write_all(bytes)?;
    drop(file);
    fs::rename(temporary, path)
}

/// On Linux the content is written to a file without a name, which the kernel removes when the
/// process dies, and gets its name when it is complete.
#[cfg(target_os = "linux")]
mod unnamed {
    use std::fs::{self, File};
    use std::io::{self, Write};
    use std::os::fd::AsRawFd;
    use std::path::{Path, PathBuf};

    use rustix::fs::{AtFlags, CWD, Mode, OFlags};
    use rustix::io::Errno;

    pub(super) fn write(
        folder: &Path,
        path: &Path,
        temporary: &Path,
        bytes: &[u8],
    ) -> io::Result<()> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(CWD, folder, flags, Mode::from_raw_mode(0o666)) {
            Ok(file) => file,
            // Disks that cannot do it have several ways to say so.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => {
                return Err(io::ErrorKind::Unsupported.into());
            }
            Err(error) => return Err(error.into()),
        };
        let mut file = File::from(file);
        file.write_all(bytes)?;
        match link(&file, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result,
        }
        // A file in use cannot be replaced by a link at once: only by a rename.
        let _ = fs::remove_file(temporary);
        link(&file, temporary)?;
        fs::rename(temporary, path)
    }

    fn link(file: &File, path: &Path) -> io::Result<()> {
        let open = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        match rustix::fs::linkat(CWD, &open, CWD, path, AtFlags::SYMLINK_FOLLOW) {
            // Without /proc.
            Err(Errno::NOENT | Errno::OPNOTSUPP) if !open.exists() => {
                Err(io::ErrorKind::Unsupported.into())
            }
            result => Ok(result?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &Path, bytes: &[u8]) {
        write_atomically(path, bytes).unwrap();
        assert_eq!(fs::read(path).unwrap(), bytes);
        let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }

    #[test]
    fn files_are_made_replaced_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.yaml");
        check(&path, b"a: 1\n");
        check(&path, b"a: 1\n");
        check(&path, b"a: 2\n");
        fs::write(folder.path().join(".out.yaml.tidegate"), "left by a crash").unwrap();
        check(&path, b"a: longer\n");
    }

    #[test]
    fn a_file_with_this_content_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.yaml");
        write_atomically(&path, b"same").unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        write_atomically(&path, b"same").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn a_folder_is_not_replaced_and_its_parent_must_exist() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        assert!(write_atomically(&inner, b"x").is_err());
        assert!(write_atomically(&folder.path().join("absent/x"), b"x").is_err());
    }

    #[test]
    #[cfg(unix)]
    fn links_are_followed_and_devices_are_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink("real", &link).unwrap();
        write_atomically(&link, b"new").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        write_atomically(Path::new("/dev/null"), b"x").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn the_way_without_unnamed_files_works_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.yaml");
        let (_, temporary) = temporary_beside(&path).unwrap();
        named(&path, &temporary, b"x").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"x");
        assert!(!temporary.exists());
    }
}
