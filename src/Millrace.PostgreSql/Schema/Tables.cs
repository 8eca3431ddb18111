namespace Millrace.PostgreSql;

/// <summary>The names of the tables and functions of a store, with their schemas.</summary>
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

    /// <summary>The name on which nodes tell each other that the log has moved.</summary>
    public string Channel { get; } = $"{logSchema}_log";

    /// <summary>The two numbers of the log's lock, which is one for each schema of a database.</summary>
    public (int Class, int Key) LogLock { get; } = (LockClass, HashOf(logSchema));

    /// <summary>The two numbers that a commit shows while it goes on, so that nodes know those of each other.</summary>
    public (int Class, int Key) CommitMark { get; } = (MarkClass, HashOf(logSchema));

    /// <summary>The two numbers that a node shows while it listens to what others write.</summary>
    public (int Class, int Key) ListenMark { get; } = (ListenClass, HashOf(logSchema));

    private const int LockClass = 0x4D6C7263; // "Mlrc"
    private const int MarkClass = 0x4D6C7277; // "Mlrw"
    private const int ListenClass = 0x4D6C726C; // "Mlrl"

    /// <summary>The same on every node and version: FNV-1a.</summary>
    private static int HashOf(string name)
    {
        var hash = 2166136261u;
        foreach (var letter in name)
            hash = unchecked((hash ^ letter) * 16777619u);
        return unchecked((int)hash);
    }
}
