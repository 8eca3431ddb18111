namespace Millrace;

/// <summary>A request to encrypt stored values again, whose data keys were replaced.</summary>
/// <param name="By">The person who requests it; recorded.</param>
/// <param name="Reason">The reason; recorded.</param>
public sealed record ReencryptionRequest(string By, string Reason)
{
    private const int MaxRate = 1_000_000;

    /// <summary>
    /// Gets the data subject whose values are encrypted again, such as <c>customer-42</c>; null for all values. Only
    /// without a subject, secrets and copies such as snapshots, timers and message bodies are encrypted again.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>
    /// Gets the maximum number of documents that are read in a second; from 1 to 1,000,000, 2,000 by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public int MaxDocumentsPerSecond
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxRate);
            field = value;
        }
    } = 2_000;
}
