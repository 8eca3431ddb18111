using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Collects the statements with which a projection changes its tables. They run in order, in one transaction with the
/// checkpoint.
/// </summary>
public sealed class SqlBatch
{
    private readonly List<SqlStatement> _statements = [];

    internal SqlBatch()
    {
    }

    /// <summary>Gets the number of statements.</summary>
    public int Count => _statements.Count;

    /// <summary>Adds a statement.</summary>
    /// <param name="sql">The text of the statement, which must be the same for all events. Pass values as
    /// parameters.</param>
    /// <param name="parameters">The values of the parameters, in order.</param>
    public void Add(string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sql);
        var values = parameters.Length == 0 ? [] : new object?[parameters.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = parameters[i].Value;
        _statements.Add(new SqlStatement(sql, values));
    }

    /// <summary>Removes all statements except the first <paramref name="count"/> statements.</summary>
    internal void Cut(int count) => _statements.RemoveRange(count, _statements.Count - count);

    internal IReadOnlyList<SqlStatement> Take()
    {
        var statements = _statements.ToArray();
        _statements.Clear();
        return statements;
    }
}
