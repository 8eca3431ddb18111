using System.Buffers;
using System.Text;

namespace Millrace.Protection;

/// <summary>Decrypts the encrypted values of stored payloads.</summary>
/// <param name="keys">The keys; null if the program has none.</param>
internal sealed class PayloadRevealer(KeyRing? keys)
{
    private const int MaxLinearPaths = 8;

    private const string Changed = "a value does not decrypt: it was changed, or moved from another place.";

    private const string NoKeys =
        "it contains encrypted values, and this program has no keys. Configure them with UseSqliteKeys or "
            + "UsePostgreSqlKeys.";

    /// <summary>Gets or sets the keys that the log declares lost; null before the store is open.</summary>
    public LostKeys? Lost { get; set; }

    /// <summary>Finds the values at the paths, which must all be encrypted.</summary>
    public EncryptedPayload Locate(ReadOnlyMemory<byte> json, EncryptedPaths listedPaths, ProtectionContext context)
    {
        if (keys is null)
            return EncryptedPayload.Failed(json, NoKeys);
        if (EncryptedMemberScanner.Find(json.Span, listedPaths) is { } members)
            return new EncryptedPayload(json, members, context, null);
        var paths = listedPaths.All;
        if (EncryptedValueLocator.Find(json.Span) is not { } found)
            return EncryptedPayload.Failed(json, "the payload is not valid JSON.");
        var listed = paths.Length > MaxLinearPaths ? paths.ToHashSet(StringComparer.Ordinal) : null;
        found.RemoveAll(value => !(listed?.Contains(value.Path) ?? paths.Contains(value.Path)));
        return found.Count == paths.Length
            ? new EncryptedPayload(json, found, context, null)
            : EncryptedPayload.Failed(json, "a value is not encrypted, although the metadata lists it.");
    }

    /// <summary>Finds the values of marked members that have the form of encrypted values.</summary>
    public EncryptedPayload Locate(ReadOnlyMemory<byte> json, MarkNode marks, ProtectionContext context)
    {
        var found = EncryptedValueLocator.Find(json.Span) ?? [];
        found.RemoveAll(value => !marks.IsMarked(value.Path));
        return found.Count > 0 && keys is null
            ? EncryptedPayload.Failed(json, NoKeys)
            : new EncryptedPayload(json, found, context, null);
    }

    /// <summary>Finds the value in bytes that are encrypted as a whole. Other bytes contain no value.</summary>
    public EncryptedPayload LocateWhole(ReadOnlyMemory<byte> bytes, ProtectionContext context) =>
        CipherText.TryParse(bytes.Span) is not { } text ? new EncryptedPayload(bytes, [], context, null)
        : keys is null ? EncryptedPayload.Failed(bytes, NoKeys)
        : new EncryptedPayload(bytes, [new EncryptedValue(0, bytes.Length, "", text)], context, null);

