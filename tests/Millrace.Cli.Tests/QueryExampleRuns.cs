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
        new("sql \"SELECT type, count(*) FROM events GROUP BY type\"", 0, "order.placed"),
        new("sql \"SELECT avg(amount) FROM event_order_placed\"", 0, "avg"),
        new("sql \"SELECT * FROM views\"", 0, "event_order_placed", "dead_letters"),
        new("sql \"DESCRIBE event_order_placed\"", 0, "BIGINT", "amount"),
        new("sql \"FROM event_order_placed\" --format csv -o placed.csv", 0),
        new("sql \"FROM events\" --format parquet -o events.parquet -n 1000000", 0),
        new("sql", 2, "The statement is empty"),
        new("sql --file report.sql --json", 3, "report.sql"),
        new("advise", 0),
        new("advise list --json", 0, "["),
        new("advise queries", 0),
        new("advise indexes", 0),
        new("advise apply idx_orders_status_total", 3, "idx_orders_status_total"),
        new("advise remove idx_orders_status_total", 3, "idx_orders_status_total"),
        new("views", 0, "No application has stored a materialized view"),
        new("views list --json", 0, "["),
        new("views refresh best-sellers", 3, "best-sellers"),
        new("views refresh best-sellers --wait 300", 3, "best-sellers"),
        new("views drop best-sellers", 3, "best-sellers"),
        new("alerts", 0, "No application has recorded alert rules"),
        new("alerts list --json", 0, "["),
        new("alerts show memory", 3, "memory"),
        new("alerts show memory --json", 3, "memory"),
        new("alerts ack memory-3", 3, "memory-3"),
        new("alerts silence memory --for 02:00:00 --reason \"load test\"", 3, "memory"),
        new("alerts try memory --since 7d", 3, "memory"),
        new("recovery", 0, "No fault is known."),
        new("recovery list --json", 0, "["),
        new("recovery history", 0, "Nothing was diagnosed or done."),
        new("recovery history --limit 10", 0, "Nothing was diagnosed or done."),
        new("recovery actions", 0, "No application has recorded recovery actions"),
        new("recovery run restart-consumer mail-sender", 3, "no application with UseRecovery has started"),
        new("recovery run restart-consumer mail-sender --dry-run", 3, "no application with UseRecovery has started"),
        new("alerts try memory --threshold 0.8", 3, "memory"),
    ];
}
