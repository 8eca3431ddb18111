namespace Millrace.Retention;

/// <summary>The content of an event of retention. It contains no personal data except in names of streams.</summary>
internal sealed record RetentionNote
{
    public string? By { get; init; }

    /// <summary>The time at which data must have expired.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The policy of a removal before a date; null for a run of the declared policies.</summary>
    public RetentionRule? Before { get; init; }

    /// <summary>The policies of an application, or those by which a run started.</summary>
    public RetentionDeclaration? Declaration { get; init; }

    /// <summary>The runs that had not ended when a run started.</summary>
    public IReadOnlyList<string>? Open { get; init; }

    /// <summary>The reason for which a run was stopped.</summary>
    public string? Reason { get; init; }

    /// <summary>The policy of the removed events.</summary>
    public string? Policy { get; init; }

    public IReadOnlyList<RemovedStream>? Streams { get; init; }

    public IReadOnlyList<string>? ReadModels { get; init; }

    public RetentionArchive? Archive { get; init; }

    public IReadOnlyList<RetentionResult>? Results { get; init; }

    public string? Subject { get; init; }

    public string? Erasure { get; init; }

    /// <summary>The reason why the data of the subject counts as kept; null if it was erased completely.</summary>
    public string? Refusal { get; init; }

    public string? Run { get; init; }
}
