namespace Millrace.Cli.Tests;

/// <summary>Adds a warehouse of the sample shop, which is modeled as a decider, to a store.</summary>
internal static class Warehouses
{
    public const string Id = "0192f0c1-2345-7890-abcd-ef0123456780";

    /// <summary>Opens a warehouse and then closes it for maintenance.</summary>
    public static async Task OpenWarehouse(this Tool tool)
    {
        const string Place = """{"address":{"street":"1 Mill Lane","city":"Rochdale","state":"","postalCode":"","country":"England"}}""";
        const string At = "\"occurredAt\":\"2026-01-01T00:00:00Z\"";
        var stream = "warehouse-" + Id;
        await tool.Append(stream,
            "warehouse.opened", $$"""{"warehouse":"{{Id}}","name":"The mill","location":{{Place}},{{At}}}""");
        await tool.Append(stream,
            "warehouse.status-changed", $$"""{"warehouse":"{{Id}}","status":"maintenance",{{At}}}""");
    }
}
