-- Pictures a person put aside to blend, for an hour; the files are in the spool.
CREATE TABLE tray (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id),
    label TEXT NOT NULL,
    name TEXT NOT NULL,
    job_id TEXT,                              -- ours, if it is
    number INTEGER,
    CHECK ((job_id IS NULL) = (number IS NULL)),
    UNIQUE (person_id, name)
) STRICT;

-- Who likes what; and the message in the best-of channel that says so.
CREATE TABLE star (
    job_id TEXT NOT NULL REFERENCES job (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (job_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE showcase (
    job_id TEXT NOT NULL PRIMARY KEY REFERENCES job (id),
    channel_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE server ADD COLUMN best_of_channel INTEGER;  -- where what people like is shown

-- Messages that show a job's pictures once more, beside those that delivered them.
CREATE TABLE showing (
    message_id INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES job (id)
) STRICT;
