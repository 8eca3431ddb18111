namespace Millrace;

/// <summary>A name (of a stream, an event type, a tag, a collection…) is not allowed.</summary>
public sealed class InvalidNameException(string kind, string name, string problem)
    : MillraceException($"The {kind} '{Shorten(name)}' is not allowed: {problem}.")
{
    /// <summary>What was to be named, such as <c>stream name</c>.</summary>
    public string Kind { get; } = kind;

    /// <summary>The name that was refused.</summary>
    public string Name { get; } = name;

    /// <summary>Why it was refused.</summary>
    public string Problem { get; } = problem;

    private static string Shorten(string name) => (name.Length <= 80 ? name : name[..77] + "...").Replace('\0', '␀');
}

/// <summary>A stream is not at the version that an append expected. Nothing was written.</summary>
/// <remarks>Not transient: repeated unchanged it fails again. Load, decide and append anew.</remarks>
public sealed class VersionConflictException(StreamId stream, ExpectedVersion expected, long actual)
    : MillraceException(
        $"Stream '{stream}' is at version {actual}, but the append expected {expected}. Reload and decide again.")
{
    /// <summary>The stream.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>What the append expected.</summary>
    public ExpectedVersion Expected { get; } = expected;

    /// <summary>The stream's version; 0 when it does not exist.</summary>
    public long Actual { get; } = actual;
}

/// <summary>An append's condition no longer holds: an event that it excludes was appended in between. Nothing was
/// written.</summary>
public sealed class ConditionFailedException(AppendCondition condition, long position)
    : MillraceException(
        $"The event at position {position} matches {condition}, so the append was refused. Read again and decide again."
    )
{
    /// <summary>The condition that failed.</summary>
    public AppendCondition Condition { get; } = condition;

    /// <summary>The position of the first event found to match.</summary>
    public long Position { get; } = position;
}

/// <summary>A unique value is taken by another owner. Nothing was written.</summary>
public sealed class ClaimTakenException(string scope, string value, string owner)
    : MillraceException(
        $"The value '{value}' of '{scope}' is taken by '{owner}'. Choose another value, or release it first.")
{
    /// <summary>Within what the value is unique, such as <c>user-email</c>.</summary>
    public string Scope { get; } = scope;

    /// <summary>The value.</summary>
    public string Value { get; } = value;

    /// <summary>Who holds it.</summary>
    public string Owner { get; } = owner;
}

/// <summary>The stream was closed for ever by a tombstone, or was deleted and is read.</summary>
public sealed class StreamDeletedException(StreamId stream, bool isClosed)
    : MillraceException(isClosed
        ? $"Stream '{stream}' is closed for ever by a tombstone. Use another stream."
        : $"Stream '{stream}' was deleted. Append to it to begin it again.")
{
    /// <summary>The stream.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>True for a tombstone, which no append undoes.</summary>
    public bool IsClosed { get; } = isClosed;
}

/// <summary>A stream that must exist does not.</summary>
public sealed class StreamNotFoundException(StreamId stream)
    : MillraceException($"Stream '{stream}' does not exist.")
{
    /// <summary>The stream.</summary>
    public StreamId Stream { get; } = stream;
}

/// <summary>An append repeats some of the events that a stream already holds, but not as they stand there. Nothing was
/// written.</summary>
public sealed class EventIdConflictException(StreamId stream, Guid eventId)
    : MillraceException(
        $"Event {eventId} already stands in stream '{stream}', but not with the same neighbours. Give new events new "
            + $"ids."
    )
{
    /// <summary>The stream.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>The id that is there already.</summary>
    public Guid EventId { get; } = eventId;
}

/// <summary>Something is larger, longer or more than its limit.</summary>
public sealed class LimitExceededException(string what, long actual, long limit, string option)
    : MillraceException($"The {what} is {actual:N0}, but at most {limit:N0} is allowed. The limit is {option}.")
{
    /// <summary>What was measured, such as <c>event payload (bytes)</c>.</summary>
    public string What { get; } = what;

    /// <summary>Its size.</summary>
    public long Actual { get; } = actual;

    /// <summary>The limit.</summary>
    public long Limit { get; } = limit;

    /// <summary>Where the limit is set.</summary>
    public string Option { get; } = option;
}
