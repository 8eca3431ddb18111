using System.Text.Json;
using Commerce.Catalogue;
using Commerce.Inventory;
using Commerce.Orders;
using Commerce.Payments;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;
using PublishedOrders = Commerce.Chaos.PublishedOrders;

namespace Commerce.Tests.Chaos;

/// <summary>The log of the shop, read from its first event to its last and added up.</summary>
internal sealed class ChaosBooks
{
    private const string Parcels = "parcels"; // The list of parcels has no place for those to Atlantis, and says so.

    private readonly HashSet<Guid> _ids = [];
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private long _position;

    public Dictionary<OrderId, BookedOrder> Orders { get; } = [];

    /// <summary>How many there are of each product, and how many of them are kept.</summary>
    public Dictionary<ProductId, (int Quantity, int Reserved)> Stock { get; } = [];

    /// <summary>How many of each product came in from outside.</summary>
    public Dictionary<ProductId, int> Brought { get; } = [];

    /// <summary>What the processes noted: how often each step was done, by instance and step.</summary>
    public Dictionary<(string Process, string Step), int> StepsDone { get; } = [];

    /// <summary>Where the processes stand, by their last word.</summary>
    public Dictionary<string, string> Processes { get; } = new(StringComparer.Ordinal);

    /// <summary>Why each process is held that is.</summary>
    public Dictionary<string, string> Reasons { get; } = new(StringComparer.Ordinal);

    /// <summary>The ids of the events that are published, in order, by their stream.</summary>
    public Dictionary<string, List<string>> Published { get; } = new(StringComparer.Ordinal);

    /// <summary>The events that consumers could not handle, with the reasons.</summary>
    public IReadOnlyList<string> DeadLetters { get; private set; } = [];

    /// <summary>How many events there are.</summary>
    public int Events => _ids.Count;

