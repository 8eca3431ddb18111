using Millrace.Testing;

namespace Millrace.TestSupport.Messaging;

/// <summary>What a request over any broker must do.</summary>
/// <param name="connect">Connects an application to the broker.</param>
internal sealed class RequestChecks(Action<MillraceBuilder, Action<TransportBuilder>> connect)
{
    // Others use the processor as well.
    private static readonly RequestOptions Patient = new() { Timeout = TimeSpan.FromMinutes(1) };

    private readonly string _destination = $"stock-{Guid.NewGuid():N}";

    public async Task Run()
    {
        var stock = new Stock();
        await using var warehouse = await Warehouse(stock);
        await Eventually.Holds(() => warehouse.Transports.List().Single().State == TransportState.Connected);
        await using var shop = await Node.Start(Asks);
        await using var other = await Node.Start(Asks);

        // Both nodes ask at once, and each gets its own answers.
        var answers = await Task.WhenAll(
            shop.Requests.Send(new ReserveStock("1", 1), Patient).AsTask(),
            other.Requests.Send(new ReserveStock("2", 1), Patient).AsTask());

        Assert.Equal(["1", "2"], answers.Select(answer => answer.Product));
        Assert.Equal(Stock.InitialStock - 2, await shop.Requests.Ask(new StockOf("1"), Patient));
        var refused = await Assert.ThrowsAsync<RequestRefusedException>(
            async () => await shop.Requests.Send(new ReserveStock("1", 1_000), Patient));
        Assert.Equal(
            ("reserve-stock", _destination, nameof(InvariantViolatedException)),
            (refused.Request, refused.Destination, refused.Error));
        Assert.Contains($"Only {Stock.InitialStock - 2} are left.", refused.Problem, StringComparison.Ordinal);
        Assert.True(refused.IsSettled);
        await FailsOtherwise(shop);

        // Sent again, it is done once and answered as before.
        var once = Patient with { IdempotencyKey = $"once-{_destination}" };
        var first = await shop.Requests.Send(new ReserveStock("1", 3), once);
        Assert.Equal(first, await shop.Requests.Send(new ReserveStock("1", 3), once));
        Assert.Equal(Stock.InitialStock - 5, stock.Left);

        // A refused request is not done when it is repeated, although it could be by now: the sender may have acted on
        // the refusal.
        var kept = Patient with
        {
            IdempotencyKey = $"refused-{_destination}",
        };
        await Assert.ThrowsAsync<RequestRefusedException>(async () =>
            await shop.Requests.Send(new ReserveStock("1", 8), kept));
        stock.Add(5);
        var again = await Assert.ThrowsAsync<RequestRefusedException>(
            async () => await shop.Requests.Send(new ReserveStock("1", 8), kept));
        Assert.Equal(nameof(InvariantViolatedException), again.Error);
        Assert.Contains($"Only {Stock.InitialStock - 5} are left.", again.Problem, StringComparison.Ordinal);
        Assert.Equal(Stock.InitialStock, stock.Left);
        await shop.Requests.Send(new ClearStock("1"), Patient);
        Assert.Equal(0, stock.Left);
    }

    /// <summary>An error that the domain has not refused by leaves open whether a copy is done, but of a query nothing
    /// ever is.</summary>
    private static async Task FailsOtherwise(Node shop)
    {
        var command = await Assert.ThrowsAsync<RequestRefusedException>(async () =>
            await shop.Requests.Send(new ReserveStock("", 1), Patient));
        var query = await Assert.ThrowsAsync<RequestRefusedException>(async () =>
            await shop.Requests.Ask(new StockOf(""), Patient));

        Assert.Equal((nameof(FormatException), false), (command.Error, command.IsSettled));
        Assert.Equal((nameof(FormatException), true), (query.Error, query.IsSettled));
    }

    private Task<Node> Warehouse(Stock stock) =>
        Node.Start(millrace =>
        {
            millrace.AddModel(stock.Register);
            connect(
                millrace,
                transport =>
                    transport.Receive(
                        _destination,
                        _destination,
                        receiver => receiver.Answer<ReserveStock>().Answer<ClearStock>().Answer<StockOf>()));
        });

    private void Asks(MillraceBuilder millrace)
    {
        millrace.AddModel(model => model.Json(StockJson.Default));
        connect(millrace, transport => transport
            .Request<ReserveStock>(_destination).Request<ClearStock>(_destination).Request<StockOf>(_destination));
    }
}
