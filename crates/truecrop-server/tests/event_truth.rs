//! What the application hears of the end of an upload is what has happened to it, whatever comes between two steps of whoever ends it, and
//! also when that one dies: no event is lost, and none tells of what has not happened.
#![allow(clippy::unwrap_used)] // a test says what it missed by panicking

mod common;

use common::observed_store::ObservedStore;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc::Receiver;
use truecrop_core::Limits;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Receipt;
use truecrop_core::recipe::Format;
use truecrop_core::verify::{Level, Submission, Verified, verify};
use truecrop_server::store::{
    About, Ages, AuditState, Confirmed, Deleted, Event, EventKind, Id, Settlement, Store,
};

const DAY: Duration = Duration::from_secs(86_400);

/// Older than whatever may be under way.
const OLD: Duration = Duration::from_secs(2 * 3600);

/// What a server does to an upload that waits.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    /// Nobody has confirmed it in time.
    Expire,
    /// The application deletes it.
    Delete,
    Confirm,
    /// Its source disproves it.
    Disprove,
    /// Its source proves it.
    Prove,
}

use Call::{Confirm, Delete, Disprove, Expire, Prove};

/// What a call was told.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Swept,
    Deleted(Deleted),
    Confirmed(bool),
    Audit(Option<AuditState>),
}

async fn make(call: Call, store: &Store, id: Id) -> Option<Told> {
    let all = Ages { pending: Duration::ZERO, leftovers: DAY, tombstones: DAY };
    Some(match call {
        Expire => store.sweep_by_age(all, false).await.map(|_| Told::Swept).ok()?,
        Delete => Told::Deleted(store.delete(id).await.ok()?),
        Confirm => Told::Confirmed(matches!(
            store.confirm(id).await.ok()?,
            Confirmed::Now(_) | Confirmed::Already(_)
        )),
        Disprove => Told::Audit(store.settle_audit(id, Settlement::Disproved).await.ok()?),
        Prove => Told::Audit(store.settle_audit(id, Settlement::Proved(Level::Source)).await.ok()?),
    })
}

fn verified() -> Verified {
    let upload = common::upload("coffee.jpg", &[Format::Jpeg]);
    let receipt = Receipt::from_json(upload.receipt.as_bytes(), &Limits::default()).unwrap();
    let submission = Submission { receipt, outputs: upload.outputs, source: None };
    verify(submission, Level::Result, &Policy::default(), &Limits::default()).unwrap()
}

/// The events that were sent.
#[derive(Default)]
struct Sent(BTreeSet<EventKind>);

impl Sent {
    /// Sends as a server does: what it has made happen at once, if nobody has taken that back; with `again`, what was left by others if it
    /// has happened.
    async fn send(&mut self, store: &Store, happened: &mut Receiver<Event>, again: bool) {
        while let Ok(event) = happened.try_recv() {
            if store.event(event).await.unwrap().is_some() {
                self.0.insert(event.kind);
                store.forget_event(event).await.unwrap();
            }
        }
        if !again {
            return;
        }
        for (event, _) in store.events(Duration::ZERO, 100).await.unwrap() {
            let Some(happened) = store.has_happened(event, OLD).await.unwrap() else { continue };
            if happened {
                self.0.insert(event.kind);
            }
            store.forget_event(event).await.unwrap();
        }
    }
}

/// Where the objects of an upload are, and what its tombstone says.
async fn tombstone(objects: &InMemory, id: Id) -> Option<String> {
    let found = objects.get(&Path::from(format!("deleted/{id}"))).await.ok()?;
    Some(String::from_utf8(found.bytes().await.unwrap().to_vec()).unwrap())
}

/// Makes a call with another one before its operation of this number, or has it die there; false when it has fewer.
async fn with_between(first: Call, between: Option<Call>, audited: bool, number: usize) -> bool {
    let objects = Arc::new(InMemory::new());
    let (other, mut of_other) = Store::with_backend(Arc::clone(&objects) as _).with_outbox();
    let mut about = About::new(DAY).unwrap();
    let soon = SystemTime::now() + DAY;
    about.audit = audited.then(|| soon.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs());
    let id = other.put_about(&verified(), &about).await.unwrap().id;
    let accepted = Event { kind: EventKind::Accepted, id };
    other.forget_event(accepted).await.unwrap();

    let told_between = Arc::new(Mutex::new(None));
    let (told, elsewhere) = (Arc::clone(&told_between), other.clone());
    let (reached, mut is_reached) = tokio::sync::mpsc::unbounded_channel();
    let interruption: BoxFuture<'static, object_store::Result<()>> = async move {
        reached.send(()).unwrap();
        match between {
            Some(call) => {
                let answer = make(call, &elsewhere, id).await;
                *told.lock().unwrap() = answer;
                Ok(())
            }
            None => std::future::pending().await,
        }
    }
    .boxed();
    let observed = ObservedStore { objects: Arc::clone(&objects), hook: Default::default() };
    let (store, mut of_first) =
        Store::with_backend(Arc::new(observed.interrupted_before(number, interruption))).with_outbox();
    let told_first = if between.is_some() {
        make(first, &store, id).await
    } else {
        // Nothing else is waited for, so who is not ready has died.
        make(first, &store, id).now_or_never().flatten()
    };
    if is_reached.try_recv().is_err() {
        return false;
    }
    let told = [told_first, *told_between.lock().unwrap()];

    let mut sent = Sent::default();
    sent.send(&store, &mut of_first, false).await;
    sent.send(&other, &mut of_other, true).await;
    let at_first = tombstone(&objects, id).await;
    // The sweep of a server completes what was left; nothing that was confirmed is touched by it.
    make(Expire, &other, id).await.unwrap();
    sent.send(&other, &mut of_other, true).await;
    let undecided = other.events(Duration::ZERO, 100).await.unwrap();
    assert!(undecided.is_empty(), "{first:?} with {between:?} before {number}: {undecided:?} for ever");
    check(first, between, number, &told, &sent.0, at_first.or(tombstone(&objects, id).await), &other, id)
        .await;
    true
}

