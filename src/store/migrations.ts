/**
 * The migrations of the database; `user_version` counts the applied ones. New ones are only ever appended.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE definitions (
     kind    TEXT NOT NULL,
     id      TEXT NOT NULL,
     -- Fingerprint of the configured entry that this was made from; null for what only the API knows.
     base    TEXT,
     -- JSON; null for a configured entry that was deleted.
     value   TEXT,
     created INTEGER NOT NULL,
     PRIMARY KEY (kind, id)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE counts (
     stream TEXT NOT NULL,
     -- Start of the minute, milliseconds since the epoch.
     at     INTEGER NOT NULL,
     -- Name of the zone or line.
     shape  TEXT NOT NULL,
     -- entered, left, in, out
     kind   TEXT NOT NULL,
     label  TEXT NOT NULL,
     n      INTEGER NOT NULL,
     -- Milliseconds that those who left had stayed.
     dwell  INTEGER NOT NULL,
     PRIMARY KEY (stream, at, shape, kind, label)
   ) STRICT, WITHOUT ROWID`,
];
