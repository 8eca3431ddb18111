using Millrace.Serialization;

namespace Millrace;

/// <summary>An event with all its versions.</summary>
/// <param name="Name">The stored name.</param>
/// <param name="Context">The bounded context.</param>
public sealed record EventDescription(string Name, string Context)
{
    /// <summary>Gets the full name in C# of its newest version.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the summary of its documentation; null if it has none.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets its versions, oldest first; at least one.</summary>
    public required IReadOnlyList<EventVersionDescription> Versions { get; init; }

    /// <summary>Gets its former stored names, by version.</summary>
    public IReadOnlyList<string> FormerNames { get; init; } = [];

    /// <summary>
    /// Gets other stored names whose events are read as this event: former names, and sources of upcasters.
    /// </summary>
    public IReadOnlyList<string> AlsoStoredAs { get; init; } = [];

    /// <summary>Gets its writers; empty if the model does not know them.</summary>
    public IReadOnlyList<EventWriter> Writers { get; init; } = [];

    /// <summary>Gets its readers: the names of aggregates, read models and consumers, with their kinds.</summary>
    public IReadOnlyList<EventReader> Readers { get; init; } = [];
}

/// <summary>A version of an event.</summary>
/// <param name="Version">The schema version, from 1.</param>
public sealed record EventVersionDescription(int Version)
{
    /// <summary>Gets the CLR type as which it is read; null if an upcaster reads it as JSON.</summary>
    public Type? ClrType { get; init; }

    /// <summary>Gets its members; without C# types if there is no CLR type.</summary>
    public IReadOnlyList<EventMember> Members { get; init; } = [];

    /// <summary>Gets the media type of its payloads.</summary>
    public string? ContentType { get; init; }

    /// <summary>
    /// Gets the oldest version whose readers can read this one as well; 0 if only its own readers can.
    /// </summary>
    public int ReadableBy { get; init; }

    /// <summary>
    /// Gets where it and its members appear in read models; empty if no read model uses this version.
    /// </summary>
    public IReadOnlyList<MemberFlow> ShownIn { get; init; } = [];

    /// <summary>Gets the results of its upcaster, in order; empty if it has none.</summary>
    public IReadOnlyList<EventVersionName> Becomes { get; init; } = [];

    /// <summary>Gets the final results of all upcasters: itself, another version, several events, or none.</summary>
    public IReadOnlyList<EventVersionName> ReadAs { get; init; } = [];

    /// <summary>Gets the event as which it is read together with its neighbour; null if it is not merged.</summary>
    public EventVersionName? MergedInto { get; init; }
}

/// <summary>A version of an event, as it is stored.</summary>
/// <param name="Name">The stored name.</param>
/// <param name="Version">The schema version.</param>
public readonly record struct EventVersionName(string Name, int Version)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name}@{Version}");
}

/// <summary>A member of an event as it is stored.</summary>
/// <param name="Name">The name in JSON.</param>
/// <param name="Type">The type in words: <c>orderId</c>, <c>decimal</c>, <c>list of orderLine</c>.</param>
/// <param name="IsRequired">True if it is always present.</param>
/// <param name="Description">The full description; null if only its stored shape is known.</param>
public sealed record EventMember(string Name, string Type, bool IsRequired, MemberDescription? Description)
{
    /// <summary>Gets its meaning; null if it is not documented.</summary>
    public string? Summary => Description?.Summary;
}

/// <summary>The kinds of writers and readers of events.</summary>
public enum EventPartKind
{
    /// <summary>An aggregate or a decider.</summary>
    Aggregate,

    /// <summary>A read model.</summary>
    ReadModel,

    /// <summary>A consumer of the application.</summary>
    Consumer,

    /// <summary>A command whose handler appends directly.</summary>
    Command,

    /// <summary>Other code that appends without a command: an import, a bridge.</summary>
    Code,

    /// <summary>A process.</summary>
    Process,
}

/// <summary>A writer of an event.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The name.</param>
/// <param name="Commands">The names of the commands that cause the event.</param>
public sealed record EventWriter(EventPartKind Kind, string Name, IReadOnlyList<string> Commands);

/// <summary>A reader of an event.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The name.</param>
public sealed record EventReader(EventPartKind Kind, string Name);
