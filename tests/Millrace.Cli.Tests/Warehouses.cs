namespace Millrace.Cli.Tests;

/// <summary>A warehouse of the sample shop, whose rules are those of a decider.</summary>
internal static class Warehouses
{
    /// <summary>Has a warehouse opened and then closed for maintenance.</summary>
    public static async Task OpenWarehouse(this Tool tool, string id)
    {
        const string Place = """{"address":{"street":"1 Mill Lane","city":"Rochdale","state":"","postalCode":"","country":"England"}}""";
        const string At = "\"occurredAt\":\"2026-01-01T00:00:00Z\"";
        var stream = "warehouse-" + id;
        await tool.Append(stream, "warehouse.opened", $$"""{"warehouse":"{{id}}","name":"The mill","location":{{Place}},{{At}}}""");
        await tool.Append(stream, "warehouse.status-changed", $$"""{"warehouse":"{{id}}","status":"maintenance",{{At}}}""");
    }
}
