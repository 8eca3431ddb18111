using System.Text.Json;
using Millrace.Benchmarks.Data;

namespace Millrace.Benchmarks.Raw;

/// <summary>
/// Reading the log by hand: one streaming statement, spans of the driver's own memory, System.Text.Json with generated metadata.
/// </summary>
internal static class RawScan
{
    /// <summary>Reads and decodes every event.</summary>
    /// <returns>How many there were.</returns>
    public static long Scan(RawConnection connection, Action<long, LineAdded> handle)
    {
        using var select = connection.Prepare(RawSchema.SelectLog);
        var events = 0L;
        while (select.Step())
        {
            var line = JsonSerializer.Deserialize(
                select.Blob(RawSchema.PayloadColumn), DataJson.Default.LineAdded)!; // The payloads are no JSON nulls.
            handle(select.Integer(0), line);
            events++;
        }
        return events;
    }

    /// <summary>Reads, decodes, folds by key in memory, and writes every key's document in one transaction.</summary>
    public static long Rebuild(RawConnection source, RawConnection target)
    {
        var totals = new Dictionary<int, LineTotal>(SampleLines.Keys);
        var last = 0L;
        var events = Scan(source, (position, line) =>
        {
            totals[line.Key] = LineTotal.Add(totals.GetValueOrDefault(line.Key), line);
            last = position;
        });
        target.Execute("DROP TABLE IF EXISTS totals");
        target.Execute("CREATE TABLE totals (key TEXT PRIMARY KEY, version INTEGER, position INTEGER, body BLOB) WITHOUT ROWID");
        target.Execute("BEGIN IMMEDIATE");
        using var insert = target.Prepare("INSERT INTO totals (key, version, position, body) VALUES (?, 1, ?, ?)");
        foreach (var total in totals.Values)
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(total, DataJson.Default.LineTotal);
            insert.BindText(1, SampleLines.KeyTexts[total.Key]).Bind(2, last).Bind(3, body).Run();
        }
        target.Execute("COMMIT");
        return events;
    }
}
