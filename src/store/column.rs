//! How the program's words stand in columns: kinds, channels and states as words, severities as ranks that sort.

use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::alert::Severity;
use crate::store::outbox::{Channel, DeliveryState};
use crate::subject::{Subject, SubjectKind};

impl ToSql for SubjectKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for SubjectKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        SubjectKind::from_word(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for Channel {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for Channel {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Channel::from_word(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for DeliveryState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for DeliveryState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        DeliveryState::from_word(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for Severity {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let rank: i64 = match self {
            Severity::Silent => 0,
            Severity::Siaga3 => 1,
            Severity::Siaga2 => 2,
            Severity::Siaga1 => 3,
        };
        Ok(rank.into())
    }
}

impl FromSql for Severity {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_i64()? {
            0 => Ok(Severity::Silent),
            1 => Ok(Severity::Siaga3),
            2 => Ok(Severity::Siaga2),
            3 => Ok(Severity::Siaga1),
            rank => Err(FromSqlError::OutOfRange(rank)),
        }
    }
}

/// The subject whose kind and key stand at `first` and after it.
pub(super) fn subject_from(row: &Row<'_>, first: usize) -> rusqlite::Result<Subject> {
    Ok(Subject { kind: row.get(first)?, key: row.get(first + 1)? })
}
