//! `/v1/deliveries`: what waits, what arrived, what was given up; and giving it another chance.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::App;
use super::access::Caller;
use super::paging::{Paged, choice, limit, query};
use super::problem::Problem;
use crate::alert::{AlertId, Severity};
use crate::clock;
use crate::store::Scope;
use crate::store::outbox::{Channel, Delivery, DeliveryFilter, DeliveryState};

/// Which deliveries, and which page of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    state: Option<String>,
    channel: Option<String>,
    alert: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// One delivery, without what it says.
#[derive(Debug, Serialize)]
pub struct DeliveryView {
    id: String,
    alert: AlertId,
    revision: u32,
    agency: Arc<str>,
    channel: &'static str,
    recipient: String,
    severity: Severity,
    state: &'static str,
    attempts: u32,
    last_outcome: Option<String>,
    created_at: DateTime<FixedOffset>,
    due_at: Option<DateTime<FixedOffset>>,
    settled_at: Option<DateTime<FixedOffset>>,
}

fn view(delivery: Delivery, zone: Tz) -> DeliveryView {
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).fixed_offset();
    DeliveryView {
        id: delivery.id,
        alert: delivery.alert,
        revision: delivery.revision,
        agency: delivery.agency,
        channel: delivery.channel.word(),
        recipient: delivery.recipient,
        severity: delivery.severity,
        state: delivery.state.word(),
        attempts: delivery.attempts,
        last_outcome: delivery.last_outcome,
        created_at: local(delivery.created_at),
        due_at: delivery.due_at.map(local),
        settled_at: delivery.settled_at.map(local),
    }
}

/// A page of deliveries, the newest first.
pub async fn list(
    State(app): State<App>,
    asked: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Paged<DeliveryView>>, Problem> {
    let asked = query(asked)?;
    let limit = limit(asked.limit)?;
    let mut filter = DeliveryFilter::everything(Scope::All);
    filter.state = choice("state", asked.state.as_deref(), &DeliveryState::ALL)?;
    filter.channel = choice("channel", asked.channel.as_deref(), &Channel::ALL)?;
    filter.alert = asked.alert;
    let page = app.read(move |store| store.deliveries(&filter, asked.cursor.as_deref(), limit)).await?;
    let zone = app.pack().timeline.zone;
    Ok(Json(Paged::of(page, |delivery| view(delivery, zone))))
}

/// Puts a dead delivery back to be sent now.
pub async fn revive(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    app.store.revive(&id, &caller.agency, clock::now()).await?;
    app.outbox.wake();
    Ok(StatusCode::ACCEPTED)
}
