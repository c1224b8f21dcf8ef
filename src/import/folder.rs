use crate::limit;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file or folder of a policy that could not be read, and why.
#[derive(Debug)]
pub struct FolderFault {
    path: PathBuf,
    error: io::Error,
}

/// Folders inside folders that are looked into; a policy has two or three.
const DEPTH_MAX: usize = 8;

/// The files of a policy folder that can matter to it, names relative with `/`: YAML, JSON, and tables as text or workbook. Hidden files and
/// folders are passed over, and so are the files with which Excel locks those it has open.
///
/// # Errors
/// The first file or folder that cannot be read.
pub fn read_folder(path: &Path) -> Result<Vec<(String, Vec<u8>)>, FolderFault> {
    let mut list = Vec::new();
    read_into(path, "", 0, &mut list)?;
    Ok(list)
}

fn read_into(path: &Path, prefix: &str, depth: usize, list: &mut Vec<(String, Vec<u8>)>) -> Result<(), FolderFault> {
    let fault = |error| FolderFault { path: path.to_owned(), error };
    for entry in fs::read_dir(path).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let file_name = entry.file_name();
        // A name that is not Unicode cannot be written in a policy file, so nothing can mean it.
        let Some(name) = file_name.to_str().filter(|name| !name.starts_with(['.', '~'])) else { continue };
        let inside = format!("{prefix}{name}");
        if entry.file_type().map_err(fault)?.is_dir() {
            if depth < DEPTH_MAX {
                read_into(&entry.path(), &format!("{inside}/"), depth + 1, list)?;
            }
        } else if [".yaml", ".yml", ".csv", ".tsv", ".txt", ".xlsx", ".json"].iter().any(|ending| name.ends_with(ending)) {
            let fault = |error| FolderFault { path: entry.path(), error };
            if entry.metadata().map_err(fault)?.len() > limit::FILE_BYTES {
                let message = format!("it is larger than {} MB", limit::FILE_BYTES >> 20);
                return Err(fault(io::Error::new(io::ErrorKind::FileTooLarge, message)));
            }
            let bytes = fs::read(entry.path()).map_err(fault)?;
            list.push((inside, bytes));
        }
    }
    Ok(())
}

impl fmt::Display for FolderFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "`{}` cannot be read: {}", self.path.display(), self.error)
    }
}

impl FolderFault {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        "name a policy folder; `qudao new DIR` makes one"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beyond_the_ceiling_is_not_read() {
        let folder = std::env::temp_dir().join(format!("qudao-folder-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = fs::File::create(folder.join("a.csv")).unwrap();
        // Nothing is written: the file has a length and no content.
        file.set_len(limit::FILE_BYTES + 1).unwrap();
        let fault = read_folder(&folder).map(|files| files.len()).unwrap_err().to_string();
        fs::remove_dir_all(&folder).unwrap();
        assert!(fault.contains("larger than 512 MB"), "{fault}");
    }
}
