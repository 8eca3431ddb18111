using Millrace.Model.Description;

namespace Millrace;

/// <summary>
/// The description of an application's parts and their relations, for catalogs, diagrams and reports. All lists are
/// sorted by name.
/// </summary>
public sealed record ModelDescription
{
    /// <summary>Gets the names of the models' classes.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>
    /// Gets the summary in the documentation of the first documented model; null if no model is documented.
    /// </summary>
    public string? Summary { get; init; }

    /// <summary>
    /// Gets whether the relations of all models are known. The relations of a handwritten model are unknown.
    /// </summary>
    public required bool IsComplete { get; init; }

    /// <summary>
    /// Gets the names of the bounded contexts that contain parts. The name of a context is the first part of a
    /// namespace after the namespace of the model.
    /// </summary>
    public required IReadOnlyList<string> Contexts { get; init; }

    /// <summary>Gets the aggregates and deciders.</summary>
    public required IReadOnlyList<AggregateDescription> Aggregates { get; init; }

    /// <summary>Gets the events, each with all its versions.</summary>
    public required IReadOnlyList<EventDescription> Events { get; init; }

    /// <summary>Gets the commands.</summary>
    public required IReadOnlyList<CommandDescription> Commands { get; init; }

    /// <summary>Gets the queries.</summary>
    public required IReadOnlyList<QueryDescription> Queries { get; init; }

    /// <summary>Gets the read models.</summary>
    public required IReadOnlyList<ReadModelDescription> ReadModels { get; init; }

    /// <summary>Gets the consumers of the application, which react to events.</summary>
    public required IReadOnlyList<ConsumerDescription> Consumers { get; init; }

    /// <summary>Gets all versions of the processes.</summary>
    public IReadOnlyList<ProcessDescription> Processes { get; init; } = [];

    /// <summary>
    /// Returns the C# name of a type without namespaces, such as <c>IReadOnlyList&lt;OrderId&gt;</c> or
    /// <c>decimal?</c>.
    /// </summary>
    public static string NameOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return TypeDisplayNames.Of(type);
    }
}
