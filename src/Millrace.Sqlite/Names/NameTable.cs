using System.Collections.Concurrent;
using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Names;

/// <summary>Maps recurring names to numbers: types, content types, sources, keys and scopes. Thread-safe.</summary>
/// <remarks>
/// A name never changes its number, so that cached entries stay valid. Names that a transaction adds are cached after
/// its commit.
/// </remarks>
internal sealed class NameTable
{
    private const int MaxCached = 16_384;
    private const string FindName = "SELECT id FROM names WHERE name = ?1";
    private const string FindText = "SELECT name FROM names WHERE id = ?1";
    private const string AddName = "INSERT INTO names (name) VALUES (?1) RETURNING id";

    private readonly ConcurrentDictionary<string, long> _numbers = new(StringComparer.Ordinal);
    private readonly NumberCache<string> _texts = new(MaxCached);
    private readonly Dictionary<string, long> _added = new(StringComparer.Ordinal); // Used only by the writer.

    /// <summary>
    /// Returns the number of a name, or 0 if it was never stored. Not for transactions that have added names.
    /// </summary>
    public long Find(Connection connection, string name)
    {
        if (_numbers.TryGetValue(name, out var number))
            return number;
        number = connection.Get(FindName).Bind(1, name).Scalar();
        if (number > 0)
            Remember(name, number);
        return number;
    }

    /// <summary>
    /// Returns the number of a name, storing the name if it is new. Called by the writer in its transaction.
    /// </summary>
    public long GetOrAdd(Connection connection, string name)
    {
        if (_numbers.TryGetValue(name, out var number) || _added.TryGetValue(name, out number))
            return number;
        number = connection.Get(FindName).Bind(1, name).Scalar();
        if (number == 0)
            number = connection.Get(AddName).Bind(1, name).Scalar();
        _added.Add(name, number);
        return number;
    }

    /// <summary>Returns the name for a number.</summary>
    public string Get(Connection connection, long number)
    {
        if (_texts.TryGet(number, out var known))
            return known;
        var statement = connection.Get(FindText).Bind(1, number);
        var name = statement.Step() ? statement.GetText(0) : null;
        statement.Reset();
        if (name is null)
            throw connection.Damaged($"no name for number {number}");
        _texts.Add(number, name);
        return name;
    }

    /// <summary>Caches the names that the transaction added, after its commit.</summary>
    public void Committed()
    {
        foreach (var (name, number) in _added)
            Remember(name, number);
        _added.Clear();
    }

    public void RolledBack() => _added.Clear();

    private void Remember(string name, long number)
    {
        if (_numbers.Count >= MaxCached)
            _numbers.Clear();
        _numbers[name] = number;
    }
}
