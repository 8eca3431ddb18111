using Millrace;

namespace Bakery;

[Event("flour.weighed")]
public sealed record FlourWeighed(string Batch, int Kilos);

[Event("water.weighed")]
public sealed record WaterWeighed(string Batch, int Litres);

/// <summary>An event that replaces two earlier event types.</summary>
[Event("dough.weighed")]
public sealed record DoughWeighed(string Batch, int Kilos, int Litres)
{
    [Upcast]
    public static DoughWeighed Both(FlourWeighed flour, WaterWeighed water) =>
        new(flour.Batch, flour.Kilos, water.Litres);
}

[Stream("dough")]
public sealed partial class Dough : Aggregate<string>
{
    private readonly List<string> _seen = [];

    public IReadOnlyList<string> Seen => _seen;

    public void Weigh(int kilos, int litres)
    {
        Raise(new FlourWeighed(Id, kilos));
        Raise(new WaterWeighed(Id, litres));
    }

    private void When(FlourWeighed weighed) => _seen.Add($"flour {weighed.Kilos}");

    private void When(WaterWeighed weighed) => _seen.Add($"water {weighed.Litres}");

    private void When(DoughWeighed weighed) => _seen.Add($"dough {weighed.Kilos}/{weighed.Litres}");
}

public sealed record Batch(string Name, int Doughs);

[Projection("batches")]
public sealed partial class BatchesProjection : Projection<string, Batch>
{
    public static string Key(DoughWeighed weighed) => weighed.Batch;

    public static Batch Apply(Batch? batch, DoughWeighed weighed) => new(weighed.Batch, (batch?.Doughs ?? 0) + 1);
}

/// <summary>A second projection with documents of the same type and other numbers.</summary>
[Projection("kilos")]
public sealed partial class KilosProjection : Projection<string, Batch>
{
    public static string Key(DoughWeighed weighed) => weighed.Batch;

    public static Batch Apply(Batch? batch, DoughWeighed weighed) =>
        new(weighed.Batch, (batch?.Doughs ?? 0) + weighed.Kilos);
}
