//! What rots in the store, what crashes leave there, and `truecrop store check`.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use axum::body::Body;
use axum::http::Method;
use common::{TestServer, upload};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use truecrop_core::receipt::Digest;
use truecrop_core::recipe::Format;
use truecrop_server::store::{Ages, Content, Id, Stage, Store, StoreError, StoredOutput};

const NOW: Ages = Ages { pending: Duration::MAX, leftovers: Duration::ZERO, tombstones: Duration::MAX };

/// A server with one upload in this stage: its address, and its folder.
async fn server_with(stage: Stage) -> (TestServer, String, PathBuf) {
    let server = TestServer::new(|_| ()).await;
    let parts = upload("coffee.jpg", &[Format::Jpeg]).parts(false);
    let image = server.post(&parts).await.header("location").to_owned();
    if stage == Stage::Kept {
        let confirm = format!("{image}/confirm");
        assert_eq!(server.send(Method::POST, &confirm, &[], Body::empty()).await.status, 200);
    }
    let id = image.rsplit('/').next().unwrap();
    let folder = store(&server).join(stage.as_str()).join(id);
    (server, image, folder)
}

fn store(server: &TestServer) -> PathBuf {
    server.folder.path().join("store")
}

fn id(image: &str) -> Id {
    image.rsplit('/').next().unwrap().parse().unwrap()
}

fn turn_a_bit(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, bytes).unwrap();
}

/// Exit code and standard output.
fn check(server: &TestServer, arguments: &[&str]) -> (i32, String) {
    check_folder(&store(server), arguments)
}

fn check_folder(store: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truecrop"));
    let command = command.args(["store", "check", "--store"]).arg(store).args(arguments);
    let output = command.env_remove("TRUECROP_CONFIG").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text)
}

#[test]
fn a_folder_that_does_not_exist_is_no_sound_store() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("stroe");
    assert_eq!(check_folder(&nowhere, &[]), (1, String::new()));
    assert!(!nowhere.exists());
}

#[tokio::test]
async fn a_damaged_upload_is_a_typed_problem_and_can_be_deleted() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage, &str); 5] = [
        ("manifest.json", |file| std::fs::write(file, b"{").unwrap(), ""),
        ("manifest.json", turn_a_bit, ""),
        ("main.jpg", turn_a_bit, "/main"),
        ("main.jpg", |file| std::fs::remove_file(file).unwrap(), "/main"),
        ("receipt.json", turn_a_bit, "/receipt"),
    ];
    for (file, damage, path) in damages {
        for stage in [Stage::Pending, Stage::Kept] {
            let (server, image, folder) = server_with(stage).await;
            damage(&folder.join(file));
            let answer = server.get(&format!("{image}{path}")).await;
            let told = answer.json();
            assert_eq!(
                (answer.status.as_u16(), &told["code"]),
                (500, &"damaged-upload".into()),
                "{file} {told}"
            );
            assert!(told["detail"].as_str().unwrap().contains("DELETE"), "{told}");
            assert_eq!((answer.header("etag"), answer.header("repr-digest")), ("", ""));
            let (code, text) = check(&server, &[]);
            assert!(
                code == 1 && text.contains(&format!("damaged {}/{}", stage.as_str(), id(&image))),
                "{text}"
            );
            if stage == Stage::Pending && !path.is_empty() {
                let confirm =
                    server.send(Method::POST, &format!("{image}/confirm"), &[], Body::empty()).await;
                assert_eq!(
                    (confirm.status.as_u16(), &confirm.json()["code"]),
                    (500, &"damaged-upload".into())
                );
            }
            assert_eq!(server.send(Method::DELETE, &image, &[], Body::empty()).await.status, 204);
            assert!(server.files().is_empty(), "{:?}", server.files());
            assert_eq!(server.get(&image).await.status, 404);
            assert_eq!(check(&server, &[]).0, 0);
        }
    }
}

