namespace Millrace.Sqlite.Schema;

/// <summary>The tables, and the migration from each version to the next.</summary>
/// <remarks>
/// Times are microseconds since 1970. Ids are 16 bytes in the order of their text. Names of types, content types,
/// sources, keys and scopes are numbers of <c>names</c>. A stream's version is the greatest version of its events,
/// because its last event is never removed.
/// </remarks>
internal static class StoreSchema
{
    /// <summary>"Mlrc": distinguishes a Millrace store from other SQLite files.</summary>
    public const int ApplicationId = 0x4D6C7263;

    /// <summary>The schema version that this program writes.</summary>
    public static int Version => Migrations.Length;

    /// <summary>The scripts, each from one version to the next.</summary>
    public static string[] Migrations { get; } = [First, Second, Third, Fourth, Fifth, Sixth, Seventh, Eighth];

    private const string First = """
        CREATE TABLE header (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            store_id BLOB NOT NULL,
            epoch INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            settlements INTEGER NOT NULL DEFAULT 0);

        CREATE TABLE names (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE);

        CREATE TABLE streams (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            first_version INTEGER NOT NULL DEFAULT 1,
            state INTEGER NOT NULL DEFAULT 0);

        CREATE TABLE events (
            position INTEGER PRIMARY KEY,
            stream INTEGER NOT NULL,
            version INTEGER NOT NULL,
            type INTEGER NOT NULL,
            schema_version INTEGER NOT NULL,
            content_type INTEGER NOT NULL,
            id BLOB NOT NULL,
            timestamp INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            correlation BLOB,
            causation BLOB,
            source INTEGER,
            key INTEGER,
            tags TEXT,
            metadata BLOB,
            payload BLOB NOT NULL);
        CREATE UNIQUE INDEX events_by_stream ON events (stream, version);
        CREATE INDEX events_by_type ON events (type);
        CREATE INDEX events_by_id ON events (id);
        CREATE INDEX events_by_source ON events (source) WHERE source IS NOT NULL;
        CREATE INDEX events_by_correlation ON events (correlation) WHERE correlation IS NOT NULL;

        CREATE TABLE event_tags (
            tag TEXT NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (tag, position)) WITHOUT ROWID;

        CREATE TABLE removals (
            id INTEGER PRIMARY KEY,
            stream INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            from_version INTEGER NOT NULL,
            to_version INTEGER NOT NULL,
            events INTEGER NOT NULL,
            reason TEXT NOT NULL,
            by TEXT,
            at INTEGER NOT NULL);

        CREATE TABLE claims (
            scope INTEGER NOT NULL,
            value TEXT NOT NULL,
            owner TEXT NOT NULL,
            PRIMARY KEY (scope, value)) WITHOUT ROWID;

        CREATE TABLE handled (
            scope INTEGER NOT NULL,
            id TEXT NOT NULL,
            answer BLOB NOT NULL,
            position INTEGER NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (scope, id)) WITHOUT ROWID;
        CREATE INDEX handled_by_until ON handled (until);

        CREATE TABLE consumers (
            consumer TEXT NOT NULL,
            partition INTEGER NOT NULL,
            holder TEXT,
            lease_epoch INTEGER NOT NULL DEFAULT 0,
            lease_until INTEGER NOT NULL DEFAULT 0,
            checkpoint INTEGER NOT NULL DEFAULT 0,
            state TEXT,
            error TEXT,
            reported_at INTEGER,
            PRIMARY KEY (consumer, partition)) WITHOUT ROWID;
        CREATE TABLE paused_consumers (consumer TEXT PRIMARY KEY) WITHOUT ROWID;

        CREATE TABLE collections (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            fields TEXT NOT NULL);
        """;

    // In version 1, each document counted its own changes. None of them came near the number from which the store
    // continues to count.
    private const string Second = """
        ALTER TABLE header ADD COLUMN document_version INTEGER NOT NULL DEFAULT 0;
        UPDATE header SET document_version = 4294967296;
        """;

    private const string Third = """
        CREATE TABLE dead_letters (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            revision INTEGER NOT NULL,
            consumer TEXT NOT NULL,
            partition INTEGER NOT NULL,
            position INTEGER NOT NULL,
            key TEXT NOT NULL,
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            event_type TEXT NOT NULL,
            event_id BLOB NOT NULL,
            state INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            retry_at INTEGER,
            class INTEGER,
            cause TEXT,
            error_type TEXT,
            message TEXT,
            stack TEXT,
            first_failed_at INTEGER,
            last_failed_at INTEGER,
            edited_payload BLOB,
            decision INTEGER,
            decided_by TEXT,
            reason TEXT,
            decided_at INTEGER,
            UNIQUE (consumer, partition, position, key));
        CREATE INDEX dead_letters_open ON dead_letters (consumer, state) WHERE state <= 3;
        CREATE INDEX dead_letters_by_cause ON dead_letters (consumer, cause) WHERE cause IS NOT NULL;
        """;

    // It is unknown whether a checkpoint of 0 was ever stored. It counts as stored, so that no event is missed.
    private const string Fourth = """
        CREATE TABLE consumers_by_name (
            consumer TEXT NOT NULL,
            partition INTEGER NOT NULL,
            holder TEXT,
            lease_epoch INTEGER NOT NULL DEFAULT 0,
            lease_until INTEGER NOT NULL DEFAULT 0,
            checkpoint INTEGER,
            state TEXT,
            error TEXT,
            reported_at INTEGER,
            PRIMARY KEY (consumer, partition)) WITHOUT ROWID;
        INSERT INTO consumers_by_name SELECT consumer, partition, holder, lease_epoch, lease_until, checkpoint, state, error, reported_at
            FROM consumers;
        DROP TABLE consumers;
        ALTER TABLE consumers_by_name RENAME TO consumers;
        """;

    private const string Fifth = """
        CREATE TABLE read_models (
            name TEXT PRIMARY KEY,
            revision INTEGER NOT NULL,
            live TEXT NOT NULL,
            building TEXT,
            kept TEXT,
            switches_itself INTEGER NOT NULL,
            builds INTEGER NOT NULL) WITHOUT ROWID;
        """;

    private const string Sixth = """
        ALTER TABLE consumers ADD COLUMN held_since INTEGER;
        ALTER TABLE consumers ADD COLUMN state_since INTEGER;
        CREATE TABLE nodes (
            node TEXT PRIMARY KEY,
            since INTEGER NOT NULL,
            until INTEGER NOT NULL,
            consumers TEXT NOT NULL) WITHOUT ROWID;
        """;

    private const string Seventh = """
        CREATE TABLE retired_collections (
            collection TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            until INTEGER NOT NULL) WITHOUT ROWID;
        """;

    private const string Eighth = """
        DROP INDEX handled_by_until;
        ALTER TABLE header ADD COLUMN swept_scope INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE header ADD COLUMN swept_id TEXT NOT NULL DEFAULT '';
        """;
}
