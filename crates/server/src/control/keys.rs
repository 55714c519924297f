//! `keys`: which keys sign and seal, and their replacement.

use axum::Json;
use axum::extract::State;
use ropeway_core::time::WallTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{Body, Refusal};
use crate::app::App;
use crate::keys::{KeySchedule, ScheduledKey};

/// The instance's keys, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyList {
    signing: Vec<SigningKeyShown>,
    sealing: Vec<SealingKeyShown>,
}

/// A published key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SigningKeyShown {
    /// The kid of tokens and of the key set.
    key_id: String,
    created_date_time: String,
    /// From when on it signs.
    signs_from_date_time: String,
    /// Until when it is published, if another key follows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    published_until_date_time: Option<String>,
    state: KeyState,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum KeyState {
    /// Published, and signs later.
    Next,
    /// Signs.
    Current,
    /// Published for tokens that it signed.
    Previous,
}

/// A key of refresh tokens. The newest seals, all of them open.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SealingKeyShown {
    key_id: u32,
    created_date_time: String,
}

/// How to rotate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotate {
    /// The next key signs at once, instead of in a day. Clients that do not look up a key they do not know fail.
    #[serde(default)]
    now: bool,
}

/// Lists the keys.
#[utoipa::path(get, path = "/keys", tag = "keys", operation_id = "listKeys",
    responses((status = 200, description = "The keys", body = KeyList)))]
pub(crate) async fn list(State(app): State<App>) -> Json<KeyList> {
    Json(shown(app.key_schedule(), app.source.wall()))
}

/// Publishes the next signing key and seals refresh tokens with a new one. Old keys count until what they signed or sealed
/// has expired.
#[utoipa::path(post, path = "/keys/rotate", tag = "keys", operation_id = "rotateKeys", request_body = Rotate,
    responses((status = 200, description = "The keys as they are now", body = KeyList)))]
pub(crate) async fn rotate(State(app): State<App>, body: Body) -> Result<Json<KeyList>, Refusal> {
    let Rotate { now } = body.read()?;
    app.rotate_keys(now).await?;
    Ok(Json(shown(app.key_schedule(), app.source.wall())))
}

fn shown(schedule: KeySchedule, now: WallTime) -> KeyList {
    let signing = |key: ScheduledKey| SigningKeyShown {
        key_id: key.key_id,
        created_date_time: key.created.to_rfc3339(),
        signs_from_date_time: key.signs_from.to_rfc3339(),
        published_until_date_time: key.published_until.map(WallTime::to_rfc3339),
        state: match key.signs {
            true => KeyState::Current,
            false if key.signs_from > now => KeyState::Next,
            false => KeyState::Previous,
        },
    };
    let sealing =
        |(key_id, created): (u32, WallTime)| SealingKeyShown { key_id, created_date_time: created.to_rfc3339() };
    KeyList {
        signing: schedule.signing.into_iter().map(signing).collect(),
        sealing: schedule.sealing.into_iter().map(sealing).collect(),
    }
}
