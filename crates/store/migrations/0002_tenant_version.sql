-- The directory version under which a tenant was last changed: a compiled copy of a tenant with the same one is current.
ALTER TABLE tenant ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
