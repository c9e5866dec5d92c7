//! ZIP archives of stored (uncompressed) files, all that a small workbook needs.

/// Packs texts under their names.
pub(super) fn pack(files: &[(&str, String)]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for (name, text) in files {
        let offset = size(archive.len());
        let head = header(name, text.as_bytes());
        archive.extend(0x0403_4b50_u32.to_le_bytes());
        archive.extend(&head);
        archive.extend(name.as_bytes());
        archive.extend(text.as_bytes());
        directory.extend(0x0201_4b50_u32.to_le_bytes());
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&head);
        // No comment, first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX).to_le_bytes();
    let (start, length) = (size(archive.len()), size(directory.len()));
    archive.extend(directory);
    archive.extend(0x0605_4b50_u32.to_le_bytes());
    archive.extend([0; 4]);
    archive.extend(count);
    archive.extend(count);
    archive.extend(length.to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]);
    archive
}

/// What both headers of a file have in common, from the version on.
fn header(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    // Version 2.0, no flags, stored, the first of January 1980 at midnight.
    for value in [20_u16, 0, 0, 0, 0x21] {
        head.extend(value.to_le_bytes());
    }
    let length = size(bytes.len()).to_le_bytes();
    head.extend(crc32(bytes).to_le_bytes());
    head.extend(length);
    head.extend(length);
    let name = u16::try_from(name.len()).unwrap_or(u16::MAX);
    head.extend(name.to_le_bytes());
    head.extend([0; 2]);
    head
}

/// Statements are far below the 4 GiB that the format can hold.
fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_format() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn an_empty_archive_is_its_end_record() {
        let empty = pack(&[]);
        assert_eq!(empty.len(), 22);
        assert!(empty.starts_with(b"PK\x05\x06"));
    }
}
