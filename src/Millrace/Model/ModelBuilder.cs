using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Millrace.Events;
using Millrace.Evolution;
using Millrace.Protection;

namespace Millrace;

/// <summary>
/// Collects the parts of an application. The generator writes code that calls this class. You can also write such code
/// by hand.
/// </summary>
public sealed class ModelBuilder
{
    internal List<EventType> EventTypes { get; } = [];

    internal List<Upcaster> Upcasters { get; } = [];

    internal List<Merger> Mergers { get; } = [];

    internal List<(string Former, string Name)> FormerNames { get; } = [];

    internal List<string> Contracts { get; } = [];

    internal List<string> Descriptions { get; } = [];

    internal List<AggregateDefinition> Aggregates { get; } = [];

    internal List<Decider> Deciders { get; } = [];

    internal List<CommandDefinition> Commands { get; } = [];

    internal List<QueryDefinition> Queries { get; } = [];

    internal List<ProjectionDefinition> Projections { get; } = [];

    internal List<KpiDefinition> Kpis { get; } = [];

    internal List<ConsumerDefinition> Consumers { get; } = [];

    internal List<ProcessDefinition> Processes { get; } = [];

    internal List<IJsonTypeInfoResolver> JsonResolvers { get; } = [];

    internal bool HasProtectedMembers =>
        ProtectedEvents.Count + ProtectedReadModels.Count + ProtectedMessages.Count + ProtectedClaims.Count > 0;

    internal List<(string EventType, ProtectedMember Member)> ProtectedEvents { get; } = [];

    internal List<(string ReadModel, ProtectedMember Member)> ProtectedReadModels { get; } = [];

    internal List<(Type Message, ProtectedMember Member)> ProtectedMessages { get; } = [];

    internal List<(string EventType, IReadOnlyList<string> Paths)> PlainMembers { get; } = [];

    internal List<ProtectedScope> ProtectedClaims { get; } = [];

    internal HashSet<string> CategoriesOfOneSubject { get; } = new(StringComparer.Ordinal);

