using Millrace.Storage;

namespace Millrace.TestSupport;

/// <summary>A log and a read model of orders, with so many rows that an index and a scan clearly differ.</summary>
internal static class OrderSample
{
    public const string ReadModel = "orders";
    public const string Collection = "orders@1";
    public const int Orders = 3_000;

    private const int BatchOrders = 500;
    private const int Claims = 500;

    private static readonly string[] Statuses = ["paid", "placed", "packed", "sent"];

    /// <summary>Gets the definition of the collection.</summary>
    public static CollectionDefinition Definition { get; } = new(
        Collection,
        [
            new FieldDefinition("status", FieldKind.Text),
            new FieldDefinition("customer", FieldKind.Text),
            new FieldDefinition("total", FieldKind.Integer),
        ]);

    /// <summary>
    /// Appends an event for each order, with rare types and sources in between, and writes a document for each order.
    /// </summary>
    public static async Task Fill(IStorage storage, CancellationToken cancellationToken)
    {
        await storage.Documents.EnsureCollection(Definition, cancellationToken);
        for (var first = 0; first < Orders; first += BatchOrders)
        {
            var orders = Enumerable.Range(first, BatchOrders).ToList();
            await storage.Log.Commit(
                [
                    new CommitRequest { Appends = [.. orders.Select(AppendOf)] },
                    new CommitRequest { Documents = [.. orders.Select(DocumentOf)] },
                ],
                new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddMinutes(first),
                cancellationToken);
        }
        await storage.Log.Commit(
            [new CommitRequest { Claims = [.. Enumerable.Range(0, Claims).Select(ClaimOf)] }],
            new DateTimeOffset(2026, 4, 1, 12, 0, 0, TimeSpan.Zero),
            cancellationToken);
    }

    private static StreamAppend AppendOf(int order) =>
        new(
            new StreamId($"order-{order:D5}"),
            ExpectedVersion.NoStream,
            [
                new EncodedEvent
                {
                    Id = Guid.CreateVersion7(),
                    Type = TypeOf(order),
                    Payload = "{}"u8.ToArray(),
                    Source = order % 500 == 7 ? "import" : "shop",
                    Tags = order % 400 == 5 ? [new Tag("gift", "yes")] : [],
                },
            ]);

    private static Claim ClaimOf(int customer) =>
        Claim.Acquire("email", $"customer-{customer}@example.org", $"customer-{customer}");

    private static string TypeOf(int order) => (order % 300) switch
    {
        1 => "order.cancelled",
        2 => "order.returned",
        _ => "order.placed",
    };

    private static DocumentChange DocumentOf(int order) =>
        new()
        {
            Collection = Collection,
            Key = $"{order:D5}",
            Body = "{}"u8.ToArray(),
            Fields = [Statuses[order % Statuses.Length], $"customer-{order % 50}", (long)order],
        };
}
