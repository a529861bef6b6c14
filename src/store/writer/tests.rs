//! Group commit, its isolation and its ends: fenced, failed.

use std::collections::BTreeSet;

use crate::entry::Position;
use crate::store::log::NewEntry;
use crate::store::migrate::{state_path, with_ending};
use crate::store::samples::{Place, alert, append, check_in, opening, place, position};
use crate::store::samples::{second, wall};
use crate::store::{Answer, Scope, Store, StoreError};

fn path(place: &Place) -> std::path::PathBuf {
    place.directory.path().join("siaga.db")
}

fn fail(store: &Store, id: &'static str) -> Answer<()> {
    store.write(move |connection| {
        connection.execute(
            "INSERT INTO record (source, record_id, first, newest, revisions, last_received)
             VALUES ('uji', ?1, 1, 1, 1, 0)",
            [id],
        )?;
        Err(StoreError::NotFound("sample"))
    })
}

#[test]
fn many_threads_append_and_every_position_is_its_own_and_on_disk() {
    let place = place();
    let of_thread = |thread: usize| -> Vec<Position> {
        (0..200)
            .map(|number| {
                let record = check_in(&format!("{thread}-{number}"), "UTO:X1", number, "");
                position(&append(&place.store, record, wall(1000)))
            })
            .collect()
    };
    let positions: Vec<Vec<Position>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|thread| scope.spawn(move || of_thread(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(positions.iter().all(|own| own.is_sorted()));
    let unique: BTreeSet<Position> = positions.concat().into_iter().collect();
    assert_eq!(unique.len(), 1600);

    let path = path(&place);
    drop(place.store);
    let again = Store::open(&path, second(2000)).unwrap();
    let stored: BTreeSet<Position> = again.tail(0, 10_000).unwrap().iter().map(|entry| entry.position).collect();
    assert_eq!(stored, unique);
}

#[test]
fn a_failing_job_leaves_its_neighbours_alone() {
    let place = place();
    let store = &place.store;
    // a slow first job makes the others queue up behind it, into one commit
    let (release, held) = std::sync::mpsc::channel::<()>();
    let slow = store.write(move |_| {
        // woken when the sender is dropped
        assert!(held.recv().is_err());
        Ok(())
    });
    let before = store.append(vec![NewEntry::Record(Box::new(check_in("a-1", "X", 1, "")))], wall(1));
    let failing = fail(store, "half-done");
    let after = store.append(vec![NewEntry::Record(Box::new(check_in("a-2", "X", 2, "")))], wall(1));
    drop(release);
    slow.wait().unwrap();
    assert_eq!(failing.wait(), Err(StoreError::NotFound("sample")));
    let positions = [before.wait().unwrap(), after.wait().unwrap()].map(|one| position(&one[0]));
    assert_eq!(positions, [1, 2]);
    let half_done = store.read(|connection| {
        Ok(connection.query_row("SELECT COUNT(*) FROM record WHERE source = 'uji'", [], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(half_done, Ok(0));
}

#[test]
fn what_can_wait_lets_others_go_first_and_is_done() {
    let place = place();
    let writer = &place.store.inner.log;
    let (release, held) = std::sync::mpsc::channel::<()>();
    let slow = writer.submit(move |_| {
        // woken when the sender is dropped
        assert!(held.recv().is_err());
        Ok(())
    });
    let (done, order) = std::sync::mpsc::channel();
    let mark = |word: &'static str| {
        let done = done.clone();
        move |_: &rusqlite::Connection| {
            done.send(word).unwrap();
            Ok(())
        }
    };
    let patient = writer.submit_patient(mark("patient"));
    let urgent = writer.submit(mark("urgent"));
    drop(release);
    slow.wait().unwrap();
    urgent.wait().unwrap();
    patient.wait().unwrap();
    assert_eq!(order.try_iter().collect::<Vec<_>>(), ["urgent", "patient"]);
}

#[test]
fn an_append_is_done_where_it_is_brought_unless_somebody_writes() {
    let place = place();
    let store = &place.store;
    let alone = store.append_here(vec![NewEntry::Tick], wall(1));
    assert!(!store.is_appending());
    assert_eq!(alone.wait().unwrap().len(), 1);
    let (begin, begun) = std::sync::mpsc::channel::<()>();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let slow = store.write(move |_| {
        begin.send(()).unwrap();
        // woken when the sender is dropped
        assert!(held.recv().is_err());
        Ok(())
    });
    begun.recv().unwrap();
    let waits = store.append_here(vec![NewEntry::Tick], wall(2));
    assert!(store.is_appending());
    drop(release);
    slow.wait().unwrap();
    assert_eq!(waits.wait().unwrap().len(), 1);
}

#[test]
fn whoever_opens_the_store_fences_the_one_before() {
    let place = place();
    append(&place.store, check_in("a-1", "X", 1, ""), wall(1));
    let newer = Store::open(&path(&place), second(2)).unwrap();
    let late = place.store.append(vec![NewEntry::Tick], wall(3));
    assert_eq!(late.wait(), Err(StoreError::Fenced));
    assert_eq!(place.store.commit(Vec::new(), 1, Vec::new(), drop).wait(), Err(StoreError::Fenced));
    append(&newer, check_in("a-2", "X", 1, ""), wall(3));
    assert_eq!(newer.tail(0, 10).unwrap().len(), 2);
}

#[test]
fn whoever_joins_writes_beside_the_owner() {
    let place = place();
    let beside = Store::join(&path(&place)).unwrap();
    let first = position(&append(&beside, check_in("a-1", "X", 1, ""), wall(5)));
    let second_at = position(&append(&place.store, check_in("a-2", "X", 1, ""), wall(1)));
    assert_eq!((first, second_at), (1, 2));
    assert_eq!(place.store.last_at().unwrap(), Some(second(5)));
    let _newer = Store::open(&path(&place), second(6)).unwrap();
    assert_eq!(beside.append(vec![NewEntry::Tick], wall(7)).wait(), Err(StoreError::Fenced));
}

#[test]
fn a_failed_commit_is_the_end_and_writes_nothing() {
    let place = place();
    let store = &place.store;
    append(store, check_in("a-1", "X", 1, ""), wall(1));
    // a dangling reference that is only looked at on commit
    let bad = store.write(|connection| {
        connection.pragma_update(None, "defer_foreign_keys", true)?;
        connection.execute("INSERT INTO payload (position, body) VALUES (99, x'00')", [])?;
        Ok(())
    });
    let error = bad.wait().unwrap_err();
    assert!(error.is_fatal(), "{error}");
    let after = store.append(vec![NewEntry::Tick], wall(2)).wait();
    assert_eq!(after, Err(error));
    assert_eq!(store.tail(0, 10).unwrap().len(), 1);
}

#[test]
fn a_write_whose_answer_nobody_awaits_still_happens() {
    let place = place();
    drop(place.store.append(vec![NewEntry::Tick], wall(1)));
    let path = path(&place);
    drop(place.store);
    let again = Store::open(&path, second(2)).unwrap();
    assert_eq!(again.tail(0, 10).unwrap().len(), 1);
}

#[test]
fn too_much_waiting_is_refused_before_it_is_queued() {
    let place = place();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let slow = place.store.write(move |_| {
        // woken when the sender is dropped
        assert!(held.recv().is_err());
        Ok(())
    });
    let large = |id: &str| {
        let mut record = check_in(id, "X", 1, "");
        record.body = vec![b' '; super::MOST_WAITING_BYTES];
        place.store.append(vec![NewEntry::Record(Box::new(record))], wall(1))
    };
    let first = large("a-1");
    assert_eq!(large("a-2").wait(), Err(StoreError::Busy));
    drop(release);
    slow.wait().unwrap();
    first.wait().unwrap();
    large("a-3").wait().unwrap();
}

#[tokio::test]
async fn an_answer_can_be_awaited() {
    let place = place();
    let appended = place.store.append(vec![NewEntry::Tick], wall(1)).await;
    assert_eq!(appended.unwrap().len(), 1);
}

#[test]
fn a_file_of_a_newer_program_is_left_alone() {
    let place = place();
    let path = path(&place);
    drop(place.store);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let error = Store::open(&path, second(1)).err();
    assert_eq!(error, Some(StoreError::Newer { found: 99, known: 4 }));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    append(&place.store, check_in("a-1", "X", 1, ""), wall(1));
    for entry in std::fs::read_dir(place.directory.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn a_newer_state_is_left_alone_too() {
    let place = place();
    let path = path(&place);
    drop(place.store);
    let connection = rusqlite::Connection::open(state_path(&path)).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(Store::open(&path, second(1)).err(), Some(StoreError::Newer { found: 99, known: 3 }));
}

/// What a power failure can leave: each file and some first part of its log of changes, then garbage.
#[test]
fn a_torn_write_ahead_log_opens_as_a_prefix_without_half_a_step() {
    let place = place();
    for number in 1..=20 {
        let id = format!("a-{number}");
        append(&place.store, check_in(&id, "X", number, ""), wall(number));
        let step = opening(number, alert(&format!("S-{number}"), "X", &[]));
        let answer = place.store.commit(vec![step], number, Vec::new(), drop);
        answer.wait().unwrap();
    }
    let log = path(&place);
    let files = [log.clone(), state_path(&log)];
    let databases = files.each_ref().map(|file| std::fs::read(file).unwrap());
    let wals = files.each_ref().map(|file| std::fs::read(with_ending(file, "-wal")).unwrap());
    let mut set_aside = 0;
    for torn in [0, 1] {
        // what is laid out beyond is zeros
        let written = wals[torn].iter().rposition(|byte| *byte != 0).unwrap();
        for cut in (0..written).step_by(written / 40 + 7) {
            let directory = tempfile::tempdir().unwrap();
            let copy = directory.path().join("siaga.db");
            for (number, file) in [copy.clone(), state_path(&copy)].iter().enumerate() {
                std::fs::write(file, &databases[number]).unwrap();
                let kept = if number == torn { cut } else { wals[number].len() };
                let end = if number == torn { b"garbage".repeat(cut % 1000) } else { Vec::new() };
                std::fs::write(with_ending(file, "-wal"), [&wals[number][..kept], &end].concat()).unwrap();
            }
            let store = Store::open(&copy, second(100)).unwrap();
            let entries = store.tail(0, 100).unwrap();
            let logged = i64::try_from(entries.len()).unwrap();
            assert!(entries.iter().map(|entry| entry.position).eq(1..=logged));
            let progress = store.progress().unwrap();
            let audited: Vec<_> = store.audit(None, 3).unwrap().items.into_iter().map(|row| row.what).collect();
            let is_renewed = audited.iter().any(|what| what == "state.set-aside");
            // the state was whole: as soon as the log has lost an entry, nothing of it can be kept
            assert_eq!(is_renewed, logged < 20, "cut at {cut}");
            assert!(progress == if is_renewed { 0 } else { progress } && (torn == 1 || [0, 20].contains(&progress)));
            set_aside += usize::from(is_renewed);
            for number in 1..=20 {
                let known = store.alert(&format!("S-{number}"), &Scope::All).unwrap();
                assert_eq!(known.is_some(), number <= progress, "cut at {cut}");
            }
        }
    }
    assert!(set_aside > 10);
}
