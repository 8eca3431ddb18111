namespace Millrace.Reporting;

/// <summary>A retention policy that was in force in the period.</summary>
/// <param name="Policy">The policy, such as <c>category cart: delete after 30 days</c>.</param>
/// <param name="Since">The time at which the application recorded it.</param>
/// <param name="Position">The position of the declaration.</param>
internal sealed record RetentionPolicyRow(string Policy, DateTimeOffset Since, long Position)
{
    /// <summary>The time of the declaration that replaced or removed it; null if it is in force.</summary>
    public DateTimeOffset? Until { get; init; }
}
