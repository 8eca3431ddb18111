using System.Text.Json;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.Raw;

/// <summary>
/// Hand-written reads of a SQLite log. They use one streaming statement, spans of the driver's memory, and
/// System.Text.Json with generated metadata.
/// </summary>
internal sealed class RawScan(string file, string target) : IRawReader
{
    private readonly RawConnection _connection = new(file);

    public ValueTask<long> Scan(Action<long, LineAdded> handle)
    {
        using var select = _connection.Prepare(RawSchema.SelectLog);
        var events = 0L;
        while (select.Step())
        {
            var line = JsonSerializer.Deserialize(
                select.Blob(RawSchema.PayloadColumn), DataJson.Default.LineAdded)!; // No payload is a JSON null.
            handle(select.Integer(0), line);
            events++;
        }
        return new(events);
    }

    public async ValueTask<long> Rebuild()
    {
        var totals = new RawTotals();
        var events = await Scan(totals.Add);
        using var connection = new RawConnection(target);
        connection.Execute("PRAGMA journal_mode = WAL");
        connection.Execute(RawSchema.Settings);
        connection.Execute("DROP TABLE IF EXISTS totals");
        connection.Execute(
            "CREATE TABLE totals (key TEXT PRIMARY KEY, version INTEGER, position INTEGER, body BLOB) WITHOUT ROWID");
        connection.Execute("BEGIN IMMEDIATE");
        using var insert = connection.Prepare("INSERT INTO totals (key, version, position, body) VALUES (?, 1, ?, ?)");
        foreach (var (key, body) in totals.Documents())
            insert.BindText(1, SampleLines.KeyTexts[key]).Bind(2, totals.Last).Bind(3, body).Run();
        connection.Execute("COMMIT");
        return events;
    }

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }
}
