using System.Text.Json.Serialization.Metadata;

namespace Millrace;

/// <summary>Collects what an application consists of. The generator writes calls to it; they can be written by hand as well.</summary>
public sealed class ModelBuilder
{
    internal List<EventType> EventTypes { get; } = [];

    internal List<AggregateDefinition> Aggregates { get; } = [];

    internal List<CommandDefinition> Commands { get; } = [];

    internal List<QueryDefinition> Queries { get; } = [];

    internal List<ProjectionDefinition> Projections { get; } = [];

    internal List<ConsumerDefinition> Consumers { get; } = [];

    internal List<IJsonTypeInfoResolver> JsonResolvers { get; } = [];

    /// <summary>Registers an event type.</summary>
    /// <param name="name">The stored name.</param>
    /// <param name="schemaVersion">The schema version it is stored as, from 1.</param>
    /// <param name="format">How it is written and read.</param>
    /// <param name="tags">Adds the tags of an event; null when it has none.</param>
    public ModelBuilder Event<T>(string name, int schemaVersion, IEventFormat<T> format, Action<T, ICollection<Tag>>? tags = null)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(format);
        EventTypes.Add(new EventType<T>(name, schemaVersion, format, tags));
        return this;
    }

    /// <summary>Registers an event type written as JSON.</summary>
    /// <inheritdoc cref="Event{T}(string, int, IEventFormat{T}, Action{T, ICollection{Tag}})"/>
    public ModelBuilder Event<T>(string name, int schemaVersion, JsonTypeInfo<T> json, Action<T, ICollection<Tag>>? tags = null)
        where T : notnull =>
        Event(name, schemaVersion, new JsonEventFormat<T>(json), tags);

    /// <summary>Registers an aggregate.</summary>
    public ModelBuilder Aggregate<TAggregate, TId>(AggregateDefinition<TAggregate, TId> definition)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(definition);
        Aggregates.Add(definition);
        return this;
    }

    /// <summary>Registers a command and its handler.</summary>
    public ModelBuilder Command<TCommand, TResult>(CommandDefinition<TCommand, TResult> definition)
        where TCommand : ICommand<TResult>
    {
        ArgumentNullException.ThrowIfNull(definition);
        Commands.Add(definition);
        return this;
    }

    /// <summary>Registers a query and its handler.</summary>
    public ModelBuilder Query<TQuery, TResult>(QueryDefinition<TQuery, TResult> definition)
        where TQuery : IQuery<TResult>
    {
        ArgumentNullException.ThrowIfNull(definition);
        Queries.Add(definition);
        return this;
    }

    /// <summary>Registers a projection.</summary>
    public ModelBuilder Projection<TKey, TDocument>(ProjectionDefinition<TKey, TDocument> definition)
        where TKey : notnull
        where TDocument : class
    {
        ArgumentNullException.ThrowIfNull(definition);
        Projections.Add(definition);
        return this;
    }

    /// <summary>Registers a consumer of the application's own.</summary>
    public ModelBuilder Consumer(ConsumerDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Consumers.Add(definition);
        return this;
    }

    /// <summary>Adds JSON metadata for commands, results, queries and documents, for the edges that write them.</summary>
    public ModelBuilder Json(IJsonTypeInfoResolver resolver)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        JsonResolvers.Add(resolver);
        return this;
    }

    /// <summary>The event types registered so far.</summary>
    public EventTypeMap BuildEventTypes() => new(EventTypes);

    /// <summary>Everything registered so far, for tools that look into a model without running it.</summary>
    /// <exception cref="InvalidOperationException">The model contradicts itself; all contradictions are named.</exception>
    public ModelCatalog BuildCatalog() => new(this);
}
