using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>
/// Options for a store in an SQLite file. They are read when the store is opened; later changes have no effect.
/// </summary>
public sealed class SqliteOptions
{
    /// <summary>
    /// Gets or sets the path of the file, which is created if it does not exist. Its directory must exist. Required;
    /// empty by default. SQLite creates files with the suffixes <c>-wal</c> and <c>-shm</c> next to it. If the file
    /// name contains <c>{tenant}</c>, each tenant has its own file.
    /// </summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// True to open the file for reading only, which requires no write access to the file or its directory; false by
    /// default. The file must exist and have this schema version. Every write is refused with
    /// <see cref="StorageProblem.ReadOnly"/>, so that consumers cannot run on it. Writes of other programs become
    /// visible. A file that no program can write is read without locks.
    /// </summary>
    public bool IsReadOnly { get; set; }

    /// <summary>When a commit counts as durable; <see cref="SqliteSynchronous.Full"/> by default.</summary>
    public SqliteSynchronous Synchronous { get; set; } = SqliteSynchronous.Full;

    /// <summary>
    /// Gets or sets the time for which a write waits for another program's write. From 0 to 5 minutes; 5 seconds by
    /// default.
    /// </summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the page cache of the writer, in bytes. Each reader has an eighth of it. From 1 MiB to 16 GiB; 64
    /// MiB by default.
    /// </summary>
    public long CacheBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>
    /// Gets or sets the maximum number of concurrent reads; further reads wait. From 1 to 100; 8 by default.
    /// </summary>
    public int MaxReaders { get; set; } = 8;

    /// <summary>
    /// Gets or sets the number of pages (of 4,096 bytes) in the write-ahead log after which the writer copies them into
    /// the file. From 100 to 1,000,000; 10,000 by default. Lower values make commit times less even; higher values use
    /// more disk space.
    /// </summary>
    public int CheckpointPages { get; set; } = 10_000;

    /// <summary>
    /// Gets or sets the maximum size of the file, in bytes: at least 1 MiB, or 0 for no limit; 0 by default. When it is
    /// reached, appends are refused.
    /// </summary>
    public long MaxSizeBytes { get; set; }

    /// <summary>
    /// Gets or sets the interval at which the store checks for writes of other programs. From 1 millisecond to 10
    /// seconds; 50 milliseconds by default.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// True to refuse a system library with the WAL-reset error, which affects SQLite 3.7.0 to 3.51.2. False by
    /// default: only a warning is logged. The package's library does not have the error.
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
    /// When the disk has confirmed it. An acknowledged commit survives a crash of the program or the system, and a
    /// power failure.
    /// </summary>
    Full,

    /// <summary>
    /// When the operating system has accepted it. The commit survives a crash of the program. A crash of the system or
    /// a power failure may lose the latest commits, but never leaves part of one. It is faster only with few writers:
    /// with many, group commit makes both equally fast.
    /// </summary>
    Normal,
}
