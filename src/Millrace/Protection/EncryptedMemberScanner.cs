using System.Buffers;

namespace Millrace.Protection;

/// <summary>
/// Finds the encrypted values of listed members of a JSON object without reading its other tokens. Most payloads have
/// their encrypted values in the object itself. For others, callers use <see cref="EncryptedValueLocator"/>.
/// </summary>
internal static class EncryptedMemberScanner
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);

    /// <summary>Returns the values in the order of the JSON; null if it is unknown whether these are all.</summary>
    public static List<EncryptedValue>? Find(ReadOnlySpan<byte> json, EncryptedPaths paths)
    {
        if (!paths.AreMembers || json.IsEmpty || json[0] != (byte)'{')
            return null;
        var found = new List<EncryptedValue>(paths.All.Length);
        var depth = 0;
        ReadOnlySpan<byte> name = default; // The member whose value is next; empty for none.
        for (var next = 0; json[next..].IndexOfAny(Structure) is >= 0 and var skipped;)
        {
            var start = next + skipped;
            next = start + 1;
            if (json[start] != (byte)'"')
            {
                depth += json[start] is (byte)'{' or (byte)'[' ? 1 : -1;
                name = default;
                if (depth == 0)
                    return next == json.Length && found.Count == paths.All.Length ? found : null;
                continue;
            }
            if (EndOf(json, next) is not (>= 0 and var end))
                return null;
            var text = json[next..end];
            next = end + 1;
            if (depth != 1)
                continue;
            if (json[start - 1] != (byte)':')
            {
                // A name with space around it, or with an escaped character, may be another text for a listed one.
                if (next == json.Length || json[next] != (byte)':' || text.Contains((byte)'\\'))
                    return null;
                name = text;
                continue;
            }
            if (text.StartsWith(CipherText.Prefix) && paths.Find(name) is { } path)
            {
                if (CipherText.TryParse(text, found.Count > 0 ? found[^1].Text.KeyId : null) is not { } cipherText)
                    return null;
                found.Add(new EncryptedValue(start, next - start, path, cipherText));
            }
            name = default;
        }
        return null;
    }

    /// <summary>Returns the index of the quote that ends a string; -1 for none.</summary>
    private static int EndOf(ReadOnlySpan<byte> json, int start)
    {
        while (json[start..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and var length)
        {
            if (json[start + length] == (byte)'"')
                return start + length;
            start += length + 2;
            if (start > json.Length)
                return -1;
        }
        return -1;
    }
}
