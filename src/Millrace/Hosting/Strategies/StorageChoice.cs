namespace Millrace;

/// <summary>A recommended way to store events, with its reasons.</summary>
/// <param name="Strategy">The strategy.</param>
/// <param name="Configuration">The code that configures it.</param>
/// <param name="Reasons">The reasons, as sentences.</param>
public sealed record StorageChoice(StorageStrategy Strategy, string Configuration, IReadOnlyList<string> Reasons)
{
    /// <summary>Recommends a strategy.</summary>
    /// <param name="requirements">The requirements.</param>
    public static StorageChoice For(StorageRequirements requirements)
    {
        ArgumentNullException.ThrowIfNull(requirements);
        return (requirements.Performance, requirements.Consistency, requirements.Cost) switch
        {
            (RequirementLevel.High, RequirementLevel.High, RequirementLevel.Low) => new StorageChoice(
                StorageStrategy.InMemoryWithPersistence,
                "UseSqlite(\"app.db\").KeepLogInMemory()",
                [
                    "Reads come from memory, which meets a high performance without a server.",
                    "A commit is durable in the file before it is acknowledged, so nothing acknowledged is lost.",
                    "The limits are one machine, and a log that fits into its memory.",
                ]),
            (RequirementLevel.High, RequirementLevel.Medium, RequirementLevel.Medium) => new StorageChoice(
                StorageStrategy.OptimizedDatabase,
                "UsePostgreSql(connectionString)",
                [
                    "The schema is made for appends, streams and positions, and commits are grouped.",
                    "Several nodes share the work of consumers.",
                    "One server without a synchronous replica is sufficient for a medium consistency after failures.",
                ]),
            (RequirementLevel.Medium, RequirementLevel.High, RequirementLevel.Low) => new StorageChoice(
                StorageStrategy.EventStoreWithCaching,
                "UseSqlite(\"app.db\").UseEventCache()",
                [
                    "A file needs no server, which has the lowest cost.",
                    "Streams in frequent use are read from memory; the memory is limited, unlike the log.",
                    "Each read includes all acknowledged commits.",
                ]),
            (RequirementLevel.Low, RequirementLevel.High, RequirementLevel.High) => new StorageChoice(
                StorageStrategy.StandardDatabase,
                "UsePostgreSql(connectionString)",
                [
                    "A PostgreSQL server with a synchronous replica (synchronous_commit = remote_apply) loses nothing "
                        + "if a machine fails.",
                    "The wait for the replica is acceptable, because the required performance is low.",
                    "The operation of the servers is acceptable, because the acceptable cost is high.",
                ]),
            _ => new StorageChoice(
                StorageStrategy.Hybrid,
                "UsePostgreSql(connectionString).UseEventCache().UseBackup(place)",
                [
                    "No single strategy fits these requirements best.",
                    "The database decides each commit; reads use the cache first, and then the database.",
                    "A consumer backs up the log continuously, and catches up after a failure of the backup's place.",
                ]),
        };
    }
}
