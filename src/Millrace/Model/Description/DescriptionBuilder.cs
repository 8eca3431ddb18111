using System.Text.Json;

namespace Millrace.Model.Description;

/// <summary>
/// Creates the description of a model from its registrations and the relations that the generator recorded.
/// </summary>
internal sealed class DescriptionBuilder
{
    private readonly ModelCatalog _catalog;
    private readonly IReadOnlyList<ModelLinks> _links;
    private readonly ContextNames _contexts;
    private readonly Dictionary<string, string> _eventNames;
    private readonly Dictionary<string, string> _summaries;
    private readonly AggregateNames _aggregates;
    private readonly MemberFlowReader _flows;

    public DescriptionBuilder(ModelCatalog catalog, IReadOnlyList<string> links)
    {
        _catalog = catalog;
        _links = [.. links.Select(ModelLinks.Parse)];
        _contexts = new(_links.Select(model => model.Model));
        _eventNames = catalog.EventTypes.Types.ToDictionary(
            type => NameOf(type.ClrType), type => type.Name, StringComparer.Ordinal);
        _summaries = _links
            .SelectMany(model => model.Summaries)
            .GroupBy(found => found.Type, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().Summary, StringComparer.Ordinal);
        _aggregates = new(catalog, _links, _contexts);
        _flows = new(catalog, _links, NameOf);
    }

    public ModelDescription Build()
    {
        var aggregates = new AggregateBuilder(_catalog, _links, _aggregates, EventNames).Build();
        var processes = Processes();
        var commands = Sorted(
            _catalog.Commands.Select(command => CommandOf(command, processes)), command => command.Name);
        var consumers = Consumers();
        var queries = Sorted(_catalog.Queries.Select(QueryOf), query => query.Name);
        var readModels = Sorted(
            _catalog.Projections.Select(projection => ReadModelOf(projection, queries)), model => model.Name);
        var flow = new EventFlow(aggregates, commands, readModels, consumers, processes, Writers());
        var events = Events(flow, [.. readModels.SelectMany(model => model.MemberFlows)]);
        var parts = events.Select(found => found.Context).Concat(aggregates.Select(found => found.Context))
            .Concat(commands.Select(found => found.Context)).Concat(readModels.Select(found => found.Context))
            .Concat(queries.Select(found => found.Context)).Concat(consumers.Select(found => found.Context))
            .Concat(processes.Select(found => found.Context));
        return new()
        {
            Models = [.. _links.Select(model => model.Model)],
            Summary = _links.Select(model => model.Summary).FirstOrDefault(text => text is not null),
            IsComplete = _links.Count > 0 && _catalog.Commands.All(command => LinkOf(command.CommandType) is not null),
            Contexts = [.. parts.Distinct().Order(StringComparer.Ordinal)],
            Aggregates = aggregates,
            Events = events,
            Commands = commands,
            Queries = queries,
            ReadModels = readModels,
            Consumers = consumers,
            Processes = processes,
        };
    }

    private static List<T> Sorted<T>(IEnumerable<T> items, Func<T, string> name) =>
        [.. items.OrderBy(name, StringComparer.Ordinal)];

    private static string NameOf(Type type) =>
        type.IsConstructedGenericType ? NameOf(type.GetGenericTypeDefinition()) : type.FullName ?? type.Name;

