using System.Text.Json;

namespace Millrace.Model.Description;

/// <summary>Creates the descriptions of the aggregates and deciders.</summary>
internal sealed class AggregateBuilder(
    ModelCatalog catalog,
    IReadOnlyList<ModelLinks> links,
    AggregateNames names,
    Func<IEnumerable<string>, List<string>> eventNames)
{
    public List<AggregateDescription> Build() =>
    [
        .. catalog.Aggregates.Select(Of).Concat(links.SelectMany(model => model.Deciders).Select(OfDecider))
            .OrderBy(aggregate => aggregate.Name, StringComparer.Ordinal),
    ];

    private AggregateDescription Of(AggregateDefinition aggregate)
    {
        var type = aggregate.AggregateType.FullName ?? aggregate.AggregateType.Name;
        var described = new AggregateDescription(names.Of(type), names.ContextOf(type), aggregate.Category)
        {
            Type = type,
            Id = TypeDisplayNames.Of(aggregate.IdType),
            SnapshotEvery = aggregate.SnapshotEvery,
        };
        var link = links
            .SelectMany(model => model.Aggregates)
            .FirstOrDefault(found => ModelLinks.Text(found, "type") == type);
        if (link.ValueKind != JsonValueKind.Object)
            return described; // The model is handwritten.
        var methods = ModelLinks.Each(link, "methods").Select(MethodOf).ToList();
        return described with
        {
            Summary = ModelLinks.Text(link, "summary"),
            State = [.. ModelLinks.Each(link, "state").Select(found => StateOf(found, described.Name))],
            Methods = methods,
            Rules = [.. ModelLinks.Each(link, "rules").Select(RuleOf)],
            Writes = [.. methods.SelectMany(method => method.Events).Distinct(StringComparer.Ordinal)],
            Reads = eventNames(ModelLinks.Texts(link, "reads")),
        };
    }

    private AggregateDescription OfDecider(JsonElement link)
    {
        var type = ModelLinks.Text(link, "type") ?? "";
        var described = new AggregateDescription(
            names.Of(type), names.ContextOf(type), ModelLinks.Text(link, "category") ?? "")
        {
            Type = type,
            IsDecider = true,
            Summary = ModelLinks.Text(link, "summary"),
            Id = ModelLinks.Text(link, "id") is { } id ? AggregateNames.SimpleOf(id) : null,
            Rules = [.. ModelLinks.Each(link, "rules").Select(RuleOf)],
            Writes = eventNames(ModelLinks.Texts(link, "writes")),
            Reads = eventNames(ModelLinks.Texts(link, "reads")),
        };
        return described with
        {
            State = [.. ModelLinks.Each(link, "state").Select(found => StateOf(found, described.Name))],
        };
    }

    private MethodDescription MethodOf(JsonElement link) => new(ModelLinks.Text(link, "name") ?? "")
    {
        Summary = ModelLinks.Text(link, "summary"),
        Events = eventNames(ModelLinks.Texts(link, "events")),
        Rules = [.. ModelLinks.Texts(link, "rules")],
        Parameters = [.. ModelLinks.Texts(link, "takes").Select(names.Of)],
    };

    private StateDescription StateOf(JsonElement link, string aggregate) =>
        new(ModelLinks.Text(link, "name") ?? "", ModelLinks.Text(link, "type") ?? "")
        {
            RefersTo =
            [
                .. ModelLinks
                    .Texts(link, "ids")
                    .Select(names.OfId)
                    .OfType<string>()
                    .Where(name => name != aggregate)
                    .Distinct(),
            ],
            Contains = [.. ModelLinks.Texts(link, "holds").Select(names.Of)],
        };

    private static RuleDescription RuleOf(JsonElement link) =>
        new(
            ModelLinks.Text(link, "name") ?? "",
            ModelLinks.Text(link, "message"),
            [.. ModelLinks.Texts(link, "methods")])
        {
            Conditions = [.. ModelLinks.Texts(link, "conditions")],
        };
}
