using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millrace.Store;

/// <summary>The keys that an erasure destroyed, as recorded in the log.</summary>
internal sealed record ErasedKeys
{
    public required string Tenant { get; init; }

    public required string Subject { get; init; }

    /// <summary>The kinds of data; empty for all kinds.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>The ids of the destroyed keys, including records for all kinds of data.</summary>
    public required IReadOnlyList<string> KeyIds { get; init; }

    /// <summary>Returns the owners whose keys are destroyed.</summary>
    public IEnumerable<KeyOwner> Owners() =>
        Kinds.Count == 0
            ? [new KeyOwner(Tenant, Subject, KeyOwner.AllKinds)]
            : Kinds.Select(kind => new KeyOwner(Tenant, Subject, kind));

    public static ErasedKeys? Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, ErasedKeysJson.Default.ErasedKeys);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ErasedKeysJson.Default.ErasedKeys);
}

/// <summary>The JSON metadata of the destroyed keys.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErasedKeys))]
internal sealed partial class ErasedKeysJson : JsonSerializerContext;
