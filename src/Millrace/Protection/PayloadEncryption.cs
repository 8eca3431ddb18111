using System.Buffers;
using System.Collections.Immutable;

namespace Millrace.Protection;

/// <summary>Replaces the marked values of one payload by encrypted values.</summary>
internal readonly ref struct PayloadEncryption(
    ReadOnlySpan<byte> json, IReadOnlyList<MarkedValue> values, DataKey[] keys, ProtectionContext context)
{
    private readonly ReadOnlySpan<byte> _json = json;
    private readonly ProtectionContext _context = context;

    /// <summary>Returns the new JSON with the description of the encryption; null if nothing was encrypted.</summary>
    /// <exception cref="SubjectErasedException">The subject of a value was erased, and
    /// <paramref name="refusesErased"/> is true.</exception>
    public (byte[] Json, EncryptionInfo Info)? Run(bool refusesErased)
    {
        var output = new ArrayBufferWriter<byte>(_json.Length + (128 * values.Count));
        var paths = ImmutableArray.CreateBuilder<string>(values.Count);
        string? keyId = null;
        var copied = 0;
        var ciphers = new Dictionary<string, PlaceCipher>(StringComparer.Ordinal);
        try
        {
            for (var i = 0; i < values.Count; i++)
            {
                var value = values[i];
                output.Write(_json[copied..value.Start]);
                copied = value.Start + value.Length;
                var plain = _json.Slice(value.Start, value.Length);
                if (value.IsErased(_json))
                {
                    output.Write(plain);
                }
                else if (keys[i].IsDestroyed)
                {
                    if (refusesErased)
                        throw new SubjectErasedException(_context.Type, value.Path, value.Mark.Kind);
                    output.Write(System.Text.Encoding.UTF8.GetBytes(value.Mark.ErasedJson));
                }
                else
                {
                    Write(output, plain, value, CipherOf(keys[i], ciphers), keys[i].Id);
                    paths.Add(value.Path);
                    keyId ??= keys[i].Id;
                }
            }
        }
        finally
        {
            foreach (var cipher in ciphers.Values)
                cipher.Dispose();
        }
        output.Write(_json[copied..]);
        return keyId is null && output.WrittenSpan.SequenceEqual(_json)
            ? null
            : (
                output.WrittenSpan.ToArray(),
                new EncryptionInfo(EncryptionInfo.MillraceAlgorithm, keyId ?? "", paths.ToImmutable()));
    }

    private static void Write(
        ArrayBufferWriter<byte> output, ReadOnlySpan<byte> plain, MarkedValue value, PlaceCipher cipher, string keyId)
    {
        var erased = value.Mark.ErasedJson;
        var text = new CipherText(keyId, cipher.Encrypt(plain, value.Path, erased), erased);
        output.Write("\""u8);
        output.Write(text.ToBytes());
        output.Write("\""u8);
    }

    private PlaceCipher CipherOf(DataKey key, Dictionary<string, PlaceCipher> ciphers)
    {
        if (!ciphers.TryGetValue(key.Id, out var cipher))
            ciphers[key.Id] = cipher = key.CipherOf(_context);
        return cipher;
    }
}
