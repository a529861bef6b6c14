//! Kabupaten and kecamatan by their Kemendagri codes.
