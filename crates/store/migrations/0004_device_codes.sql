-- Devices that wait for a person's answer. answer: 0 none yet, 1 no, 2 yes.
CREATE TABLE device_code (
    device_hash BYTEA PRIMARY KEY,
    user_code TEXT NOT NULL UNIQUE,
    tenant_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    answer BIGINT NOT NULL,
    document TEXT NOT NULL,
    authorization_document TEXT
);
CREATE INDEX device_code_expiry ON device_code (tenant_id, expires_at);