#[expect(clippy::too_many_arguments, reason = "all that a case is")]
async fn check(
    first: Call,
    between: Option<Call>,
    number: usize,
    told: &[Option<Told>; 2],
    sent: &BTreeSet<EventKind>,
    tombstone: Option<String>,
    store: &Store,
    id: Id,
) {
    let case = format!("{first:?} with {between:?} before {number}: {told:?}, {sent:?}, {tombstone:?}");
    let calls = [Some(first), between];
    let kept = store.find(id).await.unwrap().is_some();
    let expired = sent.contains(&EventKind::Expired);
    // The store's own word for how it has ended.
    let swept = tombstone.as_ref().is_some_and(|word| word.contains("swept"));
    assert!(kept || tombstone.is_some(), "{case}");
    assert_eq!(expired, swept, "{case}");
    assert!(!(kept && expired), "{case}");
    let confirmed = told.contains(&Some(Told::Confirmed(true)));
    assert!(!kept || sent.contains(&EventKind::Confirmed), "{case}");
    assert!(kept || confirmed || !sent.contains(&EventKind::Confirmed), "{case}");
    if confirmed {
        assert!(!expired, "{case}");
    }
    // A delete that ran from its begin to its end before anybody else did anything to the upload.
    if number == 0 && between == Some(Delete) {
        assert!(!expired && !sent.contains(&EventKind::AuditFailed), "{case}");
    }
    let failed = told.contains(&Some(Told::Audit(Some(AuditState::Failed))));
    let may_fail = calls.contains(&Some(Disprove));
    assert!(!failed || sent.contains(&EventKind::AuditFailed), "{case}");
    assert!(may_fail || !sent.contains(&EventKind::AuditFailed), "{case}");
    if sent.contains(&EventKind::AuditFailed) {
        let passed =
            told.iter().flatten().any(|told| matches!(told, Told::Audit(Some(AuditState::Passed(_)))));
        assert!(!passed && !kept, "{case}");
    }
}

#[tokio::test]
async fn each_event_is_true_and_none_is_lost() {
    for (audited, calls) in
        [(false, &[Expire, Delete, Confirm][..]), (true, &[Expire, Delete, Disprove, Prove])]
    {
        for first in calls {
            for between in calls.iter().copied().map(Some).chain([None]) {
                let mut number = 0;
                while with_between(*first, between, audited, number).await {
                    number += 1;
                }
                assert!(number > 3, "{first:?} with {between:?} at {number} places only");
            }
        }
    }
}

/// The sweep of a process that sends nothing, as `truecrop sweep` may be, and a server's without a webhook.
#[tokio::test]
async fn who_sends_nothing_leaves_word_of_a_failed_audit() {
    for ends in [Expire, Delete] {
        let objects = Arc::new(InMemory::new());
        let (sends, _happened) = Store::with_backend(Arc::clone(&objects) as _).with_outbox();
        let mut about = About::new(DAY).unwrap();
        let soon = SystemTime::now() + DAY;
        about.audit = Some(soon.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs());
        let id = sends.put_about(&verified(), &about).await.unwrap().id;
        sends.settle_audit(id, Settlement::Disproved).await.unwrap();
        make(ends, &Store::with_backend(objects), id).await.unwrap();
        assert!(sends.find(id).await.unwrap().is_none(), "{ends:?}");
        let failed = Event { kind: EventKind::AuditFailed, id };
        assert!(sends.event(failed).await.unwrap().is_some(), "{ends:?}");
        assert_eq!(sends.has_happened(failed, OLD).await.unwrap(), Some(true), "{ends:?}");
    }
}

/// An event may be older than the try that makes its step: one that died has announced it.
#[tokio::test]
async fn an_old_event_waits_for_its_step_while_its_upload_waits() {
    let (store, _happened) = Store::with_backend(Arc::new(InMemory::new())).with_outbox();
    let id = store.put_about(&verified(), &About::new(DAY).unwrap()).await.unwrap().id;
    for (kind, waiting) in [
        (EventKind::Accepted, Some(true)),
        (EventKind::Confirmed, None),
        (EventKind::Expired, None),
        (EventKind::AuditFailed, None),
    ] {
        assert_eq!(store.has_happened(Event { kind, id }, OLD).await.unwrap(), waiting, "{kind:?}");
    }
    store.delete(id).await.unwrap();
    for kind in [EventKind::Accepted, EventKind::Confirmed, EventKind::Expired, EventKind::AuditFailed] {
        assert_eq!(store.has_happened(Event { kind, id }, OLD).await.unwrap(), Some(false), "{kind:?}");
    }
}
