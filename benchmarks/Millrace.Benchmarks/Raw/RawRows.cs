using System.Text;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.Raw;

/// <summary>
/// Writes rows to a SQLite file with the settings of the log. It uses a write-ahead log and syncs every commit.
/// </summary>
internal sealed class RawRows : IRowWriter
{
    public const string Create = "CREATE TABLE rows (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID";
    public const string Insert = "INSERT INTO rows (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING";

    private readonly RawConnection _connection;
    private readonly RawStatement _insert;

    public RawRows(string file)
    {
        _connection = new RawConnection(file);
        _connection.Execute("PRAGMA journal_mode=WAL");
        _connection.Execute("PRAGMA synchronous=FULL");
        _connection.Execute(Create);
        _insert = _connection.Prepare(Insert);
    }

    public ValueTask Write(IReadOnlyList<(string Id, ReadOnlyMemory<byte> Body)> rows)
    {
        _connection.Execute("BEGIN IMMEDIATE");
        foreach (var (id, body) in rows)
            _insert.BindText(1, Encoding.UTF8.GetBytes(id)).Bind(2, body.Span).Run();
        _connection.Execute("COMMIT");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _insert.Dispose();
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }
}
