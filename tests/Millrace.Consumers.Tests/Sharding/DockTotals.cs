using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>The inspections of a dock. Events of ships in several shards change it.</summary>
public sealed record DockTotal(string Dock, int Inspections, string LastShip) : ICombinable<DockTotal>
{
    public DockTotal CombineWith(DockTotal other) => new(
        Dock,
        Inspections + other.Inspections,
        string.CompareOrdinal(LastShip, other.LastShip) >= 0 ? LastShip : other.LastShip);
}

/// <summary>A projection with one document per dock, which can be combined.</summary>
public sealed class DockTotalProjection : Projection<string, DockTotal>
{
    public static ProjectionDefinition<string, DockTotal> Define() => new()
    {
        Name = "dock-totals",
        Events = [typeof(Inspected)],
        Create = static () => new DockTotalProjection(),
        Document = HarbourJson.Default.DockTotal,
        Fields =
        [
            new DocumentField<DockTotal>("inspections", FieldKind.Integer, static total => total.Inspections),
            new DocumentField<DockTotal>("lastShip", FieldKind.Text, static total => total.LastShip),
        ],
    };

    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
    {
        foreach (var dock in ((Inspected)recorded.Data).Docks)
            keys.Add(dock);
    }

    protected internal override DockTotal? Fold(string key, DockTotal? document, RecordedEvent recorded)
    {
        var ship = ((Inspected)recorded.Data).Ship;
        return document is null
            ? new DockTotal(key, 1, ship)
            : document.CombineWith(new DockTotal(key, 1, ship));
    }
}