    /// <summary>Registers an event type.</summary>
    /// <param name="name">The stored name.</param>
    /// <param name="schemaVersion">The schema version with which the events are stored, from 1.</param>
    /// <param name="format">Writes and reads the events.</param>
    /// <param name="tags">Adds the tags of an event; null if the events have no tags.</param>
    public ModelBuilder Event<T>(
        string name, int schemaVersion, IEventFormat<T> format, Action<T, ICollection<Tag>>? tags = null)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(format);
        EventTypes.Add(new EventType<T>(name, schemaVersion, EventFormat.Default, tags, format));
        return this;
    }

    /// <summary>Registers an event type that is written as JSON.</summary>
    /// <inheritdoc cref="Event{T}(string, int, IEventFormat{T}, Action{T, ICollection{Tag}})"/>
    public ModelBuilder Event<T>(
        string name, int schemaVersion, JsonTypeInfo<T> json, Action<T, ICollection<Tag>>? tags = null)
        where T : notnull => Event(name, schemaVersion, new JsonEventFormat<T>(json), tags);

    /// <summary>
    /// Registers an event type that can be written as JSON and as CBOR. Each stored event is read in the format in
    /// which it was written.
    /// </summary>
    /// <param name="name">The stored name.</param>
    /// <param name="schemaVersion">The schema version with which the events are stored, from 1.</param>
    /// <param name="json">Writes and reads the events as JSON.</param>
    /// <param name="cbor">Writes and reads the events as CBOR, with the same members as in JSON.</param>
    /// <param name="format">The format in which events are written. The default is the format of the store.</param>
    /// <param name="tags">Adds the tags of an event; null if the events have no tags.</param>
    public ModelBuilder Event<T>(
        string name,
        int schemaVersion,
        JsonTypeInfo<T> json,
        CborEventFormat<T> cbor,
        EventFormat format = EventFormat.Default,
        Action<T, ICollection<Tag>>? tags = null)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(cbor);
        if (!Enum.IsDefined(format))
            throw new ArgumentOutOfRangeException(nameof(format), format, "The value is not an event format.");
        EventTypes.Add(new EventType<T>(name, schemaVersion, format, tags, new JsonEventFormat<T>(json), cbor));
        return this;
    }

    /// <summary>Registers an upcaster from an event type to a newer event type.</summary>
    /// <param name="upcast">A pure function that never returns null.</param>
    public ModelBuilder Upcast<TOld, TNew>(Func<TOld, TNew> upcast)
        where TOld : notnull
        where TNew : notnull
    {
        ArgumentNullException.ThrowIfNull(upcast);
        return Add(new Upcaster(old => upcast((TOld)old)) { FromType = typeof(TOld), Into = [typeof(TNew)] });
    }

    /// <summary>Registers an upcaster from the JSON of an old schema version to an event.</summary>
    /// <param name="name">The stored name.</param>
    /// <param name="version">The schema version of the JSON, from 1.</param>
    /// <param name="upcast">A pure function that never returns null.</param>
    public ModelBuilder Upcast<TNew>(string name, int version, Func<JsonObject, TNew> upcast)
        where TNew : notnull
    {
        ArgumentNullException.ThrowIfNull(upcast);
        return Add(new Upcaster(old => upcast((JsonObject)old))
        {
            FromName = CheckedName(name, version),
            FromVersion = version,
            Into = [typeof(TNew)],
        });
    }

    /// <summary>
    /// Registers an upcaster from the JSON of an old schema version to the JSON of a later schema version.
    /// </summary>
    /// <param name="name">The stored name.</param>
    /// <param name="version">The schema version of the JSON, from 1.</param>
    /// <param name="to">The schema version of the result.</param>
    /// <param name="upcast">A pure function that never returns null. It may change and return its argument.</param>
    public ModelBuilder Upcast(string name, int version, int to, Func<JsonObject, JsonObject> upcast)
    {
        ArgumentNullException.ThrowIfNull(upcast);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(to, version);
        return Add(new Upcaster(old => upcast((JsonObject)old))
        {
            FromName = CheckedName(name, version),
            FromVersion = version,
            ToVersion = to,
        });
    }

    /// <summary>Registers an upcaster from an event type to several events or to no event.</summary>
    /// <param name="split">A pure function that returns one element for each type of <paramref name="into"/>, in the
    /// same order. An element is null if there is no event of the type.</param>
    /// <param name="into">The types of the elements; at most 32.</param>
    public ModelBuilder Split<TOld>(Func<TOld, object?[]> split, params IReadOnlyList<Type> into)
        where TOld : notnull
    {
        ArgumentNullException.ThrowIfNull(split);
        return Add(new Upcaster(old => split((TOld)old)) { FromType = typeof(TOld), Into = [.. into], IsSplit = true });
    }

    /// <summary>
    /// Registers an upcaster from the JSON of an old schema version to several events or to no event.
    /// </summary>
    /// <param name="name">The stored name.</param>
    /// <param name="version">The schema version of the JSON, from 1.</param>
    /// <param name="split">A pure function that returns one element for each type of <paramref name="into"/>, in the
    /// same order. An element is null if there is no event of the type.</param>
    /// <param name="into">The types of the elements; at most 32.</param>
    public ModelBuilder Split(
        string name, int version, Func<JsonObject, object?[]> split, params IReadOnlyList<Type> into)
    {
        ArgumentNullException.ThrowIfNull(split);
        return Add(new Upcaster(old => split((JsonObject)old))
        {
            FromName = CheckedName(name, version),
            FromVersion = version,
            Into = [.. into],
            IsSplit = true,
        });
    }

    /// <summary>
    /// Registers a merge of two events. The merge applies if the second event directly follows the first event in the
    /// stream and in the log, and both are from the same commit. Readers then receive one event at the position of the
    /// second event, and no event at the position of the first event. In all other cases, readers receive both events
    /// separately.
    /// </summary>
    /// <param name="merge">A pure function that never returns null.</param>
    public ModelBuilder Merge<TFirst, TSecond, TNew>(Func<TFirst, TSecond, TNew> merge)
        where TFirst : notnull
        where TSecond : notnull
        where TNew : notnull
    {
        ArgumentNullException.ThrowIfNull(merge);
        Mergers.Add(new Merger(
            typeof(TFirst), typeof(TSecond), typeof(TNew), (first, second) => merge((TFirst)first, (TSecond)second)));
        return this;
    }

    /// <summary>Registers the contract of the events as JSON, which contains every version with its members.</summary>
    public ModelBuilder Contract(string json)
    {
        ArgumentException.ThrowIfNullOrEmpty(json);
        Contracts.Add(json);
        return this;
    }

    /// <summary>
    /// Adds the relations between the parts of a model that the generator recorded. The JSON is parsed on first use.
    /// </summary>
    /// <param name="json">The JSON in the generator's format, which <see cref="ModelCatalog.Describe()"/>
    /// reads.</param>
    public ModelBuilder Description(string json)
    {
        ArgumentException.ThrowIfNullOrEmpty(json);
        Descriptions.Add(json);
        return this;
    }

    /// <summary>
    /// Registers a former stored name of an event type. Events with this name are read as events of the type with the
    /// same schema version.
    /// </summary>
    public ModelBuilder FormerName(string former, string name)
    {
        FormerNames.Add((CheckedName(former, 1), CheckedName(name, 1)));
        return this;
    }

    /// <summary>Declares that programs that only know an older schema version can read the events of a type.</summary>
    /// <param name="version">The oldest schema version whose readers can read the events.</param>
    /// <exception cref="InvalidOperationException">The type is not registered yet, or the version is not older than the
    /// version of the type.</exception>
    public ModelBuilder ReadableBy<T>(int version)
        where T : notnull
    {
        var type =
            EventTypes.Find(type => type.ClrType == typeof(T))
            ?? throw new InvalidOperationException(
                $"{typeof(T)} is not a registered event type: register it before ReadableBy.");
        if (version < 1 || version >= type.SchemaVersion)
            throw new InvalidOperationException(
                $"{typeof(T)} has version {type.SchemaVersion}: specify an older version, from 1.");
        type.ReadableBy = version;
        return this;
    }

    /// <summary>Registers an aggregate.</summary>
    public ModelBuilder Aggregate<TAggregate, TId>(AggregateDefinition<TAggregate, TId> definition)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(definition);
        Aggregates.Add(definition);
        return this;
    }

    /// <summary>
    /// Registers a decider, so that tools can inspect and explain its states. Register its commands separately.
    /// </summary>
    public ModelBuilder Decider(Decider decider)
    {
        ArgumentNullException.ThrowIfNull(decider);
        Deciders.Add(decider);
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

    /// <summary>Registers a business figure and the projection that stores it.</summary>
    public ModelBuilder Kpi(KpiDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Projections.Add(definition.CreateProjection());
        Kpis.Add(definition);
        return this;
    }

    /// <summary>Registers a consumer of the application.</summary>
    public ModelBuilder Consumer(ConsumerDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Consumers.Add(definition);
        return this;
    }

    /// <summary>Registers a version of a process. Call this method for each version.</summary>
    public ModelBuilder Process<TId>(ProcessDefinition<TId> definition)
        where TId : IParsable<TId>
    {
        ArgumentNullException.ThrowIfNull(definition);
        Processes.Add(definition);
        return this;
    }

    /// <summary>
    /// Adds JSON metadata for commands, results, queries and documents. Transports and endpoints use this metadata.
    /// </summary>
    public ModelBuilder Json(IJsonTypeInfoResolver resolver)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        JsonResolvers.Add(resolver);
        return this;
    }

    /// <summary>
    /// Marks members of an event type, whose values are then stored encrypted. The marks apply to all schema versions
    /// of the type, and to events that are appended as JSON without a CLR type.
    /// </summary>
    /// <param name="eventType">The stored name of the type.</param>
    /// <param name="members">The members. They are added to the members that are marked already.</param>
    public ModelBuilder Protect(string eventType, params IReadOnlyList<ProtectedMember> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var name = CheckedName(eventType, 1);
        ProtectedEvents.AddRange(members.Select(member => (name, member)));
        return this;
    }

    /// <summary>Marks members of the documents of a read model, whose values are then stored encrypted.</summary>
    /// <param name="readModel">The name of the projection.</param>
    /// <param name="members">The members, with a <see cref="ProtectedMember.Subject"/> unless they are
    /// secrets.</param>
    public ModelBuilder ProtectReadModel(string readModel, params IReadOnlyList<ProtectedMember> members)
    {
        ArgumentException.ThrowIfNullOrEmpty(readModel);
        ArgumentNullException.ThrowIfNull(members);
        ProtectedReadModels.AddRange(members.Select(member => (readModel, member)));
        return this;
    }

    /// <summary>
    /// Marks members of a command, a query or an answer. Their values are encrypted in the answers that are stored for
    /// idempotency keys, and in the requests and replies at brokers.
    /// </summary>
    /// <typeparam name="T">The type of the command, the query or the answer.</typeparam>
    /// <param name="members">The members. Those of the answer of a command need a
    /// <see cref="ProtectedMember.Subject"/> unless they are secrets. Elsewhere, members without a subject are
    /// encrypted with a key of the tenant, which an erasure does not destroy.</param>
    public ModelBuilder ProtectMessage<T>(params IReadOnlyList<ProtectedMember> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        ProtectedMessages.AddRange(members.Select(static member => (typeof(T), member)));
        return this;
    }

    /// <summary>Returns the event types that are registered so far.</summary>
    /// <exception cref="InvalidOperationException">Event types or upcasters contradict each other.</exception>
    public EventTypeMap BuildEventTypes() =>
        new(new EventEvolution(EventTypes, Upcasters, FormerNames) { Mergers = Mergers });

    /// <summary>
    /// Returns a catalog of all parts that are registered so far, for tools that inspect a model without running it.
    /// </summary>
    /// <exception cref="InvalidOperationException">Parts of the model contradict each other. The message lists all
    /// contradictions.</exception>
    public ModelCatalog BuildCatalog() => new(this);

    private static string CheckedName(string name, int version)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (EventNames.Problem(name) is { } problem)
            throw new InvalidNameException("event type", name, problem);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        return name;
    }

    private ModelBuilder Add(Upcaster upcaster)
    {
        Upcasters.Add(upcaster);
        return this;
    }
}
