using System.Text.Json;
using System.Text.Json.Serialization;
using Millrace.Protection;

namespace Millrace.Store;

/// <summary>The marked members of a store and its key store, as recorded in the log.</summary>
internal sealed record ProtectionDeclaration
{
    /// <summary>The id of the key store.</summary>
    public required Guid KeyStore { get; init; }

    /// <summary>The paths of the marked members, by the stored name of the event type.</summary>
    public required SortedDictionary<string, string[]> Events { get; init; }

    /// <summary>The paths of the marked members, by the name and version of the read model.</summary>
    public required SortedDictionary<string, string[]> ReadModels { get; init; }

    /// <summary>
    /// The scopes of claims whose values are hashes, in order; null for none. A scope is never removed, because its
    /// hashes remain.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? Claims { get; init; }

    /// <summary>
    /// Creates the declaration of a model. Types that the model does not know keep their earlier declaration, because
    /// another application may use the same store.
    /// </summary>
    public static ProtectionDeclaration Of(
        Guid keyStore, ProtectionDeclaration? earlier, ProtectionModel model, EventTypeMap types)
    {
        var events = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var (type, paths) in earlier?.Events ?? [])
        {
            if (!types.Types.Any(known => known.Name == type))
                events[type] = paths;
        }
        Add(events, model.Events);
        var readModels = new SortedDictionary<string, string[]>(
            earlier?.ReadModels ?? [], StringComparer.Ordinal);
        Add(readModels, model.ReadModels);
        return new ProtectionDeclaration
        {
            KeyStore = keyStore,
            Events = events,
            ReadModels = readModels,
            Claims = Join(earlier?.Claims, model.Claims.Keys),
        };
    }

    /// <summary>Returns an earlier declaration, or a new one, with a further scope of claims.</summary>
    public static ProtectionDeclaration WithClaims(Guid keyStore, ProtectionDeclaration? earlier, string scope) =>
        (earlier ?? new ProtectionDeclaration { KeyStore = keyStore, Events = [], ReadModels = [] }) with
        {
            Claims = Join(earlier?.Claims, [scope]),
        };

    /// <summary>Adds the events and scopes of a shared log, whose programs refuse plain values of them too.</summary>
    public ProtectionDeclaration WithGuardOf(ProtectionDeclaration shared)
    {
        var events = new SortedDictionary<string, string[]>(shared.Events, StringComparer.Ordinal);
        foreach (var (type, paths) in Events)
            events[type] = paths;
        return this with { Events = events, Claims = Join(Claims, shared.Claims ?? []) };
    }

    public static ProtectionDeclaration? Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, ProtectionJson.Default.ProtectionDeclaration);

    public byte[] ToBytes() =>
        JsonSerializer.SerializeToUtf8Bytes(this, ProtectionJson.Default.ProtectionDeclaration);

    public bool IsSameAs(ProtectionDeclaration other) => ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    private static string[]? Join(string[]? earlier, IEnumerable<string> scopes)
    {
        string[] all = [.. (earlier ?? []).Union(scopes).Order(StringComparer.Ordinal)];
        return all.Length == 0 ? null : all;
    }

    private static void Add(
        SortedDictionary<string, string[]> all, IReadOnlyDictionary<string, IReadOnlyList<ProtectedMember>> members)
    {
        foreach (var (name, marked) in members)
            all[name] = [.. marked.Select(member => member.Path).Order(StringComparer.Ordinal)];
    }
}
