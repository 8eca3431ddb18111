namespace Millrace.Streams;

/// <summary>
/// Compares names, keys and texts by Unicode code points. This is the order of the UTF-8 bytes, and of databases that
/// compare bytes. .NET compares UTF-16 units, whose order differs for characters beyond the basic plane.
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
        var commonLength = x.AsSpan().CommonPrefixLength(y);
        if (commonLength == x.Length || commonLength == y.Length)
            return x.Length.CompareTo(y.Length);
        return Rank(x[commonLength]).CompareTo(Rank(y[commonLength]));
    }

    /// <summary>
    /// Returns a rank that sorts surrogates after all other units, because they encode the highest code points.
    /// </summary>
    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
