namespace Millrace.Reporting;

/// <summary>A change of the rules about access.</summary>
/// <param name="Position">The position in the log.</param>
/// <param name="Time">The time.</param>
/// <param name="Change">The change: <c>granted</c>, <c>revoked</c> or <c>declared</c>.</param>
internal sealed record RightRow(long Position, DateTimeOffset Time, string Change)
{
    /// <summary>The user or the role, such as <c>user:ada</c>.</summary>
    public string? To { get; init; }

    public string? Right { get; init; }

    public string? By { get; init; }

    /// <summary>Whether the change was made with the rights of the system.</summary>
    public bool BySystem { get; init; }

    public string? Reason { get; init; }
}
