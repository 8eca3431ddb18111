using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Millrace.Business;
using Millrace.Commands;
using Millrace.Messaging.Requesting;
using Millrace.Model;
using Millrace.Model.Description;
using Millrace.Protection;
using Millrace.Serialization;
using Millrace.Shared.Naming;

namespace Millrace;

/// <summary>
/// A catalog of all parts of an application, by type and by stable name. Endpoints and tools use it to find commands
/// and queries. Immutable.
/// </summary>
public sealed class ModelCatalog : ICommandCatalog, IRequestCatalog
{
    private readonly FrozenDictionary<Type, CommandDefinition> _commands;
    private readonly FrozenDictionary<Type, QueryDefinition> _queries;
    private readonly FrozenDictionary<string, CommandDefinition> _commandNames;
    private readonly FrozenDictionary<string, QueryDefinition> _queryNames;
    private readonly ConcurrentDictionary<Type, TypeDescription?> _descriptions = new();
    private readonly IReadOnlyList<string> _links;

    internal ModelCatalog(ModelBuilder model)
    {
        if (Problems(model).ToArray() is { Length: > 0 } problems)
            throw new InvalidOperationException(string.Join(" ", problems));
        EventTypes = model.BuildEventTypes();
        EventContracts = [.. model.Contracts];
        _links = [.. model.Descriptions];
        Commands = [.. model.Commands];
        Queries = [.. model.Queries];
        Aggregates = [.. model.Aggregates];
        Deciders = [.. model.Deciders];
        Projections = [.. model.Projections];
        Kpis = [.. model.Kpis];
        Processes = [.. model.Processes];
        _commands = MessageTypeLookup
            .Of(Commands, command => command.CommandType, command => command.DerivedTypes, command => command)
            .ToFrozenDictionary();
        _queries = MessageTypeLookup
            .Of(Queries, query => query.QueryType, query => query.DerivedTypes, query => query)
            .ToFrozenDictionary();
        _commandNames = Commands.ToFrozenDictionary(command => command.Name, StringComparer.Ordinal);
        _queryNames = Queries.ToFrozenDictionary(query => query.Name, StringComparer.Ordinal);
        Json = JsonOf(model.JsonResolvers);
        Protection = ProtectionRegistration.Build(model);
        PlainMembers = [.. model.PlainMembers];
    }

    /// <summary>Gets the marked members.</summary>
    internal ProtectionModel Protection { get; }

    /// <summary>Gets the members that are stored plain on purpose.</summary>
    internal IReadOnlyList<(string EventType, IReadOnlyList<string> Paths)> PlainMembers { get; }

    /// <summary>Gets all event types.</summary>
    public EventTypeMap EventTypes { get; }

    /// <summary>
    /// Gets the stored shapes of the events. For each model, the list contains the text that its
    /// <c>events.contract.json</c> has after all changes are accepted.
    /// </summary>
    public IReadOnlyList<string> EventContracts { get; }

    /// <summary>Gets all commands.</summary>
    public IReadOnlyList<CommandDefinition> Commands { get; }

    /// <summary>Gets all queries.</summary>
    public IReadOnlyList<QueryDefinition> Queries { get; }

    /// <summary>Gets all aggregates.</summary>
    public IReadOnlyList<AggregateDefinition> Aggregates { get; }

    /// <summary>Gets all registered deciders.</summary>
    public IReadOnlyList<Decider> Deciders { get; }

    /// <summary>Gets all projections.</summary>
    public IReadOnlyList<ProjectionDefinition> Projections { get; }

    /// <summary>Gets all business figures. Each is stored by a projection of <see cref="Projections"/>.</summary>
    public IReadOnlyList<KpiDefinition> Kpis { get; }

    /// <summary>Gets all versions of all processes.</summary>
    public IReadOnlyList<ProcessDefinition> Processes { get; }

    /// <summary>
    /// Gets the JSON options for commands, queries, results and documents. Names are in camel case and case-sensitive,
    /// null values are omitted, and the metadata is from the models.
    /// </summary>
    public JsonSerializerOptions Json { get; }

    /// <summary>Returns the command with a stable name; null if there is no such command.</summary>
    public CommandDefinition? FindCommand(string name) => _commandNames.GetValueOrDefault(name);

    /// <summary>Returns the command with a CLR type; null if there is no such command.</summary>
    public CommandDefinition? FindCommand(Type type) => _commands.GetValueOrDefault(type);

    /// <summary>Returns the query with a stable name; null if there is no such query.</summary>
    public QueryDefinition? FindQuery(string name) => _queryNames.GetValueOrDefault(name);

    /// <summary>Returns the query with a CLR type; null if there is no such query.</summary>
    public QueryDefinition? FindQuery(Type type) => _queries.GetValueOrDefault(type);