    /// <summary>Decrypts a payload.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used, or does not contain a key.</exception>
    public async ValueTask<RevealedPayload> Reveal(EncryptedPayload payload, CancellationToken cancellationToken)
    {
        if (payload.Problem is not null || payload.Values.Count == 0)
            return new RevealedPayload(payload.Json, payload.Problem);
        return Decrypt(payload, await LoadKeys([payload], cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Decrypts payloads, after their keys are read together.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used, or does not contain a key.</exception>
    public async ValueTask<RevealedPayload[]> Reveal(
        EncryptedPayload[] payloads, CancellationToken cancellationToken)
    {
        EncryptedPayload?[] all = [.. payloads];
        var dataKeys = await LoadKeys(all, cancellationToken).ConfigureAwait(false);
        var revealed = new RevealedPayload[payloads.Length];
        for (var i = 0; i < revealed.Length; i++)
            revealed[i] = Decrypt(payloads[i], dataKeys);
        return revealed;
    }

    /// <summary>Returns the keys of all values of payloads, of which some may be null.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used, or does not contain a key.</exception>
    private async ValueTask<Dictionary<string, DataKey>> LoadKeys(
        IReadOnlyList<EncryptedPayload?> payloads, CancellationToken cancellationToken)
    {
        var (found, unknown) = await FindKeys(payloads, cancellationToken).ConfigureAwait(false);
        // The key store was perhaps restored from an old backup. Waiting is right, and giving up events is not.
        return unknown is null
            ? found
            : throw KeyStoreException.OfMissingKey(keys!.Description, unknown, position: null);
    }

    /// <summary>Returns the keys of all values of payloads, and the id of a key that the key store does not contain;
    /// null if it contains all.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<(Dictionary<string, DataKey> Found, string? Unknown)> FindKeys(
        IReadOnlyList<EncryptedPayload?> payloads, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, DataKey>(payloads.Count, StringComparer.Ordinal);
        Dictionary<string, string>? missing = null; // With the tenants of the values.
        var areConcealed = ProtectedValues.AreConcealed;
        string? last = null; // The values of an event mostly have the same key.
        for (var i = 0; i < payloads.Count; i++)
        {
            if (payloads[i] is not { } payload)
                continue;
            for (var j = 0; j < payload.Values.Count; j++)
            {
                var value = payload.Values[j];
                var id = value.Text.KeyId;
                if (ReferenceEquals(id, last))
                    continue;
                last = id;
                if (found.ContainsKey(id))
                    continue;
                if (areConcealed)
                    found[id] = new DataKey(id, secret: null); // Like a destroyed key.
                else if (keys!.Find(id) is { } key) // Locate finds no values without keys.
                    found[id] = key;
                else
                    (missing ??= new(StringComparer.Ordinal)).TryAdd(id, payload.Context.Tenant);
            }
        }
        if (missing is null)
            return (found, null);
        foreach (var key in await LoadMissing(missing, cancellationToken).ConfigureAwait(false))
            found[key.Id] = key;
        return (found, missing.Keys.FirstOrDefault(id => !found.ContainsKey(id)));
    }

    /// <summary>
    /// Reads keys from the key store, then those that an erasure destroyed and a restored key store does not contain,
    /// and then those that another process declared lost.
    /// </summary>
    /// <param name="ids">The ids, each with the tenant of its values.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    private async ValueTask<IReadOnlyList<DataKey>> LoadMissing(
        Dictionary<string, string> ids, CancellationToken cancellationToken)
    {
        var loaded = await keys!.Load(ids.Keys, cancellationToken).ConfigureAwait(false);
        if (loaded.Count == ids.Count)
            return loaded;
        var known = loaded.Select(static key => key.Id).ToHashSet(StringComparer.Ordinal);
        DataKey[] erased =
        [
            .. ids
                .Where(entry => !known.Contains(entry.Key) && keys.Erased.ContainsMissingKey(entry.Value, entry.Key))
                .Select(static entry => new DataKey(entry.Key, secret: null)),
        ];
        if (loaded.Count + erased.Length < ids.Count && Lost is { } lost)
        {
            await lost.Refresh(cancellationToken).ConfigureAwait(false);
            loaded = await keys.Load(ids.Keys, cancellationToken).ConfigureAwait(false);
        }
        return [.. erased, .. loaded];
    }

    /// <summary>Decrypts a payload with keys that were read before.</summary>
    public static RevealedPayload Decrypt(EncryptedPayload payload, Dictionary<string, DataKey> dataKeys)
    {
        var json = payload.Json;
        if (payload.Problem is not null || payload.Values.Count == 0)
            return new RevealedPayload(json, payload.Problem);
        var output = new ArrayBufferWriter<byte>(json.Length);
        using var ciphers = new PlaceCiphers(payload.Context);
        var copied = 0;
        foreach (var value in payload.Values)
        {
            output.Write(json.Span[copied..value.Start]);
            copied = value.Start + value.Length;
            var key = dataKeys[value.Text.KeyId];
            if (key.IsDestroyed)
                output.Write(Encoding.UTF8.GetBytes(value.Text.ErasedJson));
            else if (ciphers.Of(key).TryDecrypt(
                value.Text.Data.Span,
                value.Path,
                value.Text.ErasedJson,
                output.GetSpan(value.Text.Data.Length),
                out var written))
                output.Advance(written);
            else
                return new RevealedPayload(json, Changed);
        }
        output.Write(json.Span[copied..]);
        return new RevealedPayload(output.WrittenMemory, null);
    }
}
