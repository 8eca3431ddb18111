namespace Millrace.Benchmarks.Data;

/// <summary>Sums up lines by key, like the hand-written code in <see cref="Raw.RawTotals"/>.</summary>
internal sealed class LineTotals : Projection<int, LineTotal>
{
    public static ProjectionDefinition<int, LineTotal> Definition { get; } = new()
    {
        Name = "line-totals",
        Events = [typeof(LineAdded)],
        Create = () => new LineTotals(),
        Document = DataJson.Default.LineTotal,
    };

    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<int> keys)
    {
        if (recorded.Data is LineAdded line)
            keys.Add(line.Key);
    }

    protected internal override LineTotal? Fold(int key, LineTotal? document, RecordedEvent recorded) =>
        recorded.Data is LineAdded line ? LineTotal.Add(document, line) : document;
}
