namespace Millrace;

/// <summary>Handles one event of a consumer. It may be called again with the same event after a failure or a
/// crash.</summary>
public delegate ValueTask ConsumerEventHandler(RecordedEvent recorded, CancellationToken cancellationToken);

/// <summary>Handles several events of a consumer, in order. It may be called again with some of them after a failure or
/// a crash.</summary>
public delegate ValueTask ConsumerBatchHandler(
    IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken);

/// <summary>A consumer of the application's own: which events it asks for and what it does with them.</summary>
/// <remarks>
/// Each event is handed over at least once, in order within its key. An event whose handler throws is taken out and
/// tried again with growing pauses, then parked as a dead letter; later events of its key wait, and all other keys go
/// on.
/// </remarks>
public sealed class ConsumerDefinition
{
    private static readonly Func<RecordedEvent, string> NameOfStream = static recorded => recorded.Stream.Value;

    private ConsumerDefinition(string name, EventFilter filter)
    {
        if (NameProblem(name) is { } problem)
            throw new InvalidNameException("consumer", name, problem);
        ArgumentNullException.ThrowIfNull(filter);
        (Name, Filter) = (name, filter);
    }

    private ConsumerDefinition(ConsumerDefinition other)
    {
        (Name, Filter, Key, BeginsAtEnd) = (other.Name, other.Filter, other.Key, other.BeginsAtEnd);
        (EachHandler, BatchHandler) = (other.EachHandler, other.BatchHandler);
        (Policy, IsSafeToSimulate) = (other.Policy, other.IsSafeToSimulate);
    }

    /// <summary>Its stable name, under which its checkpoint is kept.</summary>
    public string Name { get; }

    /// <summary>The events it asks for.</summary>
    public EventFilter Filter { get; }

    /// <summary>
    /// Events with the same key are handled one after the other, and wait together when one fails. An empty key is its
    /// stream's.
    /// </summary>
    public Func<RecordedEvent, string> Key { get; private init; } = NameOfStream;

    /// <summary>Whether its keys are its streams, so that no event need be decoded to know whose it is.</summary>
    internal bool IsByStream => ReferenceEquals(Key, NameOfStream);

    /// <summary>Whether it begins, when it has no checkpoint yet, with the events appended from then on.</summary>
    public bool BeginsAtEnd { get; private init; }

    /// <summary>Whether its handler may be called to see whether an event would pass: it has no effects, or none that
    /// matter.</summary>
    public bool IsSafeToSimulate { get; private init; }

    internal FailurePolicy? Policy { get; private init; }

    internal ConsumerEventHandler? EachHandler { get; private init; }

    internal ConsumerBatchHandler? BatchHandler { get; private init; }

    /// <summary>A consumer that handles event by event: several keys at the same time, each in order.</summary>
    public static ConsumerDefinition Each(string name, EventFilter filter, ConsumerEventHandler handler) =>
        new(name, filter) { EachHandler = handler ?? throw new ArgumentNullException(nameof(handler)) };

    /// <summary>A consumer that handles batches, one after the other, each in the order of the log.</summary>
    public static ConsumerDefinition Batch(string name, EventFilter filter, ConsumerBatchHandler handler) =>
        new(name, filter) { BatchHandler = handler ?? throw new ArgumentNullException(nameof(handler)) };

    /// <summary>The same, but with another key than the stream.</summary>
    public ConsumerDefinition ByKey(Func<RecordedEvent, string> key) =>
        new(this) { Key = key ?? throw new ArgumentNullException(nameof(key)) };

    /// <summary>
    /// The same, but one that begins with the events appended from then on, and not with the first, when it has no
    /// checkpoint yet. Where it begins is stored at once, as its first checkpoint; one that was reset goes on from
    /// where it was set.
    /// </summary>
    public ConsumerDefinition FromEnd() => new(this) { BeginsAtEnd = true };

    /// <summary>
    /// The same, but declared to have no effects that matter, so that dead letters can be tried without being decided
    /// about.
    /// </summary>
    public ConsumerDefinition SafeToSimulate() => new(this) { IsSafeToSimulate = true };

    /// <summary>The same, but with a policy of its own for errors.</summary>
    /// <param name="configure">Adds to what is built in.</param>
    public ConsumerDefinition OnFailure(Func<FailurePolicy, FailurePolicy> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return new(this) { Policy = configure(Policy ?? FailurePolicy.Default) };
    }

    internal static string? NameProblem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > 100)
            return "it must have 1 to 100 characters";
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterLower(character)
                && !char.IsAsciiDigit(character)
                && character is not '-' and not '.' and not '@')
                return "it may hold lower case letters, digits, '-', '.' and '@' only";
        }
        return null;
    }
}
