using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Generators.Tests.Shop;

namespace Millrace.Generators.Tests;

/// <summary>
/// Tests all generated code of the shop model through the command bus, the query bus and the store of a running
/// application.
/// </summary>
public sealed class ModelTests : IAsyncLifetime
{
    private static readonly Money Price = new(12.50m, "EUR");

    private readonly OrderId _order = OrderId.New();
    private readonly IHost _host = CreateHost();

    private ICommandBus Commands => _host.Services.GetRequiredService<ICommandBus>();

    private IQueryBus Queries => _host.Services.GetRequiredService<IQueryBus>();

    private EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public Task InitializeAsync() => _host.StartAsync();

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    [Fact]
    public async Task A_command_starts_a_stream_with_typed_events_and_their_tags()
    {
        await Commands.Send(new PlaceOrder(_order, Price, new CustomerId("12345")));

        var placed = Assert.Single(await Events(_order));
        Assert.Equal(("order.placed", 1), (placed.Type, placed.SchemaVersion));
        Assert.Equal([new Tag("customer", "12345")], placed.Tags);
        Assert.Equal(Price, Assert.IsType<OrderPlaced>(placed.Data).Total);
    }

    [Fact]
    public async Task A_command_that_creates_an_existing_aggregate_is_refused()
    {
        await Commands.Send(new PlaceOrder(_order, Price));

        await Assert.ThrowsAsync<AggregateExistsException>(() => Commands.Send(new PlaceOrder(_order, Price)).AsTask());
    }

    [Fact]
    public async Task An_aggregate_is_loaded_with_its_When_methods_and_its_handler_returns_the_answer()
    {
        await Commands.Send(new PlaceOrder(_order, Price));

        var receipt = await Commands.Send(new PayOrder(_order, "card"));

        Assert.Equal(new PaymentReceipt("card"), receipt.Value);
        var refused = await Assert.ThrowsAsync<InvariantViolatedException>(() =>
            Commands.Send(new PayOrder(_order, "cash")).AsTask());
        Assert.Equal("order-unpaid", refused.Invariant);
    }

    [Fact]
    public async Task A_command_for_an_aggregate_that_does_not_exist_is_refused() =>
        await Assert.ThrowsAsync<AggregateNotFoundException>(() =>
            Commands.Send(new PayOrder(_order, "card")).AsTask());

    [Fact]
    public async Task An_invalid_command_is_refused_by_its_Validate_method()
    {
        var refused = await Assert.ThrowsAsync<ValidationFailedException>(
            () => Commands.Send(new PlaceOrder(_order, new Money(0, "EUR"))).AsTask());

        Assert.Equal("Total", Assert.Single(refused.Problems).Member);
    }

    [Fact]
    public async Task A_handler_of_two_aggregates_loads_them_by_the_specified_members_and_appends_to_both()
    {
        var other = OrderId.New();
        await Commands.Send(new PlaceOrder(_order, Price));

        await Commands.Send(new ReplaceOrder(_order, other));

        Assert.IsType<OrderCancelled>((await Events(_order))[^1].Data);
        Assert.Equal(Price, Assert.IsType<OrderPlaced>(Assert.Single(await Events(other)).Data).Total);
    }

    [Fact]
    public async Task An_asynchronous_handler_is_awaited()
    {
        await Commands.Send(new PlaceOrder(_order, Price));

        await Commands.Send(new CancelOrder(_order, null));

        var cancelled = (await Events(_order))[^1];
        Assert.Equal(2, cancelled.SchemaVersion);
        Assert.Equal(new OrderCancelled(_order, null), cancelled.Data);
    }

    [Fact]
    public async Task A_command_whose_handler_has_no_parameters_is_answered()
        => Assert.Equal(7, (await Commands.Send(new Ping(7))).Value);

    [Fact]
    public async Task A_decider_decides_on_the_state_that_is_folded_from_its_events()
    {
        var (warehouse, other) = (new WarehouseId(1), new WarehouseId(2));

        await Commands.Send(new ReceiveStock(warehouse, "lantern", 5));
        await Commands.Send(new ReserveStock(warehouse, "lantern", 3));
        await Commands.Send(new ReserveStock(warehouse, "lantern", 3));
        await Commands.Send(new MoveStock(warehouse, other, "lantern"));

        Assert.Equal(
            new StockLevel(2, 3), (await Store.LoadState(Stock.Decider, Stock.Decider.StreamOf(warehouse))).State);
        Assert.Equal(new StockLevel(2, 0), (await Store.LoadState(Stock.Decider, Stock.Decider.StreamOf(other))).State);
        await Assert.ThrowsAsync<ValidationFailedException>(() =>
            Commands.Send(new ReceiveStock(warehouse, "lantern", 0)).AsTask());
    }

    [Fact]
    public async Task A_query_handler_gets_null_for_a_missing_optional_service_and_fails_without_a_required_one()
    {
        Assert.Equal(-1, (await Queries.Ask(new CountOrders(null))).Value);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Queries.Ask(new GetOrder(_order)).AsTask());
    }

    private static IHost CreateHost()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().AddModel<ShopModel>());
        return builder.Build();
    }

    private async Task<List<RecordedEvent>> Events(OrderId order)
    {
        var events = new List<RecordedEvent>();
        await foreach (var recorded in Store.ReadStream(StreamId.For("order", order)))
            events.Add(recorded);
        return events;
    }
}
