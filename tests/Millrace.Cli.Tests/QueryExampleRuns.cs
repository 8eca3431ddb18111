namespace Millrace.Cli.Tests;

/// <summary>Lists the examples of commands that explain queries and recommend storages and indexes.</summary>
internal static class QueryExampleRuns
{
    public static ExampleRun[] All =>
    [
        new("storage choose --performance high --consistency high --cost low", 0, "KeepLogInMemory"),
        new("storage choose --performance medium --consistency high --cost low --json", 0, "eventStoreWithCaching"),
        new("explain --type order.placed --since 24h", 0, "index scan"),
        new("explain orders --where status=paid --order-by total", 3, "orders"),
        new("explain --of order-42", 0, "index scan"),
        new("explain --claim email:ada@example.org", 0, "index scan"),
        new("advise", 0),
        new("advise list --json", 0, "["),
        new("advise queries", 0),
        new("advise indexes", 0),
        new("advise apply idx_orders_status_total", 3, "idx_orders_status_total"),
        new("advise remove idx_orders_status_total", 3, "idx_orders_status_total"),
    ];
}
