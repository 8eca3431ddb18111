using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Millrace.Serialization;

namespace Millrace.Protection;

/// <summary>Replaces the marked values of one payload by encrypted values.</summary>
internal readonly ref struct PayloadEncryption(
    ReadOnlySpan<byte> json, IReadOnlyList<MarkedValue> values, DataKey[] keys, ProtectionContext context)
{
    private const int MaxStackBytes = 512;

    private readonly ReadOnlySpan<byte> _json = json;
    private readonly ProtectionContext _context = context;

    /// <summary>
    /// Returns the new JSON with the description of the encryption, whose key id is empty if no value is encrypted.
    /// </summary>
    /// <param name="refusesErased">True to refuse the values of erased data subjects; false to write the value after
    /// erasure instead.</param>
    /// <exception cref="SubjectErasedException">The subject of a value was erased, and
    /// <paramref name="refusesErased"/> is true.</exception>
    public (byte[] Json, EncryptionInfo Info) Run(bool refusesErased)
    {
        var output = JsonBuffers.RentBuffer();
        try
        {
            return Run(refusesErased, output);
        }
        finally
        {
            JsonBuffers.Return(output);
        }
    }

    private (byte[] Json, EncryptionInfo Info) Run(bool refusesErased, ArrayBufferWriter<byte> output)
    {
        var paths = ImmutableArray.CreateBuilder<string>(values.Count);
        string? keyId = null;
        var copied = 0;
        using var ciphers = new PlaceCiphers(_context);
        for (var i = 0; i < values.Count; i++)
        {
            var value = values[i];
            output.Write(_json[copied..value.Start]);
            copied = value.Start + value.Length;
            if (keys[i].IsDestroyed)
            {
                if (refusesErased && !value.IsErased(_json))
                    throw new SubjectErasedException(_context.Type, value.Path, value.Mark.Kind);
                output.Write(Encoding.UTF8.GetBytes(value.Mark.ErasedJson));
                continue;
            }
            output.Write("\""u8);
            Encrypt(value, keys[i], ciphers, output);
            output.Write("\""u8);
            paths.Add(value.Path);
            keyId ??= keys[i].Id;
        }
        output.Write(_json[copied..]);
        var info = new EncryptionInfo(EncryptionInfo.MillraceAlgorithm, keyId ?? "", paths.ToImmutable());
        return (output.WrittenSpan.ToArray(), info);
    }

    private void Encrypt(MarkedValue value, DataKey key, PlaceCiphers ciphers, ArrayBufferWriter<byte> output)
    {
        var length = PlaceCipher.EncryptedLength(value.Length, value.Path);
        var data = length <= MaxStackBytes ? stackalloc byte[length] : new byte[length];
        ciphers.Of(key).Encrypt(_json.Slice(value.Start, value.Length), value.Path, value.Mark.ErasedJson, data);
        CipherText.Write(output, key.Id, data, value.Mark.ErasedJson);
    }
}
