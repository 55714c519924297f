-- Where a browser session was last used, for the person to recognise it by.
ALTER TABLE browser_session ADD COLUMN ip TEXT NOT NULL DEFAULT '';
ALTER TABLE browser_session ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
