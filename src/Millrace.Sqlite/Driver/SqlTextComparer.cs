namespace Millrace.Sqlite;

/// <summary>
/// Compares texts of statements. They are long, and nearly always the same object as the one that is kept: a few
/// characters tell them apart well enough, and hashing the whole would cost more than looking up the row.
/// </summary>
internal sealed class SqlTextComparer : IEqualityComparer<string>
{
    private const int Samples = 16;

    public static SqlTextComparer Instance { get; } = new();

    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    public int GetHashCode(string obj)
    {
        var hash = obj.Length;
        var step = (obj.Length / Samples) + 1;
        for (var i = obj.Length - 1; i >= 0; i -= step)
            hash = (hash * 31) + obj[i];
        return hash;
    }
}
