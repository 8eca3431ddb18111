namespace Millrace.Reporting;

/// <summary>An event of a financial stream.</summary>
internal sealed record ChangeRow(long Position, SealStatus Seal)
{
    public DateTimeOffset? Time { get; init; }

    public string? Stream { get; init; }

    public long? Version { get; init; }

    public string? Type { get; init; }

    public string? User { get; init; }

    /// <summary>The command that caused the event.</summary>
    public string? Command { get; init; }

    /// <summary>The extension <c>reason</c> of the metadata.</summary>
    public string? Reason { get; init; }

    public Guid? CorrelationId { get; init; }

    /// <summary>The number of the first seal that covers the event.</summary>
    public long? SealNumber { get; init; }
}
