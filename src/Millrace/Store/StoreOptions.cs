namespace Millrace;

/// <summary>Options of a store. The store reads them when it opens, and later changes have no effect.</summary>
public sealed class StoreOptions
{
    private const int MaxVersionCharacters = 256;

    /// <summary>Gets or sets the maximum sizes of events.</summary>
    public EventLimits Limits { get; set; } = new();

    /// <summary>
    /// Gets or sets the maximum number of requests in the commit queue; from 1 to 1,000,000, 10,000 by default. When
    /// the queue is full, appends wait.
    /// </summary>
    public int MaxQueuedRequests { get; set; } = 10_000;

    /// <summary>
    /// Gets or sets the maximum number of bytes in the commit queue; from 1 MiB to 4 GiB, 128 MiB by default. When the
    /// queue is full, appends wait.
    /// </summary>
    public long MaxQueuedBytes { get; set; } = 128L * 1024 * 1024;

    /// <summary>
    /// Gets or sets the time for which an append waits for capacity in the queue before it fails with
    /// <see cref="StoreBusyException"/>; from 0 to 5 minutes, 5 seconds by default.
    /// </summary>
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the maximum number of requests in one transaction; from 1 to 10,000, 1,000 by default.
    /// </summary>
    public int MaxBatchRequests { get; set; } = 1_000;

    /// <summary>
    /// Gets or sets the maximum number of events in one transaction, unless a single append has more; from 1 to
    /// 100,000, 10,000 by default.
    /// </summary>
    public int MaxBatchEvents { get; set; } = 10_000;

    /// <summary>
    /// Gets or sets the time for which a closing store waits until queued requests are committed; from 0 to 10 minutes,
    /// 30 seconds by default.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the time for which a starting application waits until the database can be reached; from 0 to 1 day,
    /// 0 by default. With 0, the start fails at once.
    /// </summary>
    public TimeSpan OpenTimeout { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// Gets or sets the maximum number of latest events that this node keeps in memory for consumers that have not
    /// handled them; from 0 to 1,000,000, 10,000 by default.
    /// </summary>
    public int TailEvents { get; set; } = 10_000;

    /// <summary>
    /// Gets or sets the number of events that are read at a time; from 1 to 10,000, 1,000 by default.
    /// </summary>
    public int PageEvents { get; set; } = 1_000;

    /// <summary>
    /// Gets or sets the maximum number of query shapes that the store remembers for advice about indexes; from 0 to
    /// 10,000, 500 by default. A shape contains no values. With 0, the store remembers none.
    /// </summary>
    public int MaxQueryShapes { get; set; } = 500;

    /// <summary>
    /// Gets or sets the format of events whose type sets no format; JSON by default. Types that only support JSON are
    /// always written as JSON. Each stored event is read in the format in which it was written.
    /// </summary>
    public EventFormat EventFormat { get; set; } = EventFormat.Json;

    /// <summary>Gets or sets the source that is recorded on events without a source; none by default.</summary>
    public string? Source { get; set; }

    /// <summary>
    /// Gets or sets the application version that is recorded on events without an application version, with at most 256
    /// characters. It shows which build wrote an event. The default is none, or in a host the version of the program.
    /// </summary>
    public string? ApplicationVersion { get; set; }

    /// <summary>
    /// Gets or sets whether a program that has no keys may open a store with encrypted values, such as a tool; false by
    /// default. The data of events with encrypted values is then an <see cref="UnreadableEvent"/>, and their types
    /// cannot be appended.
    /// </summary>
    public bool ReadsWithoutKeys { get; set; }

    internal StoreOptions Copy()
    {
        var copy = (StoreOptions)MemberwiseClone();
        copy.Limits = Limits.Copy();
        return copy;
    }

    internal IEnumerable<string> Problems()
    {
        foreach (var problem in Limits.Problems())
            yield return problem;
        if (MaxQueuedRequests is < 1 or > 1_000_000)
            yield return $"MaxQueuedRequests: must be from 1 to 1,000,000, but is {MaxQueuedRequests:N0}.";
        if (MaxQueuedBytes is < 1024 * 1024 or > 4L * 1024 * 1024 * 1024)
            yield return $"MaxQueuedBytes: must be from 1 MiB to 4 GiB, but is {MaxQueuedBytes:N0}.";
        if (QueueTimeout < TimeSpan.Zero || QueueTimeout > TimeSpan.FromMinutes(5))
            yield return $"QueueTimeout: must be from 0 to 5 minutes, but is {QueueTimeout}.";
        if (MaxBatchRequests is < 1 or > 10_000)
            yield return $"MaxBatchRequests: must be from 1 to 10,000, but is {MaxBatchRequests:N0}.";
        if (MaxBatchEvents is < 1 or > 100_000)
            yield return $"MaxBatchEvents: must be from 1 to 100,000, but is {MaxBatchEvents:N0}.";
        if (DrainTimeout < TimeSpan.Zero || DrainTimeout > TimeSpan.FromMinutes(10))
            yield return $"DrainTimeout: must be from 0 to 10 minutes, but is {DrainTimeout}.";
        if (OpenTimeout < TimeSpan.Zero || OpenTimeout > TimeSpan.FromDays(1))
            yield return $"OpenTimeout: must be from 0 to 1 day, but is {OpenTimeout}.";
        if (TailEvents is < 0 or > 1_000_000)
            yield return $"TailEvents: must be from 0 to 1,000,000, but is {TailEvents:N0}.";
        if (MaxQueryShapes is < 0 or > 10_000)
            yield return $"MaxQueryShapes: must be from 0 to 10,000, but is {MaxQueryShapes:N0}.";
        if (ApplicationVersion is { Length: > MaxVersionCharacters })
            yield return $"ApplicationVersion: must have at most {MaxVersionCharacters} characters, but has "
                + $"{ApplicationVersion.Length}.";
        if (!Enum.IsDefined(EventFormat))
            yield return $"EventFormat: must be Json or Cbor, but is {EventFormat}.";
        if (PageEvents is < 1 or > 10_000)
            yield return $"PageEvents: must be from 1 to 10,000, but is {PageEvents:N0}.";
    }
}
