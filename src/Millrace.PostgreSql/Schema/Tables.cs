namespace Millrace.PostgreSql.Schema;

/// <summary>The names of a store's tables and functions, including their schemas.</summary>
internal sealed class Tables(string logSchema, string documentSchema)
{
    public string LogSchema { get; } = logSchema;

    public string DocumentSchema { get; } = documentSchema;

    public string Header { get; } = $"{logSchema}.header";

    public string Events { get; } = $"{logSchema}.events";

    public string StreamBounds { get; } = $"{logSchema}.stream_bounds";

    public string Removals { get; } = $"{logSchema}.removals";

    public string Claims { get; } = $"{logSchema}.claims";

    public string Handled { get; } = $"{logSchema}.handled";

    public string Consumers { get; } = $"{logSchema}.consumers";

    public string Nodes { get; } = $"{logSchema}.nodes";

    public string PausedConsumers { get; } = $"{logSchema}.paused_consumers";

    public string Collections { get; } = $"{logSchema}.collections";

    public string ReadModels { get; } = $"{logSchema}.read_models";

    public string RetiredCollections { get; } = $"{logSchema}.retired_collections";

    public string DeadLetters { get; } = $"{logSchema}.dead_letters";

    public string DocumentVersions { get; } = $"{logSchema}.document_versions";

    public string AcquireLogLock { get; } = $"{logSchema}.take_turn";

    public string PositionAt { get; } = $"{logSchema}.position_at";

    /// <summary>The channel on which nodes notify each other of writes.</summary>
    public string Channel { get; } = $"{logSchema}_log";

    /// <summary>The two numbers of the log's advisory lock, which is separate for each schema of a database.</summary>
    public (int Class, int Key) LogLock { get; } = (LockClass, HashOf(logSchema));

    /// <summary>
    /// The two numbers of the advisory lock that a commit holds, by which nodes recognize each other's commits.
    /// </summary>
    public (int Class, int Key) CommitMark { get; } = (MarkClass, HashOf(logSchema));

    /// <summary>The two numbers of the advisory lock that a node holds while it listens for notifications.</summary>
    public (int Class, int Key) ListenMark { get; } = (ListenClass, HashOf(logSchema));

    private const int LockClass = 0x4D6C7263; // "Mlrc"
    private const int MarkClass = 0x4D6C7277; // "Mlrw"
    private const int ListenClass = 0x4D6C726C; // "Mlrl"

    /// <summary>Returns the same FNV-1a hash on every node and version.</summary>
    public static int HashOf(string name)
    {
        var hash = 2166136261u;
        foreach (var character in name)
            hash = unchecked((hash ^ character) * 16777619u);
        return unchecked((int)hash);
    }
}
