using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Millrace.Protection;

/// <summary>A payload after decryption.</summary>
/// <param name="Json">The JSON; with a problem, the stored JSON.</param>
/// <param name="Problem">The reason why values cannot be decrypted; null for no problem. It contains no value.</param>
internal readonly record struct RevealedPayload(ReadOnlyMemory<byte> Json, string? Problem);

/// <summary>Decrypts the encrypted values of stored JSON.</summary>
/// <param name="keys">The keys; null if the program has none.</param>
internal sealed class PayloadRevealer(KeyRing? keys)
{
    private const string NoKeys =
        "it contains encrypted values, and this program has no keys. Configure them with UseSqliteKeys or "
            + "UsePostgreSqlKeys.";

    /// <summary>Decrypts the values at the paths, which must all be encrypted.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<RevealedPayload> Reveal(
        ReadOnlyMemory<byte> json,
        ImmutableArray<string> paths,
        ProtectionContext context,
        CancellationToken cancellationToken)
    {
        if (keys is null)
            return new RevealedPayload(json, NoKeys);
        var found = EncryptedValueLocator.Find(json.Span);
        if (found is null)
            return new RevealedPayload(json, "the payload is not valid JSON.");
        found.RemoveAll(value => !paths.Contains(value.Path));
        if (found.Count != paths.Length)
            return new RevealedPayload(json, MissingValue(found, paths));
        return await Decrypt(json, found, context, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Decrypts the values of marked members that have the form of encrypted values.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<RevealedPayload> Reveal(
        ReadOnlyMemory<byte> json, MarkNode marks, ProtectionContext context, CancellationToken cancellationToken)
    {
        var found = EncryptedValueLocator.Find(json.Span);
        found?.RemoveAll(value => !marks.IsMarked(value.Path));
        return found is null or { Count: 0 } ? new RevealedPayload(json, null)
            : keys is null ? new RevealedPayload(json, NoKeys)
            : await Decrypt(json, found, context, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Decrypts bytes that are encrypted as a whole. Other bytes are returned unchanged.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<RevealedPayload> RevealWhole(
        ReadOnlyMemory<byte> bytes, ProtectionContext context, CancellationToken cancellationToken)
    {
        if (CipherText.TryParse(bytes.Span) is not { } text)
            return new RevealedPayload(bytes, null);
        if (keys is null)
            return new RevealedPayload(bytes, NoKeys);
        var value = new EncryptedValue(0, bytes.Length, "", text);
        return await Decrypt(bytes, [value], context, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<RevealedPayload> Decrypt(
        ReadOnlyMemory<byte> json,
        List<EncryptedValue> values,
        ProtectionContext context,
        CancellationToken cancellationToken)
    {
        var dataKeys = await KeysOf(values, cancellationToken).ConfigureAwait(false);
        return Decrypt(json, values, dataKeys, context);
    }

    private async ValueTask<DataKey?[]> KeysOf(List<EncryptedValue> values, CancellationToken cancellationToken)
    {
        var dataKeys = new DataKey?[values.Count];
        HashSet<string>? missing = null;
        for (var i = 0; i < dataKeys.Length; i++)
        {
            if (!keys!.TryFind(values[i].Text.KeyId, out dataKeys[i])) // Callers check that there are keys.
                (missing ??= []).Add(values[i].Text.KeyId);
        }
        if (missing is null)
            return dataKeys;
        var loaded = await keys!.Load(missing, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < dataKeys.Length; i++)
            dataKeys[i] ??= loaded.GetValueOrDefault(values[i].Text.KeyId);
        return dataKeys;
    }

    private static RevealedPayload Decrypt(
        ReadOnlyMemory<byte> json, List<EncryptedValue> values, DataKey?[] dataKeys, ProtectionContext context)
    {
        var output = new ArrayBufferWriter<byte>(json.Length);
        var ciphers = new Dictionary<string, PlaceCipher>(StringComparer.Ordinal);
        var copied = 0;
        try
        {
            for (var i = 0; i < values.Count; i++)
            {
                var value = values[i];
                output.Write(json.Span[copied..value.Start]);
                copied = value.Start + value.Length;
                if (dataKeys[i] is not { } key)
                    return new RevealedPayload(json, $"the key of {NameOf(value)} is not in the key store.");
                if (key.IsDestroyed)
                {
                    output.Write(Encoding.UTF8.GetBytes(value.Text.ErasedJson));
                    continue;
                }
                if (!ciphers.TryGetValue(key.Id, out var cipher))
                    ciphers[key.Id] = cipher = key.CipherOf(context);
                if (cipher.Decrypt(value.Text.Data.Span, value.Path, value.Text.ErasedJson) is not { } plain)
                    return new RevealedPayload(
                        json, $"{NameOf(value)} does not decrypt: it was changed, or moved from another place.");
                output.Write(plain);
            }
        }
        finally
        {
            foreach (var cipher in ciphers.Values)
                cipher.Dispose();
        }
        output.Write(json.Span[copied..]);
        return new RevealedPayload(output.WrittenMemory, null);
    }

    private static string MissingValue(List<EncryptedValue> found, ImmutableArray<string> paths) =>
        $"the value at {paths.First(path => !found.Exists(value => value.Path == path))} is not encrypted, although "
            + "the metadata lists it.";

    private static string NameOf(EncryptedValue value) =>
        value.Path.Length == 0 ? "the value" : $"the value at {value.Path}";
}
