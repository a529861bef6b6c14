//! Bare SQLite: the very rows that the daemon's intake wrote, in the same tables and indexes, in transactions of a batch.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

/// The tables that a record comes to before it is answered.
pub const ANSWERED: &[(&str, &str)] = &[("log", "position"), ("payload", "position"), ("record", "newest")];

/// Those and the index over subjects, which the daemon writes to its state once the record is judged.
pub const ALL: &[(&str, &str)] =
    &[("log", "position"), ("payload", "position"), ("record", "newest"), ("dossier", "position")];

/// What one record is in the tables: table by table, row by row.
pub struct Rows {
    /// Makes the tables and their indexes.
    schema: String,
    inserts: Vec<String>,
    records: Vec<Vec<(usize, Vec<Value>)>>,
}

impl Rows {
    /// Reads what a daemon wrote to some tables, in the order in which it did.
    pub fn read(store: &Path, tables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let connection = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.execute("ATTACH DATABASE ?1 AS state", [format!("{}.state", store.display())])?;
        let mut positions = connection.prepare("SELECT position FROM log WHERE type = 'record' ORDER BY position")?;
        let positions = positions.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        let first = positions.first().copied().unwrap_or_default();
        let mut records: Vec<Vec<(usize, Vec<Value>)>> = positions.iter().map(|_| Vec::new()).collect();
        let (mut inserts, mut schema) = (Vec::new(), String::new());
        for (number, (table, place)) in tables.iter().enumerate() {
            schema.push_str(&schema_of(&connection, table)?);
            let mut statement =
                connection.prepare(&format!("SELECT {place}, * FROM {table} WHERE {place} >= {first}"))?;
            let columns = statement.column_count();
            let marks = vec!["?"; columns - 1].join(", ");
            inserts.push(format!("INSERT INTO {table} VALUES ({marks})"));
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let position: i64 = row.get(0)?;
                let values = (1..columns).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>()?;
                let index = usize::try_from(position - first)?;
                if let Some(record) = records.get_mut(index) {
                    record.push((number, values));
                }
            }
        }
        Ok(Rows { schema, inserts, records })
    }

    /// How many records they are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Writes them, a transaction for each batch; how long that took.
    pub fn write(&self, store: &Path, batch: usize) -> anyhow::Result<Duration> {
        let connection = Connection::open(store)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // as much as the daemon's writer has
        connection.pragma_update(None, "cache_size", -4096)?;
        connection.execute_batch(&self.schema)?;
        connection.set_prepared_statement_cache_capacity(64);
        let mut statements =
            self.inserts.iter().map(|insert| connection.prepare(insert)).collect::<Result<Vec<_>, _>>()?;
        let began = Instant::now();
        for some in self.records.chunks(batch) {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            for (table, values) in some.iter().flatten() {
                if let Some(statement) = statements.get_mut(*table) {
                    statement.execute(params_from_iter(values))?;
                }
            }
            connection.execute_batch("COMMIT")?;
        }
        Ok(began.elapsed())
    }
}

/// The statements that made a table and its indexes in the daemon's own file.
fn schema_of(connection: &Connection, table: &str) -> anyhow::Result<String> {
    let mut statement = connection.prepare(
        "SELECT sql || ';' FROM (SELECT * FROM main.sqlite_schema UNION ALL SELECT * FROM state.sqlite_schema)
         WHERE tbl_name = ?1 AND sql IS NOT NULL",
    )?;
    let statements = statement.query_map([table], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Ok(statements.concat())
}
