//! Smart lockout: how often a user's password may be guessed
//! (<https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout>).
//!
//! Whoever wants to check a password takes an attempt first and settles it afterwards. Failures and attempts under way
//! together never exceed the threshold, so that guesses in parallel gain nothing.

use ropeway_core::directory::{SmartLockout, User};
use ropeway_core::ids::{ObjectId, TenantId, derived_id};
use ropeway_core::time::{TenantTime, WallTime};

use crate::dialect::Row;
use crate::error::StoreError;
use crate::tx::{Reads, Tx};

/// The leave to check one password once. Settle it, whatever comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttemptId {
    tenant: TenantId,
    user: ObjectId,
    number: i64,
}

/// The answer to whoever wants to check a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Go ahead.
    Taken(AttemptId),
    /// As many attempts are under way as failures are left until the lockout: wait until one settles, and ask again.
    NoneLeft,
    /// Refused, even with the right password: AADSTS50053.
    Locked {
        /// When it ends.
        until: TenantTime,
    },
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The right password: earlier failures are forgotten.
    Right,
    /// A wrong one. Not counted when it is one of the last three wrong ones.
    Wrong {
        /// Stands for the password: a keyed hash of it, so that the store cannot be searched for it.
        fingerprint: [u8; FINGERPRINT],
    },
    /// The password was not checked, for instance because too many wait: the attempt is given back.
    Abandoned,
}

/// How an account stands after an attempt was settled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// This very failure locked the account.
    pub locked_now: bool,
    /// The smart lockout that holds, if one does.
    pub locked_until: Option<TenantTime>,
}

/// How a user stands with smart lockout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lockout {
    /// Nobody signs in before this moment: the later one of smart lockout and of the user's own `lockedUntilDateTime`.
    pub locked_until: Option<TenantTime>,
    /// Wrong passwords counted since the last right one.
    pub failures: u32,
    /// Attempts under way.
    pub open_attempts: u32,
    /// Lockouts since the last right password; each is twice as long as the one before.
    pub lockouts: u32,
}

impl Lockout {
    /// Until when the account is locked, if it is at this moment.
    pub fn locked_at(&self, now: TenantTime) -> Option<TenantTime> {
        self.locked_until.filter(|until| *until > now)
    }
}

impl Reads<'_> {
    /// How the user stands with smart lockout; an unknown user stands like one who never signed in.
    pub fn lockout(&self, tenant: TenantId, user: ObjectId) -> Result<Lockout, StoreError> {
        let key = [tenant.into(), user.into()];
        let own = self.connection.row(OWN_DATE, &key, |row| row.optional_integer(0))?.flatten();
        self.lockout_beside(own.map(TenantTime), tenant, user)
    }

    /// [`Reads::lockout`] of a user who was read already.
    pub fn lockout_of(&self, tenant: TenantId, user: &User) -> Result<Lockout, StoreError> {
        self.lockout_beside(user.locked_until, tenant, user.id)
    }

    fn lockout_beside(&self, own: Option<TenantTime>, tenant: TenantId, user: ObjectId) -> Result<Lockout, StoreError> {
        let counted = self.connection.row(LOCKOUT, &[tenant.into(), user.into()], |row| {
            Ok(Lockout {
                locked_until: row.optional_integer(0)?.map(TenantTime),
                failures: row.count(1)?,
                open_attempts: row.count(2)?,
                lockouts: row.count(3)?,
            })
        })?;
        let counted = counted.unwrap_or_default();
        Ok(Lockout { locked_until: counted.locked_until.max(own), ..counted })
    }
}

