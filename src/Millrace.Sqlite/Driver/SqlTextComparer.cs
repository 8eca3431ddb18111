namespace Millrace.Sqlite.Driver;

/// <summary>
/// Compares statement texts. They are long, and almost always the same instance as the cached one. A few characters
/// distinguish them well enough; hashing the whole text would cost more than reading a row.
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
