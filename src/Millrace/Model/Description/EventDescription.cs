using Millrace.Serialization;

namespace Millrace;

/// <summary>An event with all its versions.</summary>
/// <param name="Name">Its stored name.</param>
/// <param name="Context">The context it belongs to.</param>
public sealed record EventDescription(string Name, string Context)
{
    /// <summary>The full name in C# of its newest version.</summary>
    public required string Type { get; init; }

    /// <summary>What it says has happened, as its documentation says; null when it says nothing.</summary>
    public string? Summary { get; init; }

    /// <summary>Its versions, oldest first; at least one.</summary>
    public required IReadOnlyList<EventVersionDescription> Versions { get; init; }

    /// <summary>The stored names that it had before, version by version.</summary>
    public IReadOnlyList<string> FormerNames { get; init; } = [];

    /// <summary>Other stored names whose events are read as it: those it had formerly, and those that upcasters make it
    /// from.</summary>
    public IReadOnlyList<string> AlsoStoredAs { get; init; } = [];

    /// <summary>Who writes it; nobody that is known, where the model does not say.</summary>
    public IReadOnlyList<EventWriter> Writers { get; init; } = [];

    /// <summary>Who reads it: the names of aggregates, read models and consumers, each with its kind.</summary>
    public IReadOnlyList<EventReader> Readers { get; init; } = [];
}

/// <summary>A version of an event.</summary>
/// <param name="Version">Its schema version, from 1.</param>
public sealed record EventVersionDescription(int Version)
{
    /// <summary>The CLR type it is read as; null for one that only an upcaster takes, as JSON.</summary>
    public Type? ClrType { get; init; }

    /// <summary>Its members; without types of C# where there is no CLR type.</summary>
    public IReadOnlyList<EventMember> Members { get; init; } = [];

    /// <summary>The media type of its payloads.</summary>
    public string? ContentType { get; init; }

    /// <summary>The oldest version whose readers can read this one as well; 0 when only its own can.</summary>
    public int ReadableBy { get; init; }

    /// <summary>What it becomes in read models, with and without its members; nothing where no read model reads this
    /// version.</summary>
    public IReadOnlyList<MemberFlow> ShownIn { get; init; } = [];

    /// <summary>What its upcaster makes of it, in order; empty for what is handed out as it is.</summary>
    public IReadOnlyList<EventVersionName> Becomes { get; init; } = [];

    /// <summary>What it is read as in the end, by all steps together: itself, another version, several events, or
    /// none.</summary>
    public IReadOnlyList<EventVersionName> ReadAs { get; init; } = [];

    /// <summary>What it is read as together with the event before or behind it; null when it is in no merge.</summary>
    public EventVersionName? MergedInto { get; init; }
}

/// <summary>One version of one event, as it is stored.</summary>
/// <param name="Name">The stored name.</param>
/// <param name="Version">The schema version.</param>
public readonly record struct EventVersionName(string Name, int Version)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name}@{Version}");
}

/// <summary>A member of an event as it is stored.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Type">What it is, in words: <c>orderId</c>, <c>decimal</c>, <c>list of orderLine</c>.</param>
/// <param name="IsRequired">Whether it is always there.</param>
/// <param name="Description">How it is described to programs; null where only its stored shape is known.</param>
public sealed record EventMember(string Name, string Type, bool IsRequired, MemberDescription? Description)
{
    /// <summary>What it means, for people; null when nobody said.</summary>
    public string? Summary => Description?.Summary;
}

/// <summary>What writes or reads events.</summary>
public enum EventPartKind
{
    /// <summary>An aggregate or a decider.</summary>
    Aggregate,

    /// <summary>A read model.</summary>
    ReadModel,

    /// <summary>A consumer of the application's own.</summary>
    Consumer,

    /// <summary>A command whose handler appends by itself.</summary>
    Command,

    /// <summary>Other code, which appends without a command: an import, a bridge.</summary>
    Code,

    /// <summary>A process.</summary>
    Process,
}

/// <summary>Who writes an event.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Commands">The names of the commands that lead to it.</param>
public sealed record EventWriter(EventPartKind Kind, string Name, IReadOnlyList<string> Commands);

/// <summary>Who reads an event.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name.</param>
public sealed record EventReader(EventPartKind Kind, string Name);
