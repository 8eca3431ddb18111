using System.Text.Json;
using Millrace.Benchmarks.Data;

namespace Millrace.Benchmarks.Raw;

/// <summary>A hand-written read model, which sums up lines by key in memory.</summary>
internal sealed class RawTotals
{
    private readonly Dictionary<int, LineTotal> _totals = new(SampleLines.Keys);

    /// <summary>Gets the position of the last line.</summary>
    public long Last { get; private set; }

    public void Add(long position, LineAdded line)
    {
        _totals[line.Key] = LineTotal.Add(_totals.GetValueOrDefault(line.Key), line);
        Last = position;
    }

    /// <summary>Returns the documents.</summary>
    public IEnumerable<(int Key, byte[] Body)> Documents()
    {
        foreach (var total in _totals.Values)
            yield return (total.Key, JsonSerializer.SerializeToUtf8Bytes(total, DataJson.Default.LineTotal));
    }
}
