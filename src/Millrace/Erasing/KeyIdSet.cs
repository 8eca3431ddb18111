using System.Text;
using Millrace.Protection;

namespace Millrace.Erasing;

/// <summary>The ids of the keys of a subject, which are found in encrypted values.</summary>
internal sealed class KeyIdSet(IEnumerable<string> ids)
{
    private readonly HashSet<string> _ids = new(ids, StringComparer.Ordinal);

    public IReadOnlyCollection<string> All => _ids;

    public bool Contains(string id) => _ids.Contains(id);

    /// <summary>Returns whether stored bytes contain a value that one of the keys encrypts.</summary>
    public bool IsIn(ReadOnlySpan<byte> stored) => Contains(stored, isFound: true);

    /// <summary>Returns whether stored bytes contain a value that another key encrypts.</summary>
    public bool HasOthers(ReadOnlySpan<byte> stored) => Contains(stored, isFound: false);

    private bool Contains(ReadOnlySpan<byte> stored, bool isFound)
    {
        var lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> id = stackalloc char[CipherText.KeyIdLength];
        while (stored.IndexOf(CipherText.Prefix) is >= 0 and var start)
        {
            stored = stored[(start + CipherText.Prefix.Length)..];
            if (stored.Length < CipherText.KeyIdLength)
                return false;
            Encoding.Latin1.GetChars(stored[..CipherText.KeyIdLength], id);
            if (lookup.Contains(id) == isFound)
                return true;
        }
        return false;
    }
}
