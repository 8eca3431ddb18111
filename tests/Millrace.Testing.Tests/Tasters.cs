using Bakery;

namespace Millrace.Testing.Tests;

/// <summary>Consumers whose handlers fail for some breads.</summary>
public static class Tasters
{
    private static readonly EventFilter Breads = EventFilter.OfTypes("bread.baked");

    public static ConsumerDefinition EachBread { get; } = ConsumerDefinition.Each("taster", Breads, (recorded, _) =>
    {
        Taste(recorded);
        return ValueTask.CompletedTask;
    });

    public static ConsumerDefinition InBatches { get; } = ConsumerDefinition.Batch("taster", Breads, (events, _) =>
    {
        foreach (var recorded in events)
            Taste(recorded);
        return ValueTask.CompletedTask;
    });

    private static void Taste(RecordedEvent recorded)
    {
        if (recorded.Data is BreadBaked { Kind: "stone" })
            throw new NotSupportedException("Nobody can taste a stone.");
    }
}
