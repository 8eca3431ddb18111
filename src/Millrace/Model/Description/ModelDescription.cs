namespace Millrace;

/// <summary>
/// What an application consists of and how it hangs together, for catalogues, diagrams and reports. Everything is in
/// order of names.
/// </summary>
public sealed record ModelDescription
{
    /// <summary>The names of the models' classes.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>What the first model that says something about itself says.</summary>
    public string? Summary { get; init; }

    /// <summary>Whether all models say how their parts hang together; one that is written by hand does not.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>The contexts that have anything: the first part of the namespace behind the model's own.</summary>
    public required IReadOnlyList<string> Contexts { get; init; }

    /// <summary>The aggregates and deciders.</summary>
    public required IReadOnlyList<AggregateDescription> Aggregates { get; init; }

    /// <summary>The events, each once with all its versions.</summary>
    public required IReadOnlyList<EventDescription> Events { get; init; }

    /// <summary>The commands.</summary>
    public required IReadOnlyList<CommandDescription> Commands { get; init; }

    /// <summary>The queries.</summary>
    public required IReadOnlyList<QueryDescription> Queries { get; init; }

    /// <summary>The read models.</summary>
    public required IReadOnlyList<ReadModelDescription> ReadModels { get; init; }

    /// <summary>The consumers of the application's own, which react to events.</summary>
    public required IReadOnlyList<ConsumerDescription> Consumers { get; init; }

    /// <summary>The processes, each version of each.</summary>
    public IReadOnlyList<ProcessDescription> Processes { get; init; } = [];

    /// <summary>A type as it is written in C#, without namespaces: <c>IReadOnlyList&lt;OrderId&gt;</c>,
    /// <c>decimal?</c>.</summary>
    public static string NameOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return TypeDisplayNames.Of(type);
    }
}
