using System.Collections.Concurrent;
using Millrace.Events;

namespace Millrace.Protection;

/// <summary>
/// Reads the paths of encrypted values from stored metadata, without the rest of the metadata. The metadata of events
/// of one type mostly ends with the same bytes, except for the key id, so that it is rarely parsed. Thread-safe.
/// </summary>
internal sealed class EncryptionReader
{
    private const int MaxTypes = 1_000;

    private readonly ConcurrentDictionary<string, Ending> _endings = new(StringComparer.Ordinal);

    private static ReadOnlySpan<byte> BeforeKey =>
        "\"encryption\":{\"algorithm\":\"AES-256-GCM;millrace=1\",\"key\":\""u8;

    /// <summary>Reads the description of the encryption.</summary>
    /// <param name="type">The type of the event.</param>
    /// <param name="metadata">The stored metadata.</param>
    /// <param name="paths">The paths; null if Millrace did not encrypt the values.</param>
    /// <returns>False if the metadata contains no description, or cannot be read.</returns>
    public bool TryRead(string type, ReadOnlySpan<byte> metadata, out EncryptedPaths? paths)
    {
        if (_endings.TryGetValue(type, out var known) && HasEnding(metadata, known.Bytes))
        {
            paths = known.Paths;
            return true;
        }
        paths = null;
        if (MetadataJson.Read(metadata, source: null).Encryption is not { } info)
            return false;
        if (!info.IsOfMillrace)
            return true;
        paths = new EncryptedPaths(info.Fields.IsDefault ? [] : info.Fields);
        var start = metadata.LastIndexOf(BeforeKey) + BeforeKey.Length + CipherText.KeyIdLength;
        if (start < metadata.Length && _endings.Count < MaxTypes && HasEnding(metadata, metadata[start..]))
            _endings[type] = new Ending(metadata[start..].ToArray(), paths);
        return true;
    }

    /// <summary>
    /// Returns whether metadata ends with a description whose bytes after the key id are known. They end with the
    /// fields, the description and the metadata, so that the description is a member of the metadata itself.
    /// </summary>
    private static bool HasEnding(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> afterKey)
    {
        var start = metadata.Length - afterKey.Length - CipherText.KeyIdLength - BeforeKey.Length;
        return start > 0
            && (metadata[start - 1] == (byte)'{' || metadata[start - 1] == (byte)',')
            && metadata[start..].StartsWith(BeforeKey)
            && afterKey.StartsWith("\",\"fields\":["u8)
            && afterKey.EndsWith("]}}"u8)
            && metadata.EndsWith(afterKey);
    }

    /// <summary>The bytes of metadata after the key id, and their meaning.</summary>
    private sealed record Ending(byte[] Bytes, EncryptedPaths Paths);
}
