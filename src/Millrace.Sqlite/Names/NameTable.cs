using System.Collections.Concurrent;

namespace Millrace.Sqlite;

/// <summary>
/// The numbers of names that come again and again: types, content types, sources, keys, scopes. Safe to use from
/// several threads.
/// </summary>
/// <remarks>
/// A name never changes its number, so what is remembered stays true; what a transaction adds is remembered once it is
/// committed.
/// </remarks>
internal sealed class NameTable
{
    private const int MaxCached = 16_384;
    private const string FindName = "SELECT id FROM names WHERE name = ?1";
    private const string FindText = "SELECT name FROM names WHERE id = ?1";
    private const string AddName = "INSERT INTO names (name) VALUES (?1) RETURNING id";

    private readonly ConcurrentDictionary<string, long> _numbers = new(StringComparer.Ordinal);
    private readonly NumberCache<string> _texts = new(MaxCached);
    private readonly Dictionary<string, long> _added = new(StringComparer.Ordinal); // Only touched by the writer.

    /// <summary>The number of a name, or 0 when it was never stored. Not called in a transaction that has added
    /// names.</summary>
    public long Find(Connection connection, string name)
    {
        if (_numbers.TryGetValue(name, out var number))
            return number;
        number = connection.Get(FindName).Bind(1, name).Scalar();
        if (number > 0)
            Remember(name, number);
        return number;
    }

    /// <summary>The number of a name, which is stored if it was not. Called by the writer in its transaction.</summary>
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

    /// <summary>The name of a number.</summary>
    public string Get(Connection connection, long number)
    {
        if (_texts.TryGet(number, out var known))
            return known;
        var statement = connection.Get(FindText).Bind(1, number);
        var name = statement.Step() ? statement.GetText(0) : null;
        statement.Reset();
        if (name is null)
            throw connection.Damaged($"no name of number {number}");
        _texts.Remember(number, name);
        return name;
    }

    /// <summary>Remembers what the transaction added, now that it is committed.</summary>
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