    private List<EventDescription> Events(EventFlow flow, List<MemberFlow> members)
    {
        var versions = new EventVersions(_catalog);
        return
        [
            .. _catalog.EventTypes.Types.GroupBy(type => type.Name, StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                // A group has at least one element.
                .Select(group => (group.Key, Newest: group.MaxBy(type => type.SchemaVersion)!, Types: group))
                .Select(found => new EventDescription(found.Key, _contexts.Of(NameOf(found.Newest.ClrType)))
                {
                    Type = NameOf(found.Newest.ClrType),
                    Summary = SummaryOf(found.Newest.ClrType),
                    Versions =
                    [
                        .. versions
                            .Of(found.Key, found.Types)
                            .Select(version =>
                                version with
                                {
                                    ShownIn =
                                    [
                                        .. members.Where(member =>
                                            member.Event == found.Key && member.EventVersion == version.Version),
                                    ],
                                }
                            ),
                    ],
                    FormerNames = [.. _catalog.EventTypes.FormerNamesOf(found.Key)],
                    AlsoStoredAs = [.. OtherNamesOf(found.Newest)],
                    Writers = flow.WritersOf(found.Key),
                    Readers = flow.ReadersOf(found.Key),
                    Marks = _catalog.Protection.Events.GetValueOrDefault(found.Key) ?? [],
                }),
        ];
    }

    private IEnumerable<string> OtherNamesOf(EventType type) =>
        _catalog.EventTypes.StoredNamesOf(type.ClrType).Where(name => name != type.Name).Order(StringComparer.Ordinal);

    private CommandDescription CommandOf(CommandDefinition command, List<ProcessDescription> processes)
    {
        var name = NameOf(command.CommandType);
        var described = new CommandDescription(
            command.Name, _contexts.Of(name), command.CommandType, command.ResultType)
        {
            Members = _catalog.Describe(command.CommandType)?.Members ?? [],
            SentBy =
            [
                .. SendersOf(name)
                    .Concat(
                        processes.Where(process => process.Sends.Contains(command.Name)).Select(process => process.Name)
                    )
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ],
        };
        return LinkOf(command.CommandType) is not { } link
            ? described
            : described with
            {
                Summary = ModelLinks.Text(link, "summary") ?? ModelLinks.Text(link, "does"),
                Handler = ModelLinks.Text(link, "handler"),
                Targets = [.. Targets(link)],
                Appends = _aggregates.DeciderOf(ModelLinks.Text(link, "handler")) is null
                    ? EventNames(ModelLinks.Texts(link, "appends"))
                    : [],
                Claims = [.. ModelLinks.Texts(link, "claims")],
                Rules = [.. ModelLinks.Texts(link, "rules")],
                IsConditional = ModelLinks.Flag(link, "isConditional"),
                Conditions = [.. ModelLinks.Texts(link, "conditions")],
            };
    }

    private IEnumerable<CommandTarget> Targets(JsonElement link)
    {
        foreach (var found in ModelLinks.Each(link, "aggregates"))
        {
            var accessKinds = (ModelLinks.Text(found, "how") ?? "").Split('+');
            var must =
                accessKinds.Contains("New") ? TargetRequirement.BeNew
                : accessKinds.Contains("Load") ? TargetRequirement.Exist
                : TargetRequirement.Anything;
            yield return new(
                _aggregates.Of(ModelLinks.Text(found, "type") ?? ""),
                must,
                [.. ModelLinks.Texts(found, "methods")],
                EventNames(ModelLinks.Texts(found, "events")));
        }
        if (_aggregates.DeciderOf(ModelLinks.Text(link, "handler")) is { } decider)
            yield return new(
                decider,
                TargetRequirement.Anything,
                ["Decide"],
                EventNames(ModelLinks.Texts(link, "appends")));
    }

    private QueryDescription QueryOf(QueryDefinition query)
    {
        var name = NameOf(query.QueryType);
        var link = _links
            .SelectMany(model => model.Queries)
            .FirstOrDefault(found => ModelLinks.Text(found, "type") == name);
        var isKnown = link.ValueKind == JsonValueKind.Object;
        var documents = isKnown ? ModelLinks.Texts(link, "reads").ToHashSet(StringComparer.Ordinal) : [];
        return new(query.Name, _contexts.Of(name), query.QueryType, query.ResultType)
        {
            Summary = isKnown ? ModelLinks.Text(link, "summary") : null,
            Members = _catalog.Describe(query.QueryType)?.Members ?? [],
            ReadModels =
            [
                .. _catalog
                    .Projections.Where(projection => documents.Contains(NameOf(projection.DocumentType)))
                    .Select(projection => projection.Name)
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ],
        };
    }

    private ReadModelDescription ReadModelOf(ProjectionDefinition projection, List<QueryDescription> queries)
    {
        var name = NameOf(projection.DeclaringType ?? projection.DocumentType);
        var described = _catalog.Describe(projection.DocumentType);
        return new(projection.Name, _contexts.Of(name), projection.Version, projection.Lifecycle)
        {
            Summary = SummaryOf(projection.DeclaringType ?? projection.ProjectionType) ?? described?.Summary,
            DocumentType = projection.DocumentType,
            KeyType = projection.KeyType,
            Members = described?.Members ?? [],
            Events = EventNames(projection.Events.Select(NameOf)),
            MemberFlows = _flows.Of(projection),
            Marks = _catalog.Protection.ReadModels.GetValueOrDefault(projection.Collection) ?? [],
            Queries =
            [
                .. queries.Where(query => query.ReadModels.Contains(projection.Name)).Select(query => query.Name),
            ],
        };
    }

    private List<ConsumerDescription> Consumers() =>
        Sorted(
            _links.SelectMany(model => model.Consumers)
                .Select(link => new ConsumerReader(_contexts, EventNames, CommandNames, _eventNames.Values).Read(link))
                .DistinctBy(consumer => consumer.Name),
            consumer => consumer.Name);

    private List<ProcessDescription> Processes()
    {
        var reader = new ProcessReader(
            _contexts, _links.SelectMany(model => model.Processes), NameOf, EventNames, CommandNames);
        return
        [
            .. _catalog.Processes.Select(reader.Read)
                .OrderBy(process => process.Name, StringComparer.Ordinal).ThenBy(process => process.Version),
        ];
    }

    private IEnumerable<(string Location, IReadOnlyList<string> Events)> Writers() =>
        _links
            .SelectMany(model => model.Others)
            .Select(link =>
            {
                IReadOnlyList<string> events = EventNames(ModelLinks.Texts(link, "appends"));
                return (ConsumerReader.Short(ModelLinks.Text(link, "in") ?? ""), events);
            });

    private IEnumerable<string> SendersOf(string command) =>
        _links.SelectMany(model => model.Consumers).Where(link => ModelLinks.Texts(link, "sends").Contains(command))
            .Select(link => ModelLinks.Text(link, "name") ?? "")
            .Concat(
                _links
                    .SelectMany(model => model.Others)
                    .Where(link => ModelLinks.Texts(link, "sends").Contains(command))
                    .Select(link => ConsumerReader.Short(ModelLinks.Text(link, "in") ?? "")));

    private JsonElement? LinkOf(Type command)
    {
        var name = NameOf(command);
        foreach (var link in _links.SelectMany(model => model.Commands))
        {
            if (ModelLinks.Text(link, "type") == name)
                return link;
        }
        return null;
    }

    private string? SummaryOf(Type type) =>
        _summaries.GetValueOrDefault(NameOf(type)) is { Length: > 0 } text ? text : null;

    /// <summary>
    /// Returns the stored names of event types in the same order, without duplicates. Unregistered types are omitted.
    /// </summary>
    private List<string> EventNames(IEnumerable<string> types) =>
        [
            .. types
                .Select(type => _eventNames.GetValueOrDefault(type))
                .OfType<string>()
                .Distinct(StringComparer.Ordinal),
        ];

    private List<string> CommandNames(IEnumerable<string> types) =>
    [
        .. types.Select(type => _catalog.Commands.FirstOrDefault(command => NameOf(command.CommandType) == type)?.Name)
            .OfType<string>().Distinct(StringComparer.Ordinal),
    ];
}
