namespace Millrace;

/// <summary>
/// The order in which names, keys and texts are sorted: by Unicode code points, which is the order of their UTF-8
/// bytes. Databases sort so when told to compare bytes; the order of .NET's UTF-16 units differs from it where a name
/// holds a character beyond the basic plane.
/// </summary>
internal sealed class CodePointOrder : IComparer<string>
{
    public static readonly CodePointOrder Instance = new();

    private CodePointOrder()
    {
    }

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        var same = x.AsSpan().CommonPrefixLength(y);
        if (same == x.Length || same == y.Length)
            return x.Length.CompareTo(y.Length);
        return Rank(x[same]).CompareTo(Rank(y[same]));
    }

    /// <summary>Units of surrogate pairs stand for characters beyond all others, though their numbers are lower than
    /// some.</summary>
    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
