namespace Millrace.Benchmarks.Raw;

/// <summary>The SQL statements of the raw code for SQLite, on the tables and indexes of a store.</summary>
internal static class RawSchema
{
    /// <summary>
    /// The settings of a store. SQLite's automatic checkpoint runs as often as the checkpoint of a store.
    /// </summary>
    public const string Settings = """
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 10000;
        PRAGMA cache_size = -65536;
        PRAGMA mmap_size = 0;
        """;

    public const string SelectVersion = "SELECT version FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1";

    public const string InsertEvent =
        "INSERT INTO events (position, stream, version, type, schema_version, content_type, id, timestamp, checksum, "
            + "payload) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?)";

    public const string SelectLog =
        "SELECT position, stream, version, type, schema_version, content_type, id, timestamp, payload "
            + "FROM events ORDER BY position";

    public const int PayloadColumn = 8;

    public const string SelectStreams = "SELECT id, name FROM streams";

    public const string SelectNames = "SELECT type, content_type FROM events WHERE position = 1";
}
