using Millrace.Storage;

namespace Millrace.Tests;

public sealed record Berthed(string Ship, string Dock, DateTimeOffset? Until);

/// <summary>A reservation of a dock, which expires. The number of changes shows which events it contains.</summary>
public sealed record Berth(string Ship, string Dock, DateTimeOffset? Until, int Changes);

/// <summary>A projection with one document per ship, which expires.</summary>
public sealed class BerthProjection : Projection<string, Berth>
{
    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
        keys.Add(((Berthed)recorded.Data).Ship);

    protected internal override Berth? Fold(string key, Berth? document, RecordedEvent recorded)
    {
        var berthed = (Berthed)recorded.Data;
        return berthed.Dock == "none"
            ? throw new InvalidOperationException("There is no such dock.")
            : new Berth(key, berthed.Dock, berthed.Until, (document?.Changes ?? 0) + 1);
    }
}

/// <summary>The definitions of the projection of berths.</summary>
internal static class Berths
{
    public static readonly DocumentIndex ByDock = DocumentIndex.Of("dock", "until");

    public static ProjectionDefinition<string, Berth> Define(
        ProjectionLifecycle lifecycle = ProjectionLifecycle.Asynchronous,
        TimeSpan after = default,
        int version = 1,
        string name = "berths",
        string expiry = "until",
        params DocumentIndex[] indexes) => new()
        {
            Name = name,
            Version = version,
            Lifecycle = lifecycle,
            Stream = "ship",
            Events = [typeof(Berthed)],
            Create = static () => new BerthProjection(),
            Document = HarbourJson.Default.Berth,
            Fields =
            [
                new DocumentField<Berth>("dock", FieldKind.Text, static berth => berth.Dock),
                new DocumentField<Berth>("until", FieldKind.Ticks, static berth => FieldValue.From(berth.Until)),
            ],
            Expiry = new DocumentExpiry(expiry) { After = after },
            Indexes = indexes,
        };

    /// <summary>Returns the ships of all documents that a query returns, and the number that a count returns.</summary>
    public static async Task<(string Ships, long Count)> Read(this IReadModel<string, Berth> berths)
    {
        var page = await berths.Query(new ReadQuery { OrderBy = "dock", Limit = 100 }, default, default);
        return (string.Join(' ', page.Items.Select(berth => berth.Ship)), (await berths.Count([], default)).Value);
    }
}