    /// <summary>
    /// Returns the timers of a store, for tools that do not run timers. With the command types of this catalog, the
    /// tools can also edit the commands of timers.
    /// </summary>
    public Timers TimersOf(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Timers(store, this, isTool: true);
    }

    /// <summary>
    /// Returns the schedules of a store, for tools that do not run schedules. With the command types of this catalog,
    /// the tools can also edit the commands of schedules.
    /// </summary>
    public Schedules SchedulesOf(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Schedules(store, this);
    }

    string IRequestCatalog.NameOf(Type type) => FindCommand(type)?.Name ?? FindQuery(type)?.Name
        ?? type.GetCustomAttribute<MessageNameAttribute>()?.Name ?? string.Join('-', EventWords.OfType(type.Name));

    MarkNode? IRequestCatalog.MarksOf(Type type) => Protection.OfMessage(type);

    /// <summary>Returns the JSON description of a type; null if the model has no description.</summary>
    public TypeDescription? Describe(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Json.TryGetTypeInfo(type, out var info)
            ? _descriptions.GetOrAdd(type, static (_, info) => Describe(info), info)
            : null;
    }

    /// <summary>
    /// Returns the parts of the application and their relations. The relations contain, for example, the events of each
    /// command, the readers of each event, and the rules of aggregates. Each call computes the description from the
    /// information that the generator recorded at build time.
    /// </summary>
    /// <remarks>
    /// For a handwritten model, only the registrations are known, and <see cref="ModelDescription.IsComplete"/> is
    /// false.
    /// </remarks>
    public ModelDescription Describe() => new DescriptionBuilder(this, _links).Build();

    internal static IEnumerable<string> Problems(ModelBuilder model)
    {
        foreach (var duplicate in FindDuplicates(model.Commands, command => command.CommandType))
            yield return $"Command {duplicate.Name} has more than one handler.";
        foreach (var duplicate in FindDuplicates(model.Commands, command => command.Name))
            yield return $"More than one command has the name '{duplicate}': rename one of them with [MessageName].";
        foreach (var duplicate in FindDuplicates(model.Queries, query => query.QueryType))
            yield return $"Query {duplicate.Name} has more than one handler.";
        foreach (var duplicate in FindDuplicates(model.Queries, query => query.Name))
            yield return $"More than one query has the name '{duplicate}': rename one of them with [MessageName].";
        foreach (var duplicate in FindDuplicates(model.Aggregates, aggregate => aggregate.AggregateType))
            yield return $"Aggregate {duplicate.Name} is registered more than once.";
        foreach (var duplicate in FindDuplicates(model.Projections, projection => projection.Collection))
            yield return $"The projection '{duplicate}' is registered more than once.";
        foreach (var duplicate in FindDuplicates(model.Kpis, kpi => kpi.Name))
            yield return $"The KPI '{duplicate}' is registered more than once.";
        foreach (var projection in model.Projections)
        {
            if (projection.CategoryProblem is { } problem)
                yield return problem;
        }
        foreach (var problem in ProtectionRegistration.Problems(model))
            yield return problem;
    }

    private static IEnumerable<TKey> FindDuplicates<T, TKey>(IEnumerable<T> all, Func<T, TKey> key) =>
        all.GroupBy(key).Where(group => group.Skip(1).Any()).Select(group => group.Key);

    private static TypeDescription? Describe(JsonTypeInfo info) => info switch
    {
        { Converter: IDescribedConverter converter } => converter.Describe(),
        { Kind: JsonTypeInfoKind.Object } => new(TypeForm.Object) { Members = [.. info.Properties.Select(MemberOf)] },
        { Kind: JsonTypeInfoKind.Enumerable } => new(TypeForm.List) { Inner = info.ElementType },
        { Kind: JsonTypeInfoKind.Dictionary } => new(TypeForm.Map) { Inner = info.ElementType },
        _ => null,
    };

    private static MemberDescription MemberOf(JsonPropertyInfo property)
    {
        var isRequired =
            property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false, IsNullable: false };
        return new MemberDescription(property.Name, property.PropertyType, isRequired)
        {
            AllowsNull = property.IsGetNullable,
            IsReadOnly = property is { Set: null, AssociatedParameter: null },
            IsMarked = MarkAttributes.AreOn(property),
        };
    }

    private static JsonSerializerOptions JsonOf(IEnumerable<IJsonTypeInfoResolver> resolvers)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            TypeInfoResolver = JsonTypeInfoResolver.Combine([.. resolvers, KpiJson.Default, BasicJson.Default]),
        };
        options.MakeReadOnly();
        return options;
    }
}
