-- What is ordered where nobody says otherwise: of a person ("person/<id>"), of a channel
-- ("channel/<server>/<id>") or of a server ("server/<id>"). NULL leaves it to the next.
CREATE TABLE preference (
    scope TEXT NOT NULL PRIMARY KEY,
    aspect TEXT,
    size TEXT,
    count INTEGER CHECK (count BETWEEN 1 AND 10),
    model TEXT,
    format TEXT CHECK (format IN ('png', 'jpeg', 'webp')),
    private INTEGER CHECK (private IN (0, 1)),
    enhance INTEGER CHECK (enhance IN (0, 1)),
    thinking TEXT CHECK (thinking IN ('minimal', 'high'))
) STRICT, WITHOUT ROWID;

INSERT INTO preference (scope, model)
SELECT 'server/' || id, default_model FROM server WHERE default_model IS NOT NULL;

ALTER TABLE server DROP COLUMN default_model;

-- Styles under a name: words for the prompt, and options. One is a person's own, or a server's.
CREATE TABLE preset (
    id INTEGER PRIMARY KEY AUTOINCREMENT,     -- buttons carry it, so none comes twice
    person_id TEXT REFERENCES person (id),
    server_id INTEGER,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 32),
    folded TEXT NOT NULL,                     -- the name as names compare
    prompt TEXT NOT NULL CHECK (length(prompt) <= 1000),
    aspect TEXT,
    size TEXT,
    count INTEGER CHECK (count BETWEEN 1 AND 10),
    model TEXT,
    format TEXT CHECK (format IN ('png', 'jpeg', 'webp')),
    CHECK ((person_id IS NULL) <> (server_id IS NULL)),
    UNIQUE (person_id, folded),
    UNIQUE (server_id, folded)
) STRICT;
