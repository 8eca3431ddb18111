namespace Millrace.Retention;

/// <summary>The policies and options of retention after their configuration.</summary>
internal sealed record RetentionSettings
{
    public required RetentionDeclaration Declaration { get; init; }

    public int StreamsPerSecond { get; init; } = 500;

    public string? ArchiveDirectory { get; init; }

    /// <summary>A hook for tests, which is called with the name of each step.</summary>
    public Action<string>? AfterStep { get; init; }
}
