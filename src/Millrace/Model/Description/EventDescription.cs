using Millrace.Serialization;

namespace Millrace;

/// <summary>The description of an event with all its versions.</summary>
/// <param name="Name">The stored name.</param>
/// <param name="Context">The bounded context.</param>
public sealed record EventDescription(string Name, string Context)
{
    /// <summary>Gets the full name of the newest version's type in C#.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the summary in the documentation of the event; null if it is not documented.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets the versions, oldest first. There is at least one version.</summary>
    public required IReadOnlyList<EventVersionDescription> Versions { get; init; }

    /// <summary>Gets the former stored names.</summary>
    public IReadOnlyList<string> FormerNames { get; init; } = [];

    /// <summary>
    /// Gets other stored names whose events are read as this event. These are former names, and sources of upcasters.
    /// </summary>
    public IReadOnlyList<string> AlsoStoredAs { get; init; } = [];

    /// <summary>Gets the writers of the event; empty if they are unknown.</summary>
    public IReadOnlyList<EventWriter> Writers { get; init; } = [];

    /// <summary>Gets the readers of the event, such as aggregates, read models and consumers.</summary>
    public IReadOnlyList<EventReader> Readers { get; init; } = [];

    /// <summary>Gets the members whose values are stored encrypted, such as personal data.</summary>
    public IReadOnlyList<ProtectedMember> Marks { get; init; } = [];
}

/// <summary>The stored name and version of an event.</summary>
/// <param name="Name">The stored name.</param>
/// <param name="Version">The schema version.</param>
public readonly record struct EventVersionName(string Name, int Version)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name}@{Version}");
}

/// <summary>The description of a stored member of an event.</summary>
/// <param name="Name">The name in JSON.</param>
/// <param name="Type">The type in words, such as <c>orderId</c>, <c>decimal</c> or <c>list of orderLine</c>.</param>
/// <param name="IsRequired">True if the member is always present.</param>
/// <param name="Description">The full description; null if only the stored shape is known.</param>
public sealed record EventMember(string Name, string Type, bool IsRequired, MemberDescription? Description)
{
    /// <summary>Gets the summary in the documentation of the member; null if it is not documented.</summary>
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

    /// <summary>A command whose handler appends events directly.</summary>
    Command,

    /// <summary>Other code that appends events without a command, such as an import.</summary>
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
