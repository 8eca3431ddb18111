using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Millrace.Messaging;
using Millrace.Serialization;

namespace Millrace;

/// <summary>
/// Everything an application consists of, by type and by stable name. Immutable; edges and tools look their messages up
/// in it.
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
    }

    /// <summary>All event types.</summary>
    public EventTypeMap EventTypes { get; }

    /// <summary>
    /// What the events look like when they are stored: for each model the text of its <c>events.contract.json</c> if
    /// all were accepted.
    /// </summary>
    public IReadOnlyList<string> EventContracts { get; }

    /// <summary>All commands.</summary>
    public IReadOnlyList<CommandDefinition> Commands { get; }

    /// <summary>All queries.</summary>
    public IReadOnlyList<QueryDefinition> Queries { get; }

    /// <summary>All aggregates.</summary>
    public IReadOnlyList<AggregateDefinition> Aggregates { get; }

    /// <summary>All deciders that are registered.</summary>
    public IReadOnlyList<Decider> Deciders { get; }

    /// <summary>All projections.</summary>
    public IReadOnlyList<ProjectionDefinition> Projections { get; }

    /// <summary>All processes: each version of their definitions.</summary>
    public IReadOnlyList<ProcessDefinition> Processes { get; }

    /// <summary>
    /// How commands, queries, results and documents are written as JSON: camel case, compared exactly, absent values
    /// left out, by the models' own metadata.
    /// </summary>
    public JsonSerializerOptions Json { get; }

    /// <summary>The command with a stable name, or null.</summary>
    public CommandDefinition? FindCommand(string name) => _commandNames.GetValueOrDefault(name);

    /// <summary>The command of a CLR type, or null.</summary>
    public CommandDefinition? FindCommand(Type type) => _commands.GetValueOrDefault(type);

    /// <summary>The query with a stable name, or null.</summary>
    public QueryDefinition? FindQuery(string name) => _queryNames.GetValueOrDefault(name);

    /// <summary>The query of a CLR type, or null.</summary>
    public QueryDefinition? FindQuery(Type type) => _queries.GetValueOrDefault(type);

    /// <summary>The timers of a store, for tools that run none themselves: with the model they edit commands as
    /// well.</summary>
    public Timers TimersOf(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Timers(store, this, isTool: true);
    }

    /// <summary>The schedules of a store, for tools that run none themselves: with the model they edit commands as
    /// well.</summary>
    public Schedules SchedulesOf(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Schedules(store, this);
    }

    string IRequestCatalog.NameOf(Type type) => FindCommand(type)?.Name ?? FindQuery(type)?.Name
        ?? type.GetCustomAttribute<MessageNameAttribute>()?.Name ?? string.Join('-', EventWords.OfType(type.Name));

    /// <summary>How a type is written as JSON; null when nothing in the model says so.</summary>
    public TypeDescription? Describe(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Json.TryGetTypeInfo(type, out var info)
            ? _descriptions.GetOrAdd(type, static (_, info) => Describe(info), info)
            : null;
    }

    /// <summary>
    /// What the application consists of and how it hangs together: which command leads to which events, who reads them,
    /// by which rules aggregates refuse. Worked out anew with each call, from what the generator noted when the
    /// application was built.
    /// </summary>
    /// <remarks>Of a model that was written by hand only what it registers is known:
    /// <see cref="ModelDescription.IsComplete"/>.</remarks>
    public ModelDescription Describe() => new DescriptionBuilder(this, _links).Build();

    internal static IEnumerable<string> Problems(ModelBuilder model)
    {
        foreach (var twice in Twice(model.Commands, command => command.CommandType))
            yield return $"Command {twice.Name} has more than one handler.";
        foreach (var twice in Twice(model.Commands, command => command.Name))
            yield return $"The name '{twice}' is given to more than one command: give one of them another by "
                + "[MessageName].";
        foreach (var twice in Twice(model.Queries, query => query.QueryType))
            yield return $"Query {twice.Name} has more than one handler.";
        foreach (var twice in Twice(model.Queries, query => query.Name))
            yield return $"The name '{twice}' is given to more than one query: give one of them another by "
                + "[MessageName].";
        foreach (var twice in Twice(model.Aggregates, aggregate => aggregate.AggregateType))
            yield return $"Aggregate {twice.Name} is registered more than once.";
        foreach (var twice in Twice(model.Projections, projection => projection.Collection))
            yield return $"The projection '{twice}' is registered more than once.";
        foreach (var projection in model.Projections)
        {
            if (projection.CategoryProblem is { } problem)
                yield return problem;
        }
    }

    private static IEnumerable<TKey> Twice<T, TKey>(IEnumerable<T> all, Func<T, TKey> key) =>
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
        };
    }

    private static JsonSerializerOptions JsonOf(IEnumerable<IJsonTypeInfoResolver> resolvers)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            TypeInfoResolver = JsonTypeInfoResolver.Combine([.. resolvers, BasicJson.Default]),
        };
        options.MakeReadOnly();
        return options;
    }
}
