using System.Collections.Immutable;
using System.Text;

namespace Millrace.Protection;

/// <summary>The paths of the encrypted values of an event, as its metadata lists them. Immutable.</summary>
internal sealed class EncryptedPaths
{
    private readonly byte[][]? _names;

    public EncryptedPaths(ImmutableArray<string> all)
    {
        All = all;
        if (all.All(IsMember))
            _names = [.. all.Select(static path => Encoding.ASCII.GetBytes(path[1..]))];
    }

    public ImmutableArray<string> All { get; }

    /// <summary>Gets whether all paths are plain names of members of the payload itself.</summary>
    public bool AreMembers => _names is not null;

    /// <summary>Returns the path of a member; null if it is not listed.</summary>
    public string? Find(ReadOnlySpan<byte> name)
    {
        for (var i = 0; _names is not null && i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
                return All[i];
        }
        return null;
    }

    private static bool IsMember(string path) =>
        path.Length > 1
        && path[0] == '/'
        && path.AsSpan(1).IndexOfAny("/~\"\\") < 0
        && path.All(static character => character is > ' ' and <= '~');
}
