using System.Globalization;
using System.Text;
using DuckDB.NET.Data;

namespace Millrace.Sql;

/// <summary>
/// Writes rows to a table of the engine, and then creates a view of it. If rows have JSON, each member of the JSON
/// object becomes a column.
/// </summary>
internal sealed class TableWriter : IDisposable
{
    private readonly SqlSession _session;
    private readonly string _view;
    private readonly string _stored;
    private readonly string _table;
    private readonly IReadOnlyList<TableColumn> _columns;
    private readonly MemberReader? _members;
    private readonly IReadOnlyList<SqlColumn> _declared;
    private DuckDBAppender? _appender;

    /// <summary>Creates the table.</summary>
    /// <param name="session">The session of the engine.</param>
    /// <param name="view">The name of the view.</param>
    /// <param name="columns">The columns with fixed types.</param>
    /// <param name="hasMembers">Whether members of JSON become columns.</param>
    /// <param name="declared">The members that are columns without values; null for none.</param>
    public TableWriter(
        SqlSession session,
        string view,
        IReadOnlyList<TableColumn> columns,
        bool hasMembers,
        IReadOnlyList<SqlColumn>? declared = null)
    {
        (_session, _view, _columns, _declared) = (session, view, columns, hasMembers ? declared ?? [] : []);
        _stored = session.NewTableName();
        _table = SqlNames.Quote(_stored);
        _members = hasMembers ? new MemberReader() : null;
        var stored = columns
            .Where(static column => column.Source is null)
            .Select(static column => $"{SqlNames.Quote(column.Name)} {column.Type}");
        session.Execute($"CREATE TABLE {_table} ({string.Join(", ", stored)})");
    }

    /// <summary>Adds a row.</summary>
    /// <param name="item">The item of the row.</param>
    /// <param name="append">Appends the values of the columns with fixed types.</param>
    /// <param name="json">The JSON with the members; other bytes have no members.</param>
    public void Add<T>(T item, Action<IDuckDBAppenderRow, T> append, ReadOnlySpan<byte> json = default)
    {
        if (_members?.Read(json) is > 0 and var added)
            AddColumns(added);
        _appender ??= _session.CreateAppender(_stored);
        var row = _appender.CreateRow();
        append(row, item);
        foreach (var cell in _members?.Cells ?? [])
            _ = cell is null ? row.AppendNullValue() : row.AppendValue(cell);
        row.EndRow();
    }

    /// <summary>Creates the view after the last row.</summary>
    public void Finish()
    {
        Close();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var sql = new StringBuilder($"CREATE VIEW {SqlNames.Quote(_view)} AS SELECT ");
        foreach (var column in _columns)
        {
            taken.Add(column.Name);
            sql.Append(CultureInfo.InvariantCulture, $"{column.Expression} AS {SqlNames.Quote(column.Name)}, ");
        }
        foreach (var (member, expression) in Members())
        {
            var name = SqlNames.TakeFree(member, taken);
            sql.Append(CultureInfo.InvariantCulture, $"{expression} AS {SqlNames.Quote(name)}, ");
        }
        sql.Length -= 2;
        _session.Execute(sql.Append(CultureInfo.InvariantCulture, $" FROM {_table}").ToString());
    }

    public void Dispose() => Close();

    /// <summary>Returns the members with their expressions. A declared one without values has its declared
    /// type.</summary>
    private IEnumerable<(string Name, string Expression)> Members()
    {
        var known = _members?.Columns ?? [];
        foreach (var member in known)
        {
            var declared = member.HasValues ? null : _declared.FirstOrDefault(one => one.Name == member.Name);
            yield return (member.Name, declared is null ? member.Expression : NullOf(declared));
        }
        foreach (var declared in _declared.Where(one => known.All(member => member.Name != one.Name)))
            yield return (declared.Name, NullOf(declared));
    }

    private static string NullOf(SqlColumn column) => $"CAST(NULL AS {column.Type})";

    private void AddColumns(int count)
    {
        Close();
        foreach (var column in _members!.Columns.Skip(_members.Columns.Count - count)) // Only members add columns.
            _session.Execute($"ALTER TABLE {_table} ADD COLUMN {column.StoredName} VARCHAR");
    }

    private void Close()
    {
        _appender?.Dispose();
        _appender = null;
    }
}
