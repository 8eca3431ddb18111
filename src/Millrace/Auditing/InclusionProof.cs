using System.Text.Json;
using Millrace.Auditing.Merkle;
using Millrace.Auditing.Sealing;

namespace Millrace;

/// <summary>The proof that a seal covers the event at a position.</summary>
public sealed class InclusionProof
{
    private readonly byte[]? _leaf;
    private readonly Hash256 _leafHash;
    private readonly IReadOnlyList<Hash256> _path;
    private readonly Seal _seal;

    internal InclusionProof(
        long position, byte[]? leaf, Hash256 leafHash, IReadOnlyList<Hash256> path, Seal seal)
    {
        Position = position;
        (_leaf, _leafHash, _path, _seal) = (leaf, leafHash, path, seal);
    }

    /// <summary>Gets the position.</summary>
    public long Position { get; }

    /// <summary>Gets the number of the seal.</summary>
    public long SealNumber => _seal.Number;

    /// <summary>
    /// Writes the proof as a JSON object: the bytes of the leaf, its hash, the hashes of the path from the leaf to the
    /// root, and the seal with the text that is signed.
    /// </summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("version"u8, 1);
        writer.WriteNumber("position"u8, Position);
        if (_leaf is null)
            writer.WriteNull("leaf"u8);
        else
            writer.WriteBase64String("leaf"u8, _leaf);
        writer.WriteString("leafHash"u8, _leafHash.ToString());
        writer.WriteNumber("index"u8, Position - 1);
        writer.WriteNumber("size"u8, _seal.Size);
        writer.WriteStartArray("path"u8);
        foreach (var hash in _path)
            writer.WriteStringValue(hash.ToString());
        writer.WriteEndArray();
        writer.WriteString("root"u8, _seal.Root.ToString());
        writer.WriteString("signedText"u8, _seal.Text);
        writer.WriteString("key"u8, _seal.Key.ToString());
        writer.WriteBase64String("publicKey"u8, _seal.PublicKey.Span);
        writer.WriteBase64String("signature"u8, _seal.Signature.Span);
        writer.WriteEndObject();
    }
}
