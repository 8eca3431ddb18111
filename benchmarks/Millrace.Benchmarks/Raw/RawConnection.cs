using SQLitePCL;

namespace Millrace.Benchmarks.Raw;

/// <summary>A connection through the bare SQLite driver. Only one thread may use it at a time.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly sqlite3 _handle;

    static RawConnection() => Batteries_V2.Init();

    public RawConnection(string file)
    {
        const int Flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX;
        var result = raw.sqlite3_open_v2(file, out _handle, Flags, null);
        Check(result);
    }

    public static string Version
    {
        get
        {
            Batteries_V2.Init();
            return raw.sqlite3_libversion().utf8_to_string();
        }
    }

    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    public RawStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        return new RawStatement(this, statement);
    }

    public long Scalar(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Integer(0) : 0;
    }

    public void Check(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw new InvalidOperationException(
                $"SQLite returned {result}: {raw.sqlite3_errmsg(_handle).utf8_to_string()}");
    }

    public void Dispose() => _handle.Dispose();
}
