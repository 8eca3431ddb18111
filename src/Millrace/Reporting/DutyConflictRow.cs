namespace Millrace.Reporting;

/// <summary>A violation of the segregation of duties.</summary>
/// <param name="First">The first duty.</param>
/// <param name="Second">The second duty.</param>
/// <param name="Kind">The kind: <c>held</c> for both rights, <c>done</c> for both commands.</param>
/// <param name="Holder">The user or the role, such as <c>user:ada</c>.</param>
/// <param name="Since">The time of the violation.</param>
internal sealed record DutyConflictRow(
    string First, string Second, string Kind, string Holder, DateTimeOffset Since)
{
    public const string Held = "held";
    public const string Done = "done";

    /// <summary>The time at which a right was revoked; null if both are still held, or for a deed.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The stream to which the user sent both commands.</summary>
    public string? Stream { get; init; }

    /// <summary>The position of the change of rights, or of the first command's event.</summary>
    public long? FirstPosition { get; init; }

    /// <summary>The position of the second command's event.</summary>
    public long? SecondPosition { get; init; }
}
