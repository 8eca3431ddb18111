namespace Millrace;

/// <summary>
/// Thrown when a name is not allowed, for example the name of a stream, an event type, a tag or a collection.
/// </summary>
public sealed class InvalidNameException(string kind, string name, string problem)
    : MillraceException($"The {kind} '{Shorten(name)}' is not allowed: {problem}.")
{
    /// <summary>Gets the kind of name, such as <c>stream name</c>.</summary>
    public string Kind { get; } = kind;

    /// <summary>Gets the refused name.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the reason.</summary>
    public string Problem { get; } = problem;

    private static string Shorten(string name) => (name.Length <= 80 ? name : name[..77] + "...").Replace('\0', '␀');
}

/// <summary>Thrown when a stream does not have the version that an append expects. The append wrote nothing.</summary>
/// <remarks>
/// This exception is not transient, because the same append would fail again. Load the stream again, repeat the
/// decision and append the new events.
/// </remarks>
public sealed class VersionConflictException(StreamId stream, ExpectedVersion expected, long actual)
    : MillraceException(
        $"Stream '{stream}' is at version {actual}, but the append expected {expected}. "
        + "Load the stream again and decide again.")
{
    /// <summary>Gets the stream.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>Gets the expected version.</summary>
    public ExpectedVersion Expected { get; } = expected;

    /// <summary>Gets the version of the stream; 0 if it does not exist.</summary>
    public long Actual { get; } = actual;
}

/// <summary>
/// Thrown when an event that matches the condition of an append was appended before. The append wrote nothing.
/// </summary>
public sealed class ConditionFailedException(AppendCondition condition, long position)
    : MillraceException(
        $"The event at position {position} matches {condition}, so the append was refused. "
        + "Read the events again and decide again."
    )
{
    /// <summary>Gets the condition that failed.</summary>
    public AppendCondition Condition { get; } = condition;

    /// <summary>Gets the position of the first matching event.</summary>
    public long Position { get; } = position;
}

/// <summary>
/// Thrown when another owner holds a unique value. The append wrote nothing. The message does not contain the value,
/// which may be personal data.
/// </summary>
public sealed class ClaimTakenException(string scope, string value, string owner)
    : MillraceException(
        $"The value of '{scope}' is taken by '{owner}'. Choose another value, or release the value first.")
{
    /// <summary>Gets the scope in which the value is unique, such as <c>user-email</c>.</summary>
    public string Scope { get; } = scope;

    /// <summary>Gets the value.</summary>
    public string Value { get; } = value;

    /// <summary>Gets the owner that holds the value.</summary>
    public string Owner { get; } = owner;
}

/// <summary>Thrown when a tombstone has closed a stream permanently, or when a caller reads a deleted stream.</summary>
public sealed class StreamDeletedException(StreamId stream, bool isClosed)
    : MillraceException(isClosed
        ? $"Stream '{stream}' was closed permanently by a tombstone. Use another stream."
        : $"Stream '{stream}' was deleted. Append to it to start it again.")
{
    /// <summary>Gets the stream.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>Gets whether a tombstone has closed the stream permanently.</summary>
    public bool IsClosed { get; } = isClosed;
}

/// <summary>Thrown when a stream that must exist does not exist.</summary>
public sealed class StreamNotFoundException(StreamId stream)
    : MillraceException($"Stream '{stream}' does not exist.")
{
    /// <summary>Gets the stream.</summary>
    public StreamId Stream { get; } = stream;
}

/// <summary>
/// Thrown when an append contains event ids that the stream already contains, but not in the same sequence of events.
/// The append wrote nothing.
/// </summary>
public sealed class EventIdConflictException(StreamId stream, Guid eventId)
    : MillraceException(
        $"Stream '{stream}' already contains event {eventId}, but with other events before or after it. "
        + "Give new events new ids.")
{
    /// <summary>Gets the stream.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>Gets the id that the stream already contains.</summary>
    public Guid EventId { get; } = eventId;
}

/// <summary>Thrown when a size, a length or a count exceeds its limit.</summary>
public sealed class LimitExceededException(string quantity, long actual, long limit, string option)
    : MillraceException($"The {quantity} is {actual:N0}, but at most {limit:N0} is allowed. The limit is {option}.")
{
    /// <summary>Gets the measured quantity, such as <c>event payload (bytes)</c>.</summary>
    public string Quantity { get; } = quantity;

    /// <summary>Gets the actual size.</summary>
    public long Actual { get; } = actual;

    /// <summary>Gets the limit.</summary>
    public long Limit { get; } = limit;

    /// <summary>Gets the option that sets the limit.</summary>
    public string Option { get; } = option;
}
