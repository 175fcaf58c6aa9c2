//! What one upload may do: the server's own policy and, with a policy token, what the token allows of it. The token comes as
//! `Authorization: Bearer`, or as the first part of the form, for forms that no script sends.

use super::App;
use super::credentials::{bearer, has_api_key};
use crate::problem::{Problem, TOKEN_USED};
use crate::store::{self, Id, RequestKey, RequestRecord, UsedToken};
use crate::tokens::Permit;
use axum::http::{HeaderMap, StatusCode};
use std::time::SystemTime;
use truecrop_core::policy::Policy;
use truecrop_core::receipt::Digest;
use truecrop_core::{Code, Error};

/// The part of a form that may be a token.
pub const PART: &str = "policy";

/// What an upload may do.
pub struct Permission {
    policy: Policy,
    who: Who,
    /// Who uses up a token for one upload: this request, or it and the same one sent again.
    holder: Holder,
}

enum Holder {
    Alone(Id),
    Keyed(RequestKey, Option<Digest>),
}

enum Who {
    /// The application itself: it had the API key.
    Application,
    /// Somebody whom the application gave a token.
    Holder(Box<Permit>),
    /// Nobody has said yet, and the form may.
    Unknown,
    /// This server has no keys for tokens.
    Anyone,
}

impl Permission {
    /// Of a request, by its head.
    ///
    /// # Errors
    /// Those of a token that is not taken.
    pub fn of(app: &App, headers: &HeaderMap) -> Result<Self, Problem> {
        let holder = Holder::Alone(Id::random()?);
        let mut permission = Self { policy: app.config().policy.clone(), who: Who::Anyone, holder };
        if app.keys().is_empty() {
            return Ok(permission);
        }
        permission.who = Who::Unknown;
        match bearer(headers) {
            _ if has_api_key(app, headers) => permission.who = Who::Application,
            Some(token) => permission.take(app, token)?,
            None => {}
        }
        Ok(permission)
    }

    /// Whether a first part called [`PART`] is a token. Without keys it is a field as any other.
    pub fn may_come_first(&self) -> bool {
        matches!(self.who, Who::Unknown)
    }

    /// Takes the token of a form's first part.
    ///
    /// # Errors
    /// Those of a token that is not taken.
    pub fn take(&mut self, app: &App, token: &str) -> Result<(), Problem> {
        let permit = app.keys().check(token, SystemTime::now())?;
        self.policy = self.policy.and(permit.claims.policy());
        self.who = Who::Holder(Box::new(permit));
        if self.policy.once == Some(true) && self.id().is_none() {
            let detail = "This server takes tokens that are good for one upload only: the token needs a jti of its own.";
            return Err(Error::new(Code::InvalidToken, detail).at("jti").into());
        }
        Ok(())
    }

    /// Refuses a part of a form that no token stands before, where one is required; and a token that comes too late, which would be
    /// left aside without a word.
    ///
    /// # Errors
    /// `token-required`, `invalid-token`.
    pub fn check_part(&self, app: &App, part: &str) -> Result<(), Problem> {
        if !self.may_come_first() {
            return Ok(());
        }
        if app.config().policy_tokens.require {
            let detail = "Uploads need a policy token: send Authorization: Bearer TOKEN, or the part policy before all others.";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "token-required", detail));
        }
        if part == PART {
            let detail = "The policy token has to stand before all other parts of the form.";
            return Err(Error::new(Code::InvalidToken, detail).at(PART).into());
        }
        Ok(())
    }

    /// What the upload may do.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Who uploads, in the application's words.
    pub fn subject(&self) -> Option<&str> {
        self.permit()?.claims.subject()
    }

    /// Who sends this, for the keys that they give their requests: a token says so, and stays the same person's when it is renewed.
    pub fn caller(&self) -> String {
        match &self.who {
            Who::Application => "application".to_owned(),
            Who::Holder(permit) => format!("subject:{}", permit.claims.subject().unwrap_or_default()),
            Who::Unknown | Who::Anyone => "anyone".to_owned(),
        }
    }

    /// Lets the same request, sent again, use the same token.
    pub fn hold_for(&mut self, key: RequestKey) {
        self.holder = Holder::Keyed(key, None);
    }

    /// Lets it do so for as long as the store knows that request, and no longer: the record's random ids are not made twice.
    pub fn hold_by(&mut self, record: &RequestRecord) {
        if let Holder::Keyed(_, known) = &mut self.holder {
            *known = Some(record.fingerprint());
        }
    }

    /// Refuses a token that is good for one upload and has been used, before anything is read.
    ///
    /// # Errors
    /// `token-used`; those of the store.
    pub async fn refuse_used(&self, app: &App) -> Result<(), Problem> {
        match self.used_token() {
            Some(token) if app.store().is_used_by_others(&token, &self.holder.held_by().name).await? => {
                Err(used())
            }
            _ => Ok(()),
        }
    }

    /// Uses up a token that is good for one upload. Of several uploads with it one gets here first, and the others are refused.
    ///
    /// # Errors
    /// `token-used`; those of the store.
    pub async fn spend(&self, app: &App) -> Result<(), Problem> {
        match self.used_token() {
            Some(token) if !app.store().use_token(&token, &self.holder.held_by()).await? => Err(used()),
            _ => Ok(()),
        }
    }

    /// Gives back the token of an upload that [`Permission::spend`] let pass, and that could not be stored. A request that may be
    /// sent again keeps it: perhaps another server has just stored the same.
    pub async fn give_back(&self, app: &App) {
        if let (Some(token), Holder::Alone(_)) = (self.used_token(), &self.holder) {
            // What cannot be removed now stays used until the token expires.
            let _ = app.store().release_token(&token).await;
        }
    }

    fn permit(&self) -> Option<&Permit> {
        if let Who::Holder(permit) = &self.who { Some(permit) } else { None }
    }

    fn id(&self) -> Option<&str> {
        self.permit()?.claims.id()
    }

    fn used_token(&self) -> Option<UsedToken> {
        if self.policy.once != Some(true) {
            return None;
        }
        let permit = self.permit()?;
        Some(UsedToken::new(&permit.key, permit.claims.id()?, permit.claims.expires()))
    }
}

impl Holder {
    fn held_by(&self) -> store::Holder {
        match self {
            Holder::Alone(id) => store::Holder { name: id.to_string(), record: None },
            Holder::Keyed(key, record) => store::Holder { name: key.to_string(), record: *record },
        }
    }
}

fn used() -> Problem {
    let detail =
        "This token was good for one upload, which has been made: ask the application for a new one.";
    Problem::new(StatusCode::UNAUTHORIZED, TOKEN_USED, detail)
}