    public static async Task<ChaosBooks> Read(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace.UsePostgreSql(connectionString).AddModel<Shop>()
            .ConfigureConsumers(all => all.IsEnabled = false));
        using var host = builder.Build();
        await host.StartAsync();
        var books = new ChaosBooks();
        await foreach (var recorded in host.Services.GetRequiredService<EventStore>().ReadLog(EventFilter.All))
            books.Take(recorded);
        var letters = await host.Services.GetRequiredService<DeadLetters>().List(new DeadLetterQuery());
        books.DeadLetters =
        [
            .. letters.Where(letter => !letter.Consumer.StartsWith(Parcels, StringComparison.Ordinal))
                .Select(letter => $"{letter.Consumer} at {letter.Position}: {letter.State}, {letter.Message}"),
        ];
        await host.StopAsync();
        return books;
    }

    private void Take(RecordedEvent recorded)
    {
        Assert.True(recorded.Position == ++_position, $"Position {_position} is missing.");
        Assert.True(_ids.Add(recorded.Id), $"The event at {_position} stands in the log twice.");
        var stream = recorded.Stream.Value;
        Assert.Equal(_versions.GetValueOrDefault(stream) + 1, recorded.Version);
        _versions[stream] = recorded.Version;
        if (PublishedOrders.Types.Contains(recorded.Type))
            (Published.TryGetValue(stream, out var ids) ? ids : Published[stream] = []).Add(recorded.Id.ToString());
        if (stream.StartsWith("process-fulfilment-", StringComparison.Ordinal))
            TakeStep(recorded, stream["process-fulfilment-".Length..]);
        else
            TakeFact(recorded);
    }

    private void TakeStep(RecordedEvent recorded, string process)
    {
        using var note = JsonDocument.Parse(recorded.Payload);
        switch (recorded.Type)
        {
            case "processes.step-done" or "processes.compensation-done":
                var step = $"{recorded.Type} {note.RootElement.GetProperty("step").GetString()}";
                StepsDone[(process, step)] = StepsDone.GetValueOrDefault((process, step)) + 1;
                break;
            case "processes.started" or "processes.completed" or "processes.compensated" or "processes.held" or "processes.resumed":
                Processes[process] = recorded.Type["processes.".Length..];
                if (recorded.Type == "processes.held")
                    Reasons[process] = note.RootElement.TryGetProperty("reason", out var reason) ? reason.GetString() ?? "" : "";
                break;
        }
    }

    private void TakeFact(RecordedEvent recorded)
    {
        switch (recorded.Stream.Value.Split('-')[0])
        {
            case "order":
                TakeOrder(recorded.Data);
                break;
            case "inventory":
                TakeStock(recorded.Data);
                break;
            case "payment":
                TakePayment(recorded.Data);
                break;
        }
    }

    private void TakeOrder(object happened)
    {
        switch (happened)
        {
            case OrderCreated created:
                Orders.Add(created.Order, new BookedOrder());
                break;
            case OrderItemAdded added:
                var booked = Orders[added.Order];
                booked.Wanted[added.Product] = booked.Wanted.GetValueOrDefault(added.Product) + added.Quantity;
                booked.Total += added.Quantity * added.UnitPrice.Amount;
                break;
            case OrderSubmitted submitted:
                Orders[submitted.Order].Due = Orders[submitted.Order].Total - submitted.Discount.Amount;
                Turn(submitted.Order, OrderStatus.Submitted, "submitted");
                break;
            case OrderCheckedOut checkedOut:
                Orders[checkedOut.Order].Checkouts++;
                break;
            case OrderPaid paid:
                Turn(paid.Order, OrderStatus.Paid, "paid");
                break;
            case OrderProcessingStarted started:
                Turn(started.Order, OrderStatus.Processing, "processed");
                break;
            case OrderShipped shipped:
                Turn(shipped.Order, OrderStatus.Shipped, "shipped");
                break;
            case OrderDelivered delivered:
                Turn(delivered.Order, OrderStatus.Delivered, "delivered");
                break;
            case OrderPaymentFailed failed:
                Turn(failed.Order, OrderStatus.PaymentFailed, "unpaid");
                break;
            case OrderFailed failed:
                Turn(failed.Order, OrderStatus.Failed, "failed");
                break;
            case OrderCancelled cancelled:
                Turn(cancelled.Order, OrderStatus.Cancelled, "cancelled");
                break;
        }
    }

    private void Turn(OrderId order, OrderStatus status, string what)
    {
        Orders[order].Status = status;
        Orders[order].Count(what);
    }

    private void TakeStock(object happened)
    {
        switch (happened)
        {
            case StockAdded added:
                Move(added.Product, added.Quantity, 0);
                if (added.Reason != "order not fulfilled")
                    Change(Brought, added.Product, added.Quantity);
                break;
            case InventoryReserved reserved:
                Move(reserved.Product, 0, reserved.Quantity);
                Change(Orders[reserved.Order].Reserved, reserved.Product, reserved.Quantity);
                break;
            case InventoryReleased released:
                Move(released.Product, 0, -released.Quantity);
                Change(Orders[released.Order].Reserved, released.Product, -released.Quantity);
                break;
            case InventoryCommitted committed:
                Move(committed.Product, -committed.Quantity, -committed.Quantity);
                Change(Orders[committed.Order].Reserved, committed.Product, -committed.Quantity);
                Change(Orders[committed.Order].Taken, committed.Product, committed.Quantity);
                break;
        }
    }

    private void TakePayment(object happened)
    {
        switch (happened)
        {
            case PaymentProcessed processed:
                Orders[processed.Order].Paid += processed.Amount.Amount;
                break;
            case PaymentRefunded refunded:
                Orders[refunded.Order].Paid -= refunded.Amount.Amount;
                break;
        }
    }

    private void Move(ProductId product, int quantity, int reserved)
    {
        var before = Stock.GetValueOrDefault(product);
        var (there, kept) = Stock[product] = (before.Quantity + quantity, before.Reserved + reserved);
        Assert.True(kept >= 0 && there >= kept, $"More of {product} was promised at {_position} than there was.");
    }

    private static void Change(Dictionary<ProductId, int> amounts, ProductId product, int by) =>
        amounts[product] = amounts.GetValueOrDefault(product) + by;
}
