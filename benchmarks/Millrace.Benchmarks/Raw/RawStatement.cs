using SQLitePCL;

namespace Millrace.Benchmarks.Raw;

/// <summary>A reusable prepared statement.</summary>
internal sealed class RawStatement(RawConnection connection, sqlite3_stmt statement) : IDisposable
{
    public RawStatement Bind(int index, long value)
    {
        raw.sqlite3_bind_int64(statement, index, value);
        return this;
    }

    public RawStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        raw.sqlite3_bind_blob(statement, index, value);
        return this;
    }

    public RawStatement BindText(int index, ReadOnlySpan<byte> utf8)
    {
        raw.sqlite3_bind_text(statement, index, utf8);
        return this;
    }

    /// <summary>Moves to the next row. Returns false when there are no more rows.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW)
            return true;
        connection.Check(result);
        return false;
    }

    public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    /// <summary>Returns the bytes of a column. They are valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(statement, column);

    public void Reset() => raw.sqlite3_reset(statement);

    /// <summary>Runs a statement without results, and resets it.</summary>
    public void Run()
    {
        var result = raw.sqlite3_step(statement);
        if (result != raw.SQLITE_DONE)
            connection.Check(result);
        raw.sqlite3_reset(statement);
    }

    public void Dispose() => statement.Dispose();
}
