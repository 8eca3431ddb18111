using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>How a store on an SQLite file behaves. Read when it opens; later changes have no effect.</summary>
public sealed class SqliteOptions
{
    /// <summary>
    /// The path of the file, which is made if it does not exist; its directory must exist. Must be set: empty by
    /// default. Beside the file stand <c>-wal</c> and <c>-shm</c>. Where <c>{tenant}</c> stands in its name, each
    /// tenant has a file of its own.
    /// </summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// Whether the file is only read, which then needs no right to write it or its directory; false by default. It must
    /// be there, of this schema version, and every write is refused with <see cref="StorageProblem.ReadOnly"/>:
    /// consumers cannot run on it. What others write is seen where the file is in use; one that nobody may write is
    /// read as it stands.
    /// </summary>
    public bool IsReadOnly { get; set; }

    /// <summary>When a commit counts as durable; <see cref="SqliteSynchronous.Full"/> by default.</summary>
    public SqliteSynchronous Synchronous { get; set; } = SqliteSynchronous.Full;

    /// <summary>How long to wait for another program that writes; from 0 to 5 minutes, 5 seconds by default.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Memory for pages of the writer, in bytes; each reader has an eighth of it. From 1 MiB to 16 GiB, 64 MiB by
    /// default.
    /// </summary>
    public long CacheBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>The most reads at the same moment; further ones wait. From 1 to 100, 8 by default.</summary>
    public int MaxReaders { get; set; } = 8;

    /// <summary>
    /// After how many pages (of 4,096 bytes) in the write-ahead log the writer copies them into the file; from 100 to
    /// 1,000,000, 10,000 by default. Fewer cost commits their evenness, more cost disk space.
    /// </summary>
    public int CheckpointPages { get; set; } = 10_000;

    /// <summary>
    /// The most bytes the file may grow to; at least 1 MiB, or 0 for no limit, the default. When it is reached, appends
    /// are refused.
    /// </summary>
    public long MaxSizeBytes { get; set; }

    /// <summary>
    /// How often to look whether another program has written; from 1 millisecond to 10 seconds, 50 milliseconds by
    /// default.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Whether a store is not opened with a library of the system that has the WAL-reset error, which is SQLite 3.7.0
    /// to 3.51.2; false by default, and then a warning is logged. The library of the package does not have it.
    /// </summary>
    public bool RefuseAffectedLibrary { get; set; }

    internal SqliteOptions Copy() => (SqliteOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Path) || Path.Contains('\0', StringComparison.Ordinal))
            yield return "Path: must be the path of a file.";
        if (!Enum.IsDefined(Synchronous))
            yield return $"Synchronous: must be Full or Normal, but is {Synchronous}.";
        if (BusyTimeout < TimeSpan.Zero || BusyTimeout > TimeSpan.FromMinutes(5))
            yield return $"BusyTimeout: must be from 0 to 5 minutes, but is {BusyTimeout}.";
        if (CacheBytes is < 1024 * 1024 or > 16L * 1024 * 1024 * 1024)
            yield return $"CacheBytes: must be from 1 MiB to 16 GiB, but is {CacheBytes:N0}.";
        if (MaxReaders is < 1 or > 100)
            yield return $"MaxReaders: must be from 1 to 100, but is {MaxReaders:N0}.";
        if (CheckpointPages is < 100 or > 1_000_000)
            yield return $"CheckpointPages: must be from 100 to 1,000,000, but is {CheckpointPages:N0}.";
        if (MaxSizeBytes is not 0 and < 1024 * 1024)
            yield return $"MaxSizeBytes: must be 0 or at least 1 MiB, but is {MaxSizeBytes:N0}.";
        if (PollInterval < TimeSpan.FromMilliseconds(1) || PollInterval > TimeSpan.FromSeconds(10))
            yield return $"PollInterval: must be from 1 millisecond to 10 seconds, but is {PollInterval}.";
    }
}

/// <summary>When a commit counts as durable.</summary>
public enum SqliteSynchronous
{
    /// <summary>
    /// When the disk has confirmed it. A commit that was acknowledged survives a crash of the program, the system and
    /// the power.
    /// </summary>
    Full,

    /// <summary>
    /// When it is handed to the operating system. It survives a crash of the program; a crash of the system or the
    /// power may take the latest commits with it, though never leave half of one. Faster only with few writers: group
    /// commit makes both as fast with many.
    /// </summary>
    Normal,
}