impl Tx<'_> {
    /// Asks for leave to check one password of the user. An attempt that was taken more than 30 seconds of `wall` time
    /// ago and never settled, because of a crash, counts as a failure from now on.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the user is gone.
    pub fn take_attempt(
        &self,
        tenant: TenantId,
        user: ObjectId,
        now: TenantTime,
        wall: WallTime,
        settings: SmartLockout,
    ) -> Result<Attempt, StoreError> {
        self.connection.execute(BEGIN_COUNTING, &[tenant.into(), user.into()])?;
        let attempt = self.take(tenant, user, now, wall, settings)?;
        if !matches!(attempt, Attempt::Taken(_)) {
            let gone = || StoreError::Conflict("the user was deleted meanwhile".to_owned());
            self.connection.row(USER_EXISTS, &[tenant.into(), user.into()], |_| Ok(()))?.ok_or_else(gone)?;
        }
        Ok(attempt)
    }

    /// Asks for leave to check one code of the user's authenticator app. Codes are counted like passwords, and apart from
    /// them: wrong ones lock no password out.
    pub fn take_second_factor_attempt(
        &self,
        tenant: TenantId,
        user: ObjectId,
        now: TenantTime,
        wall: WallTime,
        settings: SmartLockout,
    ) -> Result<Attempt, StoreError> {
        let counter = second_factor_counter(tenant, user);
        self.connection.execute(BEGIN_COUNTING_APART, &[tenant.into(), counter.into()])?;
        self.take(tenant, counter, now, wall, settings)
    }

    fn take(
        &self,
        tenant: TenantId,
        user: ObjectId,
        now: TenantTime,
        wall: WallTime,
        settings: SmartLockout,
    ) -> Result<Attempt, StoreError> {
        self.fail_overdue(tenant, user, now, wall, settings)?;
        let conditions = [tenant.into(), user.into(), now.into(), settings.threshold.into()];
        if let Some(number) = self.connection.row(TAKE, &conditions, |row| row.integer(0))? {
            self.connection.execute(OPEN_ATTEMPT, &[tenant.into(), user.into(), number.into(), wall.into()])?;
            return Ok(Attempt::Taken(AttemptId { tenant, user, number }));
        }
        let locked = self.reads().lockout(tenant, user)?.locked_at(now);
        Ok(locked.map_or(Attempt::NoneLeft, |until| Attempt::Locked { until }))
    }

    /// Says what came of an attempt. Settling it twice, or after it counted as a failure, counts nothing more.
    pub fn settle_attempt(
        &self,
        attempt: AttemptId,
        outcome: Outcome,
        now: TenantTime,
        settings: SmartLockout,
    ) -> Result<Settled, StoreError> {
        let AttemptId { tenant, user, number } = attempt;
        let open = self.connection.execute(CLOSE_ATTEMPT, &[tenant.into(), user.into(), number.into()])?;
        let Some(mut counters) = self.counters(tenant, user, open)? else {
            return Ok(Settled::default());
        };
        let mut locked_now = false;
        match outcome {
            Outcome::Right if counters.locked_at(now).is_none() => counters = Counters::default(),
            Outcome::Right | Outcome::Abandoned => {}
            Outcome::Wrong { fingerprint } => {
                let told_apart = counters.remember(fingerprint);
                if told_apart && open > 0 {
                    locked_now = counters.fail(1, now, settings);
                }
            }
        }
        self.store_counters(tenant, user, &counters)?;
        Ok(Settled { locked_now, locked_until: counters.locked_at(now) })
    }

    /// Forgets wrong passwords and ends the smart lockout that they led to. `lockedUntilDateTime` is the user's own.
    pub fn end_lockout(&self, tenant: TenantId, user: ObjectId) -> Result<(), StoreError> {
        self.store_counters(tenant, user, &Counters::default())
    }

    /// Of so many users at most; gives how many there were.
    pub(crate) fn fail_overdue_of(
        &self,
        most: u32,
        tenant: TenantId,
        now: TenantTime,
        wall: WallTime,
        settings: SmartLockout,
    ) -> Result<usize, StoreError> {
        let overdue = wall.plus_seconds(-SECONDS_OPEN);
        let users = [tenant.into(), overdue.into(), most.into()];
        let users = self.connection.rows(OVERDUE_USERS, &users, |row| row.guid(0).map(ObjectId))?;
        for user in &users {
            self.fail_overdue(tenant, *user, now, wall, settings)?;
        }
        Ok(users.len())
    }

    fn fail_overdue(
        &self,
        tenant: TenantId,
        user: ObjectId,
        now: TenantTime,
        wall: WallTime,
        settings: SmartLockout,
    ) -> Result<(), StoreError> {
        let overdue = wall.plus_seconds(-SECONDS_OPEN);
        let closed = self.connection.execute(CLOSE_OVERDUE, &[tenant.into(), user.into(), overdue.into()])?;
        if closed > 0
            && let Some(mut counters) = self.counters(tenant, user, closed)?
        {
            counters.fail(u32::try_from(closed).unwrap_or(u32::MAX), now, settings);
            self.store_counters(tenant, user, &counters)?;
        }
        Ok(())
    }

    /// Gives back so many open attempts and reads the rest. The update comes first: it holds the row until the commit.
    fn counters(&self, tenant: TenantId, user: ObjectId, closed: usize) -> Result<Option<Counters>, StoreError> {
        let closed = i64::try_from(closed).unwrap_or(i64::MAX);
        self.connection.row(GIVE_BACK, &[tenant.into(), user.into(), closed.into()], Counters::read)
    }

    fn store_counters(&self, tenant: TenantId, user: ObjectId, counters: &Counters) -> Result<(), StoreError> {
        let recent_wrong = counters.recent_wrong.concat();
        self.connection.execute(
            COUNT,
            &[
                tenant.into(),
                user.into(),
                counters.failures.into(),
                counters.lockouts.into(),
                counters.locked_until.into(),
                recent_wrong.as_slice().into(),
            ],
        )?;
        Ok(())
    }
}

/// The row that counts the codes: an id that is no object's, made from the user's.
pub(crate) fn second_factor_counter(tenant: TenantId, user: ObjectId) -> ObjectId {
    ObjectId(derived_id(tenant, "secondFactorAttempts", &user.to_string()))
}

/// What settling changes of a user's row.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counters {
    failures: u32,
    lockouts: u32,
    locked_until: Option<TenantTime>,
    recent_wrong: Vec<[u8; FINGERPRINT]>,
}

