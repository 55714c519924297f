-- One row for every account that is signed in to in a browser; browser_hash is the SHA-256 of the browser's cookie.
CREATE TABLE browser_session (
    session_id TEXT PRIMARY KEY,
    browser_hash BYTEA NOT NULL,
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (browser_hash, tenant_id, user_id)
);
CREATE INDEX browser_session_user ON browser_session (tenant_id, user_id);
CREATE INDEX browser_session_expiry ON browser_session (tenant_id, expires_at);

-- Which applications a session answered for: they are told when the person signs out.
CREATE TABLE browser_session_app (
    session_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    PRIMARY KEY (session_id, tenant_id, app_id)
);

-- A sign-in on the page that is not finished. version counts its steps: each is taken once.
CREATE TABLE sign_in_transaction (
    transaction_hash BYTEA PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    browser_hash BYTEA NOT NULL,
    version BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX sign_in_transaction_expiry ON sign_in_transaction (tenant_id, expires_at);

CREATE TABLE authorization_code (
    code_hash BYTEA PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX authorization_code_expiry ON authorization_code (tenant_id, expires_at);

-- What came of a code that was redeemed twice: its refresh tokens do not count any more.
CREATE TABLE ended_authorization (
    authorization_id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX ended_authorization_expiry ON ended_authorization (tenant_id, expires_at);
