namespace Millrace.Storage;

/// <summary>A query for dead letters. A property that is not set does not restrict the result.</summary>
public sealed record DeadLetterQuery
{
    /// <summary>Gets the consumer.</summary>
    public string? Consumer { get; init; }

    /// <summary>Gets the states; empty for all states.</summary>
    public IReadOnlyList<DeadLetterState> States { get; init; } = [];

    /// <summary>Gets the cause.</summary>
    public string? Cause { get; init; }

    /// <summary>Gets the key.</summary>
    public string? Key { get; init; }

    /// <summary>Gets the stream.</summary>
    public StreamId? Stream { get; init; }

    /// <summary>Gets the stored name of the event type.</summary>
    public string? EventType { get; init; }

    /// <summary>Gets the name of the shard; null for all shards. Storages ignore it.</summary>
    public string? Shard { get; init; }

    /// <summary>
    /// Gets the position in the log after which the results start; 0 by default. With several shards, it needs
    /// <see cref="Shard"/>.
    /// </summary>
    public long AfterPosition { get; init; }

    /// <summary>
    /// Gets whether the results omit <see cref="DeadLetter.Message"/> and <see cref="DeadLetter.Stack"/>, which may be
    /// long. The default is false.
    /// </summary>
    public bool IsBrief { get; init; }

    /// <summary>
    /// Gets the <see cref="DeadLetter.Id"/> of the last dead letter on the previous page; 0 for the first page.
    /// </summary>
    public long After { get; init; }

    /// <summary>Gets the maximum number of dead letters; from 1 to 10,000, 100 by default.</summary>
    public int Limit { get; init; } = 100;
}
