using System.Text.Json.Nodes;
using Commerce.Catalogue;
using Commerce.Inventory;
using Commerce.Live.Stock;

namespace Commerce.Tests.Live;

public sealed class StockBacklogTests
{
    private readonly StockBacklog _backlog = new();
    private readonly List<ProductId> _products =
    [
        .. Enumerable.Range(0, 3).Select(_ => ProductId.Parse($"{Guid.NewGuid()}", null)),
    ];

    [Fact]
    public void A_full_backlog_keeps_only_the_newest_change_of_each_item()
    {
        for (var version = 1; version <= 1_000; version++)
            _backlog.Add(Change(version % 3, version));

        var quantities = TakeAll();

        Assert.Equal([.. Enumerable.Range(1, StockBacklog.MaxWaiting), 998, 999, 1_000], quantities);
    }

    [Fact]
    public async Task A_finished_backlog_returns_waiting_messages_and_accepts_no_more()
    {
        for (var version = 1; version <= StockBacklog.MaxWaiting + 2; version++)
            _backlog.Add(Change(version % 3, version));
        _backlog.Finish();
        _backlog.Add(Change(0, 500));

        Assert.True(await _backlog.WaitForMore(CancellationToken.None));
        Assert.Equal(Enumerable.Range(1, StockBacklog.MaxWaiting + 2), TakeAll());
        Assert.False(await _backlog.WaitForMore(CancellationToken.None));
    }

    [Fact]
    public void Changes_that_a_state_contains_are_not_sent_and_the_state_is_taken_when_it_is_sent()
    {
        for (var version = 1; version <= StockBacklog.MaxWaiting; version++)
            _backlog.Add(Change(0, version));
        _backlog.Add(Change(1, 200));
        _backlog.Add(Change(2, 201));

        _backlog.Add(_products[1], [Change(1, 300)]);
        var isTakenBefore = _backlog.StateTaken.IsCompleted;
        var quantities = TakeAll();

        Assert.Equal([.. Enumerable.Range(1, StockBacklog.MaxWaiting), 300, 201], quantities);
        Assert.False(isTakenBefore);
        Assert.True(_backlog.StateTaken.IsCompleted);
    }

    [Fact]
    public void The_number_of_waiting_warnings_is_limited()
    {
        var warned = Enumerable.Range(0, 1_000).Count(_ => _backlog.TryWarn("No."));

        Assert.InRange(warned, StockBacklog.MaxWaiting, 2 * StockBacklog.MaxWaiting);
    }

    private StockChange Change(int product, int version) =>
        new(_products[product], WarehouseId.Main, version, default, version);

    private List<int> TakeAll()
    {
        var quantities = new List<int>();
        while (_backlog.TryTake(out var bytes))
        {
            var message = JsonNode.Parse(bytes)!;
            quantities.Add((int)(message["state"] is { } state ? state[0]! : message)["available"]!);
        }

        return quantities;
    }
}
