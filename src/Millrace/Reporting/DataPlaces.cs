using Millrace.Protection;

namespace Millrace.Reporting;

/// <summary>Finds the places of marked values in a model, with the read models that are derived from them.</summary>
internal sealed class DataPlaces
{
    private const string Everything = "/";
    private const string Copies = "copies";

    private readonly ModelDescription _model;
    private readonly ProtectionModel _marks;

    private DataPlaces(ModelDescription model, ProtectionModel marks) => (_model, _marks) = (model, marks);

    public static IReadOnlyList<DataPlace> Of(ModelCatalog catalog) =>
        new DataPlaces(catalog.Describe(), catalog.Protection).Find();

    private List<DataPlace> Find() =>
        [
            .. _marks.Events.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .SelectMany(pair => pair.Value.Select(member => PlaceOf("event", pair.Key, member, "its stream"))),
            .. _marks.ReadModels.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .SelectMany(pair => pair.Value.Select(member => ReadModelPlaceOf(pair.Key, member))),
            .. _model.ReadModels.SelectMany(PlainCopiesIn),
            .. _model.ReadModels.SelectMany(UnknownCopiesIn),
            .. _marks.Messages.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal)
                .SelectMany(pair => pair.Value.Select(member => PlaceOf("message", pair.Key.Name, member, null))),
            .. _model.Aggregates
                .Where(aggregate => aggregate.SnapshotEvery > 0 && MayContainMarked(aggregate.Reads))
                .Select(aggregate => new DataPlace("snapshot", aggregate.Category, Everything, Copies, true)),
            .. _model.Processes
                .Where(process => MayContainMarked(process.Events))
                .Select(process => process.Name)
                .Distinct(StringComparer.Ordinal)
                .Select(name => new DataPlace("process", name, Everything, Copies, true)),
        ];

    /// <summary>Returns whether events have marked members, or are unknown, as in a handwritten model.</summary>
    private bool MayContainMarked(IReadOnlyList<string> events) =>
        _marks.Events.Count > 0 && (events.Count == 0 || events.Any(_marks.Events.ContainsKey));

    private static DataPlace PlaceOf(string place, string name, ProtectedMember member, string? subject) =>
        new(place, name, member.Path.Length == 0 ? Everything : member.Path, member.Kind, IsEncrypted: true)
        {
            Subject = member.IsSecret ? null
                : member.Subject is { } path ? $"{member.SubjectType}-{{{path}}}"
                : subject,
        };

    private DataPlace ReadModelPlaceOf(string collection, ProtectedMember member)
    {
        var name = Storage.CollectionName.NameOf(collection);
        var from = _model.ReadModels
            .Where(model => model.Name == name)
            .SelectMany(model => model.MemberFlows)
            .Where(flow => flow.Field is { } field && IsAt(member.Path, field) && MarkOf(flow) is not null)
            .Select(TextOf);
        return PlaceOf("read model", collection, member, null) with { From = Sorted(from) };
    }

    /// <summary>Returns the unmarked members of a read model that receive the values of marked members.</summary>
    private IEnumerable<DataPlace> PlainCopiesIn(ReadModelDescription model)
    {
        var name = Storage.CollectionName.Of(model.Name, model.Version);
        var marked = _marks.ReadModels.GetValueOrDefault(name) ?? [];
        return
            from flow in model.MemberFlows
            where flow.Kind is MemberFlowKind.Value or MemberFlowKind.Key
            let mark = MarkOf(flow)
            where mark is not null
            let field = flow.Field ?? (flow.Kind == MemberFlowKind.Key ? "(key)" : null)
            where field is not null && !marked.Any(member => member.Path.Length == 0 || IsAt(member.Path, field))
            group (flow, mark) by field into copies
            orderby copies.Key
            select new DataPlace("read model", name, "/" + copies.Key, copies.First().mark.Kind, IsEncrypted: false)
            {
                From = Sorted(copies.Select(copy => TextOf(copy.flow))),
            };
    }

    /// <summary>Returns the unmarked members of a read model that may receive the values of marked members.</summary>
    private IEnumerable<DataPlace> UnknownCopiesIn(ReadModelDescription model)
    {
        var name = Storage.CollectionName.Of(model.Name, model.Version);
        var marked = _marks.ReadModels.GetValueOrDefault(name) ?? [];
        return
            from flow in model.MemberFlows
            where flow.Kind == MemberFlowKind.Unknown
                && !marked.Any(member => member.Path.Length == 0 || flow.Field is { } field && IsAt(member.Path, field))
            let marks = flow.Member is null ? _marks.Events.GetValueOrDefault(flow.Event) ?? []
                : MarkOf(flow) is { } mark ? [mark] : []
            where marks.Count > 0
            group (flow.Event, Marks: marks) by flow.Field into copies
            orderby copies.Key
            select new DataPlace(
                "read model",
                name,
                copies.Key is { } field ? "/" + field : Everything,
                copies.First().Marks[0].Kind,
                IsEncrypted: null)
            {
                From = Sorted(copies.SelectMany(copy => copy.Marks.Select(mark => copy.Event + mark.Path))),
            };
    }

    /// <summary>Returns the mark of the event member of a flow, or of a value inside it; null without a mark.</summary>
    private ProtectedMember? MarkOf(MemberFlow flow) =>
        flow.Member is { } member && _marks.Events.TryGetValue(flow.Event, out var marks)
            ? marks.FirstOrDefault(mark => mark.Path.Length == 0 || IsAt(mark.Path, member))
            : null;

    private static bool IsAt(string path, string member) =>
        MarkNode.SegmentsOf(path) is [var first, ..]
        && string.Equals(JsonPathStack.Unescape(first), member, StringComparison.OrdinalIgnoreCase);

    private static string TextOf(MemberFlow flow) => $"{flow.Event}/{flow.Member}";

    private static IReadOnlyList<string> Sorted(IEnumerable<string> texts) =>
        [.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
