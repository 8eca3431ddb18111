namespace Millrace;

/// <summary>
/// Handles one event of a consumer. The handler can be called again with the same event after a failure or a crash.
/// </summary>
public delegate ValueTask ConsumerEventHandler(RecordedEvent recorded, CancellationToken cancellationToken);

/// <summary>
/// Handles several events of a consumer, in order. The handler can be called again with some of these events after a
/// failure or a crash.
/// </summary>
public delegate ValueTask ConsumerBatchHandler(
    IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken);

/// <summary>Defines a consumer of the application: the events that it receives and the handler for them.</summary>
/// <remarks>
/// Each event is delivered at least once, in order within its key. If the handler of an event throws, the event is
/// taken out of the batch. It is retried with growing delays, and then parked as a dead letter. Later events of its key
/// wait, and all other keys continue.
/// </remarks>
public sealed class ConsumerDefinition
{
    private static readonly Func<RecordedEvent, string> NameOfStream = static recorded => recorded.Stream.Value;

    private ConsumerDefinition(string name, EventFilter filter)
    {
        if (NameProblem(name) is { } problem)
            throw new InvalidNameException("consumer", name, problem);
        ArgumentNullException.ThrowIfNull(filter);
        Name = name;
        Filter = filter;
    }

    private ConsumerDefinition(ConsumerDefinition other)
    {
        Name = other.Name;
        Filter = other.Filter;
        Key = other.Key;
        BeginsAtEnd = other.BeginsAtEnd;
        EachHandler = other.EachHandler;
        BatchHandler = other.BatchHandler;
        Policy = other.Policy;
        Load = other.Load;
        IsSafeToSimulate = other.IsSafeToSimulate;
    }

    /// <summary>Gets the stable name, under which the checkpoint is stored.</summary>
    public string Name { get; }

    /// <summary>Gets the filter for the events that the consumer receives.</summary>
    public EventFilter Filter { get; }

    /// <summary>
    /// Gets the function that returns the key of an event. Events with the same key are handled one after the other,
    /// and wait together when one fails. An empty key means the key of the stream.
    /// </summary>
    public Func<RecordedEvent, string> Key { get; private init; } = NameOfStream;

    /// <summary>
    /// Gets whether the keys are the streams, so that the key of an event is known without decoding it.
    /// </summary>
    internal bool IsByStream => ReferenceEquals(Key, NameOfStream);

    /// <summary>
    /// Gets whether a consumer without a checkpoint starts with the events that are appended from now on.
    /// </summary>
    public bool BeginsAtEnd { get; private init; }

    /// <summary>
    /// Gets whether the handler can be called to check whether an event would succeed, because it has no effects that
    /// matter.
    /// </summary>
    public bool IsSafeToSimulate { get; private init; }

    internal FailurePolicy? Policy { get; private init; }

    internal LoadOptions? Load { get; private init; }

    internal ConsumerEventHandler? EachHandler { get; private init; }

    internal ConsumerBatchHandler? BatchHandler { get; private init; }

    /// <summary>
    /// Defines a consumer that handles single events. It handles several keys in parallel, and the events of each key
    /// in order.
    /// </summary>
    public static ConsumerDefinition Each(string name, EventFilter filter, ConsumerEventHandler handler) =>
        new(name, filter) { EachHandler = handler ?? throw new ArgumentNullException(nameof(handler)) };

    /// <summary>Defines a consumer that handles batches, one after the other, each in the order of the log.</summary>
    public static ConsumerDefinition Batch(string name, EventFilter filter, ConsumerBatchHandler handler) =>
        new(name, filter) { BatchHandler = handler ?? throw new ArgumentNullException(nameof(handler)) };

    /// <summary>Returns a copy that uses another key than the stream.</summary>
    public ConsumerDefinition ByKey(Func<RecordedEvent, string> key) =>
        new(this) { Key = key ?? throw new ArgumentNullException(nameof(key)) };

    /// <summary>
    /// Returns a copy that starts with the events that are appended from now on, if it has no checkpoint. It does not
    /// start with the first event of the log. The start position is stored immediately as the first checkpoint. After a
    /// reset the consumer continues from the position of the reset.
    /// </summary>
    public ConsumerDefinition FromEnd() => new(this) { BeginsAtEnd = true };

    /// <summary>
    /// Returns a copy whose handler is declared to have no effects that matter, so that dead letters can be tried
    /// without a decision about them.
    /// </summary>
    public ConsumerDefinition SafeToSimulate() => new(this) { IsSafeToSimulate = true };

    /// <summary>Returns a copy with its own policy for errors.</summary>
    /// <param name="configure">Extends the default policy.</param>
    public ConsumerDefinition OnFailure(Func<FailurePolicy, FailurePolicy> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return new(this) { Policy = configure(Policy ?? FailurePolicy.Default) };
    }

    /// <summary>
    /// Returns a copy that chooses the size of its batches and the number of its workers while it runs.
    /// </summary>
    /// <param name="configure">Sets the requirements; null for the defaults.</param>
    /// <exception cref="ArgumentException">The requirements are not valid.</exception>
    public ConsumerDefinition AdaptLoad(Action<LoadOptions>? configure = null) =>
        new(this) { Load = LoadOptions.Create(configure) };

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
                return "it can contain only lower case letters, digits, '-', '.' and '@'";
        }
        return null;
    }
}
