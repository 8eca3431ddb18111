using Millrace.Testing;

namespace Millrace.TestSupport.Messaging;

/// <summary>Checks requests over any broker.</summary>
/// <param name="connect">Connects an application to the broker.</param>
internal sealed class RequestChecks(Action<MillraceBuilder, Action<TransportBuilder>> connect)
{
    // Long, because other tests and builds share the processor.
    private static readonly RequestOptions LongTimeout = new() { Timeout = TimeSpan.FromMinutes(1) };

    private readonly string _destination = $"stock-{Guid.NewGuid():N}";

    public async Task Run()
    {
        var stock = new Stock();
        await using var warehouse = await Warehouse(stock);
        await Eventually.Until(() => warehouse.Transports.List().Single().State == TransportState.Connected);
        await using var shop = await Node.Start(ConfigureShop);
        await using var other = await Node.Start(ConfigureShop);

        // Both nodes send requests at the same time, and each receives its own answers.
        var answers = await Task.WhenAll(
            shop.Requests.Send(new ReserveStock("1", 1), LongTimeout).AsTask(),
            other.Requests.Send(new ReserveStock("2", 1), LongTimeout).AsTask());

        Assert.Equal(["1", "2"], answers.Select(answer => answer.Product));
        Assert.Equal(Stock.InitialStock - 2, await shop.Requests.Ask(new StockOf("1"), LongTimeout));
        var refused = await Assert.ThrowsAsync<RequestRefusedException>(
            async () => await shop.Requests.Send(new ReserveStock("1", 1_000), LongTimeout));
        Assert.Equal(
            ("reserve-stock", _destination, nameof(InvariantViolatedException)),
            (refused.Request, refused.Destination, refused.Error));
        Assert.Contains($"Only {Stock.InitialStock - 2} are left.", refused.Problem, StringComparison.Ordinal);
        Assert.True(refused.IsSettled);
        await CheckUnexpectedErrors(shop);

        // A repeated request is handled once and has the same answer.
        var withKey = LongTimeout with { IdempotencyKey = $"once-{_destination}" };
        var first = await shop.Requests.Send(new ReserveStock("1", 3), withKey);
        Assert.Equal(first, await shop.Requests.Send(new ReserveStock("1", 3), withKey));
        Assert.Equal(Stock.InitialStock - 5, stock.Remaining);

        // A repeated refused request is not handled, although the stock is now sufficient. The sender may have acted on
        // the refusal.
        var refusedBefore = LongTimeout with
        {
            IdempotencyKey = $"refused-{_destination}",
        };
        await Assert.ThrowsAsync<RequestRefusedException>(async () =>
            await shop.Requests.Send(new ReserveStock("1", 8), refusedBefore));
        stock.Add(5);
        var repeated = await Assert.ThrowsAsync<RequestRefusedException>(
            async () => await shop.Requests.Send(new ReserveStock("1", 8), refusedBefore));
        Assert.Equal(nameof(InvariantViolatedException), repeated.Error);
        Assert.Contains($"Only {Stock.InitialStock - 5} are left.", repeated.Problem, StringComparison.Ordinal);
        Assert.Equal(Stock.InitialStock, stock.Remaining);
        await shop.Requests.Send(new ClearStock("1"), LongTimeout);
        Assert.Equal(0, stock.Remaining);
    }

    /// <summary>
    /// Checks errors that are no domain refusals. A copy of a command may still be handled, but a query has no effect.
    /// </summary>
    private static async Task CheckUnexpectedErrors(Node shop)
    {
        var command = await Assert.ThrowsAsync<RequestRefusedException>(async () =>
            await shop.Requests.Send(new ReserveStock("", 1), LongTimeout));
        var query = await Assert.ThrowsAsync<RequestRefusedException>(async () =>
            await shop.Requests.Ask(new StockOf(""), LongTimeout));

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

    private void ConfigureShop(MillraceBuilder millrace)
    {
        millrace.AddModel(model => model.Json(StockJson.Default));
        connect(millrace, transport => transport
            .Request<ReserveStock>(_destination).Request<ClearStock>(_destination).Request<StockOf>(_destination));
    }
}