impl Counters {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            failures: row.count(0)?,
            lockouts: row.count(1)?,
            locked_until: row.optional_integer(2)?.map(TenantTime),
            recent_wrong: row.optional_bytes(3)?.unwrap_or_default().as_chunks().0.to_vec(),
        })
    }

    fn locked_at(&self, now: TenantTime) -> Option<TenantTime> {
        self.locked_until.filter(|until| *until > now)
    }

    /// `false`: it is one of the last three wrong passwords.
    fn remember(&mut self, fingerprint: [u8; FINGERPRINT]) -> bool {
        if self.recent_wrong.contains(&fingerprint) {
            return false;
        }
        self.recent_wrong.insert(0, fingerprint);
        self.recent_wrong.truncate(REMEMBERED);
        true
    }

    /// Counts failures and locks when they reach the threshold; after a lockout a single one does. `true`: locked by these.
    fn fail(&mut self, failures: u32, now: TenantTime, settings: SmartLockout) -> bool {
        self.failures = self.failures.saturating_add(failures);
        if self.failures < settings.threshold || self.locked_at(now).is_some() {
            return false;
        }
        self.locked_until = Some(now.plus_seconds(duration(self.lockouts, settings)));
        self.lockouts = self.lockouts.saturating_add(1);
        true
    }
}

/// Seconds of the lockout after so many earlier ones. Entra says only that lockouts grow; that each is twice as long as the
/// one before, up to a day, is inferred.
fn duration(earlier: u32, settings: SmartLockout) -> i64 {
    let first = i64::from(settings.duration_in_seconds);
    let grown = first.saturating_mul(1 << earlier.min(30));
    grown.min(LONGEST_LOCKOUT.max(first))
}

/// Bytes of a password's fingerprint.
const FINGERPRINT: usize = 32;
/// Wrong passwords that are told apart.
const REMEMBERED: usize = 3;
/// Wall-clock seconds after which nobody will settle an attempt any more.
const SECONDS_OPEN: i64 = 30;
const LONGEST_LOCKOUT: i64 = 86_400;

// Two reads by primary key take SQLite a sixth of the time of one outer join.
const OWN_DATE: &str = "SELECT locked_until FROM tenant_user WHERE tenant_id = $1 AND user_id = $2";
const LOCKOUT: &str = "
    SELECT locked_until, failures, open_attempts, lockouts FROM lockout WHERE tenant_id = $1 AND user_id = $2";
const USER_EXISTS: &str = "SELECT 1 FROM tenant_user WHERE tenant_id = $1 AND user_id = $2";
const BEGIN_COUNTING: &str = "
    INSERT INTO lockout (tenant_id, user_id, failures, open_attempts, attempts_taken, lockouts)
    SELECT tenant_id, user_id, 0, 0, 0, 0 FROM tenant_user WHERE tenant_id = $1 AND user_id = $2
    ON CONFLICT (tenant_id, user_id) DO NOTHING";
const BEGIN_COUNTING_APART: &str = "
    INSERT INTO lockout (tenant_id, user_id, failures, open_attempts, attempts_taken, lockouts)
    VALUES ($1, $2, 0, 0, 0, 0) ON CONFLICT (tenant_id, user_id) DO NOTHING";
// With no attempt under way there is always one: before the threshold by definition, after a lockout as its single try.
const TAKE: &str = "
    UPDATE lockout SET open_attempts = open_attempts + 1, attempts_taken = attempts_taken + 1
    WHERE tenant_id = $1 AND user_id = $2
        AND (locked_until IS NULL OR locked_until <= $3)
        AND (open_attempts = 0 OR failures + open_attempts < $4)
        AND NOT EXISTS (SELECT 1 FROM tenant_user u
            WHERE u.tenant_id = $1 AND u.user_id = $2 AND u.locked_until > $3)
    RETURNING attempts_taken";
const OPEN_ATTEMPT: &str = "INSERT INTO attempt (tenant_id, user_id, number, taken_at) VALUES ($1, $2, $3, $4)";
const CLOSE_ATTEMPT: &str = "DELETE FROM attempt WHERE tenant_id = $1 AND user_id = $2 AND number = $3";
const OVERDUE_USERS: &str = "SELECT DISTINCT user_id FROM attempt WHERE tenant_id = $1 AND taken_at < $2 LIMIT $3";
const CLOSE_OVERDUE: &str = "DELETE FROM attempt WHERE tenant_id = $1 AND user_id = $2 AND taken_at < $3";
const GIVE_BACK: &str = "
    UPDATE lockout SET open_attempts = open_attempts - $3 WHERE tenant_id = $1 AND user_id = $2
    RETURNING failures, lockouts, locked_until, recent_wrong";
const COUNT: &str = "
    UPDATE lockout SET failures = $3, lockouts = $4, locked_until = $5, recent_wrong = $6
    WHERE tenant_id = $1 AND user_id = $2";
