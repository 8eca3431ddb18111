namespace Millrace;

/// <summary>
/// Marks the member of a document that contains the time from which the document has expired: a
/// <see cref="DateTimeOffset"/>, or null for a document that never expires. From this time on, reads, queries and
/// counts omit the document, and the consumer of the projection removes it. The member has its own column, as with
/// <see cref="IndexedAttribute"/>.
/// </summary>
/// <remarks>An event that was recorded from this time on is folded as if there were no document.</remarks>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ExpiresAttribute : Attribute
{
    /// <summary>
    /// Gets or sets the number of seconds between the time in the member and the expiry; 0 by default.
    /// </summary>
    public long AfterSeconds { get; set; }
}
