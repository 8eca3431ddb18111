using Millrace.Storage;
using Millrace.Storage.Moves;
using Millrace.Testing.Conformance.Checks;

namespace Millrace.Testing.Conformance.Moves;

/// <summary>The content of a store in the form in which a move copies it, and the store's role in the move.</summary>
internal sealed class MoveContent
{
    private readonly SortedDictionary<long, RecordedEvent> _events = [];
    private readonly SortedDictionary<string, MovedCollection> _collections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, MovedRow>> _rows = new(StringComparer.Ordinal);
    private long _lastCollectionNumber;

    /// <summary>Gets or sets the header; null if there is no store.</summary>
    public MoveHeader? Header { get; set; }

    public MoveRole Role { get; set; }

    /// <summary>Gets or sets the description of the other storage of the move.</summary>
    public string Other { get; set; } = "";

    public IEnumerable<RecordedEvent> Events => _events.Values;

    public IEnumerable<MovedCollection> Collections => _collections.Values;

    public long LastPosition => _events.Count == 0 ? 0 : _events.Keys.Last();

    public bool IsEmpty => _events.Count == 0 && _collections.Count == 0 && _rows.Values.All(rows => rows.Count == 0);

    public MoveContent Clone()
    {
        var clone = new MoveContent
        {
            Header = Header,
            Role = Role,
            Other = Other,
            _lastCollectionNumber = _lastCollectionNumber,
        };
        foreach (var (position, recorded) in _events)
            clone._events.Add(position, recorded);
        foreach (var (name, collection) in _collections)
            clone._collections.Add(name, collection);
        foreach (var (name, rows) in _rows)
            clone._rows.Add(name, new SortedDictionary<string, MovedRow>(rows, StringComparer.Ordinal));
        return clone;
    }

    public void Add(RecordedEvent recorded)
    {
        Expect.True(
            recorded.Position > LastPosition,
            $"the event at {recorded.Position} was written after the event at {LastPosition}");
        _events.Add(recorded.Position, recorded);
    }

    public void RemoveEvent(long position) => _events.Remove(position);

    public void Create(CollectionDefinition definition)
    {
        if (_collections.TryGetValue(definition.Name, out var existing) && existing.Definition.IsStoredAs(definition))
            return;
        Drop(definition.Name);
        _collections.Add(definition.Name, new MovedCollection(++_lastCollectionNumber, definition, IsNoted: true));
    }

    public void Drop(string collection)
    {
        if (_collections.Remove(collection, out var existing))
            RowsOf(existing.Table).Clear();
    }

    /// <summary>Returns the rows of a table, in the order of the text of their keys.</summary>
    public SortedDictionary<string, MovedRow> RowsOf(MovedTable table)
    {
        var name = table.IsDocuments ? $"documents of {table.Name}" : table.Name;
        if (!_rows.TryGetValue(name, out var rows))
            _rows.Add(name, rows = new SortedDictionary<string, MovedRow>(StringComparer.Ordinal));
        return rows;
    }

    public static string KeyOf(MovedTable table, MovedRow row) => row.Key(table.KeyColumns).ToString();

    /// <summary>Writes a row whose values have the types of the table's columns.</summary>
    public void Put(MovedTable table, MovedRow row)
    {
        Expect.Equal(table.Columns.Count, row.Values.Count, $"the number of values in a row of {table.Name}");
        foreach (var (column, value) in table.Columns.Zip(row.Values))
            Expect.True(
                value is null || value.GetType() == TypeOf(column.Kind),
                $"{column.Name} of {table.Name} is of kind {column.Kind}, but its value is a {value?.GetType().Name}");
        RowsOf(table)[KeyOf(table, row)] = row;
    }

    public void Put(MovedTable table, params object?[] values) => Put(table, new MovedRow(values));

    /// <summary>Compares everything except the header and the role.</summary>
    public static void ExpectSame(MoveContent expected, MoveContent actual)
    {
        Expect.Same(expected._events.Keys, actual._events.Keys, "the positions of the events");
        foreach (var (left, right) in expected.Events.Zip(actual.Events))
            FidelityChecks.ExpectSame(left, right);
        Expect.Same(expected._collections.Keys, actual._collections.Keys, "the collections");
        foreach (var (name, collection) in expected._collections)
            Expect.True(
                collection.Definition.IsStoredAs(actual._collections[name].Definition),
                $"the fields of '{name}' differ");
        foreach (var table in MovedTables.All.Concat(expected.Collections.Select(collection => collection.Table)))
            Expect.Same(
                expected.RowsOf(table).Values, actual.RowsOf(table).Values, $"the rows of the table '{table.Name}'");
    }

    private static Type TypeOf(MovedKind kind) => kind switch
    {
        MovedKind.Text or MovedKind.Prose or MovedKind.Scope or MovedKind.Stream => typeof(string),
        MovedKind.Id => typeof(Guid),
        MovedKind.Bytes => typeof(byte[]),
        MovedKind.Decimal => typeof(decimal),
        MovedKind.Real => typeof(double),
        _ => typeof(long),
    };
}
