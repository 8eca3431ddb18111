using System.Text.Json;
using Millrace.Protection;

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

    /// <summary>Makes the data of the owners erased, whatever the key store contains later.</summary>
    public void AddTo(ErasedOwners erased)
    {
        foreach (var owner in Owners())
            erased.Add(owner);
        foreach (var id in KeyIds)
            erased.AddKey(Tenant, id);
    }

    /// <summary>Returns whether the keys of an owner are destroyed.</summary>
    public bool Covers(KeyOwner owner) =>
        Owners().Any(erased =>
            erased == owner || (erased.Kind == KeyOwner.AllKinds && erased == owner with { Kind = erased.Kind }));

    /// <summary>Returns the content of an event; null if the bytes have another form.</summary>
    public static ErasedKeys? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var read = JsonSerializer.Deserialize(json, ErasedKeysJson.Default.ErasedKeys);
            return read is { Tenant: not null, Subject: not null, Kinds: not null, KeyIds: not null }
                && !read.Kinds.Contains(null!) && !read.KeyIds.Contains(null!)
                ? read
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ErasedKeysJson.Default.ErasedKeys);
}