/// Longer than what is verified before it is answered.
#[tokio::test]
async fn a_large_output_or_a_part_of_it_never_arrives_whole_under_a_digest_that_is_false() {
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|i| (i / 7) as u8).collect();
    for spoiled in [None, Some(0), Some(1_500_000), Some(2_999_999)] {
        let objects = Arc::new(InMemory::new());
        let store = Store::with_backend(Arc::clone(&objects) as Arc<dyn ObjectStore>);
        let id = Id::random().unwrap();
        let output: StoredOutput = serde_json::from_value(serde_json::json!({
            "name": "main", "file": "main.png", "width": 1, "height": 1, "format": "png",
            "bytes": bytes.len(), "digest": Digest::of(&bytes),
        }))
        .unwrap();
        let mut stored = bytes.clone();
        if let Some(at) = spoiled {
            stored[at] ^= 1;
        }
        let path = object_store::path::Path::from(format!("kept/{id}/main.png"));
        object_store::ObjectStoreExt::put(&*objects, &path, stored.into()).await.unwrap();
        for part in [0..3_000_000_u64, 0..1000, 1_000_000..2_000_000, 2_999_000..3_000_000, 70_000..70_001] {
            let read = store.read_part(Stage::Kept, id, &output, part.clone()).await.unwrap();
            let (_, content) = read.unwrap();
            assert!(matches!(content, Content::Streamed(_)));
            // Also where the part itself is as it was: nothing is known of a picture that is not whole.
            match (spoiled, content.bytes().await) {
                (None, read) => assert_eq!(read.unwrap(), bytes[part.start as usize..part.end as usize]),
                (Some(_), read) => assert!(matches!(read, Err(StoreError::Damaged { .. })), "{part:?}"),
            }
        }
    }
}

/// Files as kills leave them: copies of a confirm, parts of an upload, staging files in all folders.
fn leave(server: &TestServer, image: &str) -> Vec<PathBuf> {
    let (store, id) = (store(server), id(image));
    let files = [
        format!("kept/{}/main.jpg", "a".repeat(26)),
        format!("kept/{}/main.jpg#1", "a".repeat(26)),
        format!("pending/{}/receipt.json", "b".repeat(26)),
        format!("kept/{id}/main.jpg#12"),
        format!("pending/{}/main.jpg#1", "c".repeat(26)),
        format!("deleted/{}#1", "d".repeat(26)),
    ];
    for file in &files {
        let file = store.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, b"private").unwrap();
    }
    files.iter().map(|file| store.join(file)).collect()
}

#[tokio::test]
async fn the_sweep_removes_what_crashes_have_left_once_it_is_old() {
    let (server, image, folder) = server_with(Stage::Kept).await;
    let left = leave(&server, &image);
    let young = server.app.store().sweep(Duration::ZERO, false).await.unwrap();
    assert!(young.leftovers == 0 && left.iter().all(|file| file.exists()), "{young:?}");
    server.app.store().sweep_by_age(NOW, false).await.unwrap();
    assert!(left.iter().all(|file| !file.exists()), "{left:?}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 3);
    // The fences and tombstones go as well, once they are old.
    let all = Ages { pending: Duration::MAX, leftovers: Duration::ZERO, tombstones: Duration::ZERO };
    for _ in 0..2 {
        server.app.store().sweep_by_age(all, false).await.unwrap();
    }
    assert_eq!(server.files().len(), 3, "{:?}", server.files());
    assert_eq!(std::fs::read_dir(store(&server).join("deleted")).unwrap().count(), 0);
    assert_eq!(server.get(&format!("{image}/main")).await.status, 200);
}

#[tokio::test]
async fn store_check_lists_and_repairs() {
    let (server, image, folder) = server_with(Stage::Kept).await;
    server.post(&upload("coffee.jpg", &[Format::Png]).parts(false)).await;
    let (code, text) = check(&server, &["--json"]);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, lines.len()), (0, 3), "{text}");
    assert_eq!(lines[0]["path"], format!("kept/{}", id(&image)));
    assert_eq!((&lines[2]["summary"]["kept"], &lines[2]["summary"]["pending"]), (&1.into(), &1.into()));

    let left = leave(&server, &image);
    // They may be under way.
    assert_eq!(check(&server, &[]).0, 0);
    let (code, text) = check(&server, &["--older-than", "0s"]);
    let count = |state: &str| text.lines().filter(|line| line.starts_with(state)).count();
    assert_eq!((code, count("sound"), count("orphan"), count("staging")), (1, 2, 2, 4), "{text}");
    assert!(left.iter().all(|file| file.exists()));
    // A file that truecrop did not write is shown, and left alone.
    std::fs::write(folder.join("notes.txt"), b"mine").unwrap();
    let (code, text) = check(&server, &["--older-than", "0s", "--repair"]);
    assert!(code == 1 && text.contains("/notes.txt") && text.contains(" 0 orphans, 0 staging"), "{text}");
    assert!(left.iter().all(|file| !file.exists()));
    std::fs::remove_file(folder.join("notes.txt")).unwrap();
    let (code, text) = check(&server, &["--older-than", "0s"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(server.get(&format!("{image}/main")).await.status, 200);
}
