using System.Text.Json;

namespace Millrace.Model.Description;

/// <summary>Reads the information that the generator recorded about the folds of projections.</summary>
internal sealed class MemberFlowReader(ModelCatalog catalog, IReadOnlyList<ModelLinks> links, Func<Type, string> nameOf)
{
    private readonly Dictionary<(string Projection, string Event), JsonElement> _folds = links
        .SelectMany(model => model.Folds)
        .GroupBy(fold => (ModelLinks.Text(fold, "projection") ?? "", ModelLinks.Text(fold, "event") ?? ""))
        .ToDictionary(group => group.Key, group => group.First());

    public IReadOnlyList<MemberFlow> Of(ProjectionDefinition projection) =>
    [
        .. projection.Events.SelectMany(type => catalog.EventTypes.Types.Where(known => known.ClrType == type))
            .OrderBy(type => type.Name, StringComparer.Ordinal).ThenBy(type => type.SchemaVersion)
            .SelectMany(type => Of(projection, type)),
    ];

    private List<MemberFlow> Of(ProjectionDefinition projection, EventType type)
    {
        MemberFlow Flow(string? member, string? field, MemberFlowKind kind) =>
            new(type.Name, type.SchemaVersion, member, projection.Name, field, kind);

        var declaring = projection.DeclaringType ?? projection.ProjectionType;
        if (!_folds.TryGetValue((nameOf(declaring), nameOf(type.ClrType)), out var fold))
            return [Flow(null, null, MemberFlowKind.Unknown)];
        var keys = ModelLinks.Texts(fold, "key").ToList();
        List<MemberFlow> found = [.. keys.Select(member => Flow(member, null, MemberFlowKind.Key))];
        foreach (var field in ModelLinks.Each(fold, "fields"))
            found.AddRange(Of(field, keys, Flow));
        if (ModelLinks.Flag(fold, "removes"))
            found.Add(Flow(null, null, MemberFlowKind.Removal));
        found.AddRange(
            ModelLinks.Texts(fold, "removesBy").Select(member => Flow(member, null, MemberFlowKind.Condition)));
        if (ModelLinks.Flag(fold, "isUnknown"))
            found.Add(Flow(null, null, MemberFlowKind.Unknown));
        found.AddRange(ModelLinks.Texts(fold, "unknown").Select(member => Flow(member, null, MemberFlowKind.Unknown)));
        return found;
    }

    private static List<MemberFlow> Of(
        JsonElement field, List<string> keys, Func<string?, string?, MemberFlowKind, MemberFlow> flow)
    {
        var name = ModelLinks.Text(field, "name");
        List<MemberFlow> found =
        [
            .. ModelLinks.Texts(field, "values").Select(member => flow(member, name, MemberFlowKind.Value)),
            .. ModelLinks.Flag(field, "isKey") ? keys.Select(member => flow(member, name, MemberFlowKind.Key)) : [],
            .. ModelLinks.Texts(field, "conditions").Select(member => flow(member, name, MemberFlowKind.Condition)),
            .. ModelLinks.Flag(field, "isUnknown") ? [flow(null, name, MemberFlowKind.Unknown)] : (MemberFlow[])[],
        ];
        if (!found.Exists(memberFlow => memberFlow.Kind != MemberFlowKind.Condition))
            found.Insert(0, flow(null, name, MemberFlowKind.Occurrence));
        return found;
    }
}
