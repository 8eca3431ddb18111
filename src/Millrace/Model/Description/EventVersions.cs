using System.Globalization;
using System.Text.Json;
using Millrace.Evolution;
using Millrace.Serialization;

namespace Millrace.Model.Description;

/// <summary>
/// Finds the versions of events. These are versions with a CLR type, and older versions whose shape is in the contract
/// file.
/// </summary>
internal sealed class EventVersions(ModelCatalog catalog)
{
    private readonly Dictionary<(string Name, int Version), List<EventMember>> _storedMembers =
        ReadContracts(catalog.EventContracts);

    public IReadOnlyList<EventVersionDescription> Of(string name, IEnumerable<EventType> types)
    {
        var typesByVersion = types.ToDictionary(type => type.SchemaVersion);
        return
        [
            .. typesByVersion
                .Keys.Concat(_storedMembers.Keys.Where(key => key.Name == name).Select(key => key.Version))
                .Concat(VersionsOfUpcasters(name))
                .Distinct()
                .Order()
                .Select(
                    version => typesByVersion.TryGetValue(version, out var type) ? Of(type) : OfJson(name, version)),
        ];
    }

    /// <summary>Returns the versions that upcasters read as JSON.</summary>
    private IEnumerable<int> VersionsOfUpcasters(string name) =>
        catalog
            .EventTypes.Upcasters.Where(upcaster => upcaster.FromName == name)
            .Select(upcaster => upcaster.FromVersion);

    private EventVersionDescription OfJson(string name, int version) => WithSteps(name, new(version)
    {
        Members = _storedMembers.GetValueOrDefault((name, version)) ?? [],
    });

    /// <summary>Adds the results of upcasters and merges to a description.</summary>
    private EventVersionDescription WithSteps(string name, EventVersionDescription found) =>
        catalog.EventTypes.FindShape(name, found.Version) is not { } shape ? found : found with
        {
            Becomes = [.. shape.Next.Select(NameOf)],
            ReadAs = [.. Ends(shape).Select(NameOf)],
            MergedInto = shape.Role is { } role ? NameOf(role.Into) : null,
        };

    private static IEnumerable<StoredShape> Ends(StoredShape shape) =>
        shape.Upcaster is null ? [shape] : shape.Next.SelectMany(Ends);

    private static EventVersionName NameOf(StoredShape shape) => new(shape.Name, shape.SchemaVersion);

    private EventVersionDescription Of(EventType type) => WithSteps(type.Name, new(type.SchemaVersion)
    {
        ClrType = type.ClrType,
        ContentType = type.ContentType,
        ReadableBy = type.ReadableBy,
        Members = catalog.Describe(type.ClrType) is { } described
            ? [.. described.Members.Select(member => MemberOf(member))]
            : _storedMembers.GetValueOrDefault((type.Name, type.SchemaVersion)) ?? [],
    });

    private static EventMember MemberOf(MemberDescription member)
    {
        var type = TypeDisplayNames.Of(member.Type);
        var isMarked = member.AllowsNull && !type.EndsWith('?');
        return new(
            member.Name, isMarked ? type + "?" : type, member is { IsRequired: true, AllowsNull: false }, member);
    }

    private static Dictionary<(string Name, int Version), List<EventMember>> ReadContracts(
        IEnumerable<string> contracts)
    {
        var found = new Dictionary<(string, int), List<EventMember>>();
        foreach (var contract in contracts)
        {
            using var document = JsonDocument.Parse(contract);
            if (!document.RootElement.TryGetProperty("events", out var events))
                continue;
            foreach (var name in events.EnumerateObject())
            {
                foreach (var version in name.Value.EnumerateObject())
                {
                    var number = int.Parse(version.Name, CultureInfo.InvariantCulture);
                    found[(name.Name, number)] = [.. version.Value.EnumerateObject().Select(MemberOf)];
                }
            }
        }
        return found;
    }

    private static EventMember MemberOf(JsonProperty stored) =>
        new(stored.Name.TrimEnd('?'), stored.Value.GetString() ?? "", !stored.Name.EndsWith('?'), Description: null);
}
