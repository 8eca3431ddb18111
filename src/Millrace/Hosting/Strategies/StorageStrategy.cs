namespace Millrace;

/// <summary>A way to store events.</summary>
public enum StorageStrategy
{
    /// <summary>In memory, without durability: <c>UseInMemory()</c>. For tests; it is never recommended.</summary>
    InMemory,

    /// <summary>
    /// The whole log in memory, and durable in a file before a commit is acknowledged:
    /// <c>UseSqlite("app.db").KeepLogInMemory()</c>.
    /// </summary>
    InMemoryWithPersistence,

    /// <summary>A database whose schema is made for events: <c>UsePostgreSql(…)</c>.</summary>
    OptimizedDatabase,

    /// <summary>
    /// A file with a cache of the streams that were read last: <c>UseSqlite("app.db").UseEventCache()</c>.
    /// </summary>
    EventStoreWithCaching,

    /// <summary>
    /// The database server that the organization already operates, with its replicas and backups:
    /// <c>UsePostgreSql(…)</c> with <c>synchronous_commit = remote_apply</c>.
    /// </summary>
    StandardDatabase,

    /// <summary>
    /// A database that decides, a cache that is read first, and a backup that follows asynchronously:
    /// <c>UsePostgreSql(…).UseEventCache().UseBackup(…)</c>.
    /// </summary>
    Hybrid,
}
