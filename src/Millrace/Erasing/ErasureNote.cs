namespace Millrace.Erasing;

/// <summary>The content of an event of an erasure or of a legal hold. It contains no personal data.</summary>
internal sealed record ErasureNote
{
    public string? Subject { get; init; }

    public IReadOnlyList<string>? Kinds { get; init; }

    public string? Reason { get; init; }

    public DateTimeOffset? RequestedAt { get; init; }

    public string? By { get; init; }

    /// <summary>The end of a legal hold.</summary>
    public DateTimeOffset? Until { get; init; }

    public IReadOnlyList<ErasureLocation>? Places { get; init; }

    /// <summary>How the values were searched: <c>all</c>, <c>some</c> or <c>none</c>.</summary>
    public string? ValueSearch { get; init; }

    /// <summary>The epoch and the end of the log before the verification.</summary>
    public long? LogEpoch { get; init; }

    public long? LogPosition { get; init; }

    /// <summary>The signed file of the certificate.</summary>
    public string? Certificate { get; init; }

    /// <summary>Whether the verification found no remaining data.</summary>
    public bool? IsComplete { get; init; }
}
