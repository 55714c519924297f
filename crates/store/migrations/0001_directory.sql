-- Portable SQL only: TEXT, BIGINT, BYTEA. Ids are 36-character GUIDs, times milliseconds since the Unix epoch.

CREATE TABLE directory_version (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO directory_version (id, version) VALUES (1, 0);

CREATE TABLE tenant (
    tenant_id TEXT PRIMARY KEY,
    position BIGINT NOT NULL,
    document TEXT NOT NULL
);

-- sign_in_name is what the user types, in lower case; null for a guest who can type nothing here.
CREATE TABLE tenant_user (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    sign_in_name TEXT,
    user_principal_name TEXT NOT NULL,
    locked_until BIGINT,
    document TEXT NOT NULL,
    password_hash TEXT,
    temporary_access_pass TEXT,
    PRIMARY KEY (tenant_id, user_id),
    UNIQUE (tenant_id, sign_in_name),
    UNIQUE (tenant_id, user_principal_name)
);
CREATE INDEX tenant_user_position ON tenant_user (tenant_id, position);

-- An empty principal_id stands for AllPrincipals. scopes is a JSON array.
CREATE TABLE oauth2_permission_grant (
    tenant_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    PRIMARY KEY (tenant_id, client_id, principal_id, resource_id)
);
CREATE INDEX oauth2_permission_grant_principal ON oauth2_permission_grant (tenant_id, principal_id);

-- An empty app_role_id stands for an assignment without a role.
CREATE TABLE app_role_assignment (
    tenant_id TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    app_role_id TEXT NOT NULL,
    principal_type TEXT NOT NULL,
    PRIMARY KEY (tenant_id, principal_id, resource_id, app_role_id)
);

-- recent_wrong holds the fingerprints of the last wrong passwords that were told apart, newest first.
CREATE TABLE lockout (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    failures BIGINT NOT NULL,
    open_attempts BIGINT NOT NULL,
    attempts_taken BIGINT NOT NULL,
    lockouts BIGINT NOT NULL,
    locked_until BIGINT,
    recent_wrong BYTEA,
    PRIMARY KEY (tenant_id, user_id)
);

-- taken_at is wall time: a crash is measured in real seconds, whatever the tenant's clock does.
CREATE TABLE attempt (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, number)
);

CREATE TABLE signing_key (
    key_id TEXT PRIMARY KEY,
    pkcs8_der BYTEA NOT NULL,
    certificate_der BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    not_before BIGINT NOT NULL
);

CREATE TABLE sealing_key (
    key_id TEXT PRIMARY KEY,
    key_bytes BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE redeemed (
    tenant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, hash)
);
CREATE INDEX redeemed_expiry ON redeemed (tenant_id, expires_at);

-- sequence counts the rows ever written, so that the oldest ones beyond the cap are found without counting.
CREATE TABLE sign_in (
    sequence BIGINT PRIMARY KEY,
    sign_in_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    user_id TEXT,
    user_principal_name TEXT NOT NULL,
    app_id TEXT,
    resource_id TEXT,
    ip_address TEXT,
    grant_type TEXT NOT NULL,
    error_code BIGINT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX sign_in_time ON sign_in (tenant_id, created_at);
