using Commerce.Catalogue;
using Commerce.Inventory;
using Commerce.Orders;
using FsCheck.Fluent;

namespace Commerce.Tests.Domain;

public sealed class InventoryItemTests
{
    private static readonly OrderId Order = OrderId.New();
    private static readonly ProductId Mug = ProductId.New();
    private static readonly InventoryItemId Item = InventoryItemId.Of(Mug, WarehouseId.Main);

    public static TheoryData<string> Operations => new(OperationsByName.Keys);

    private static Dictionary<string, Action<InventoryItem, int>> OperationsByName { get; } = new()
    {
        ["add"] = (item, quantity) => item.Add(Mug, WarehouseId.Main, quantity, "delivery", Example.Now),
        ["remove"] = (item, quantity) => item.Remove(quantity, "damaged", Example.Now),
        ["reserve"] = (item, quantity) => item.Reserve(Order, Mug, quantity, Example.Now),
        ["release"] = (item, quantity) => item.Release(Order, quantity, Example.Now),
        ["commit"] = (item, quantity) => item.Commit(Order, quantity, Example.Now),
    };

    [Fact]
    public void A_reservation_reduces_only_the_available_quantity() => Stock(10)
        .When(item => item.Reserve(Order, Mug, 4, Example.Now))
        .Then(
            new InventoryReserved(Item, Order, Mug, WarehouseId.Main, 4, 6, 10, Example.Now),
            Changed(10, 4, "reserved", -4))
        .ThenState(item => (item.Quantity, item.Reserved, item.Available), (10, 4, 6));

    [Fact]
    public void A_release_returns_reserved_stock_and_a_commit_removes_it() => Stock(10)
        .Given(Reserved(4))
        .When(item =>
        {
            item.Release(Order, 1, Example.Now);
            item.Commit(Order, 3, Example.Now);
        })
        .Then(
            new InventoryReleased(Item, Order, Mug, 1, Example.Now),
            Changed(10, 3, "released", 1),
            new InventoryCommitted(Item, Order, Mug, 3, Example.Now),
            Changed(7, 0, "committed", -3))
        .ThenState(item => (item.Quantity, item.Reserved, item.Available), (7, 0, 7));

    [Fact]
    public void A_reservation_cannot_exceed_the_available_quantity()
    {
        var refused = Stock(10).Given(Reserved(8))
            .When(item => item.Reserve(OrderId.New(), Mug, 3, Example.Now))
            .ThenRefused("sufficient-stock")
            .ThenThrew<InsufficientStockException>();

        Assert.Equal((Mug, 3, 2), (refused.Product, refused.Requested, refused.Available));
    }

    [Fact]
    public void Reserved_stock_cannot_be_removed() => Stock(10)
        .Given(Reserved(8))
        .When(item => item.Remove(3, "damaged", Example.Now))
        .ThenRefused("sufficient-stock");

    [Theory]
    [InlineData("release")]
    [InlineData("commit")]
    public void A_release_or_commit_cannot_exceed_the_reservation(string operation) => Stock(10)
        .Given(Reserved(4), Reserved(4, OrderId.New()))
        .When(item => OperationsByName[operation](item, 5))
        .ThenRefused("quantity-reserved");

    [Theory]
    [MemberData(nameof(Operations))]
    public void Every_quantity_must_be_greater_than_zero(string operation)
    {
        var stock = Stock(10).Given(Reserved(4));

        stock.When(item => OperationsByName[operation](item, 0)).ThenRefused("quantity-positive");
        stock.When(item => OperationsByName[operation](item, -1)).ThenRefused("quantity-positive");
    }

    [Fact]
    public void The_available_quantity_is_never_negative()
    {
        var histories = Histories.Of<InventoryItem>(Item).Given(Added(30));
        foreach (var (name, operation) in OperationsByName)
            histories.Command(name, Gen.Choose(1, 20), operation);
        histories
            .Always("available-not-negative", item => item is { Available: >= 0, Reserved: >= 0 })
            .Always("available-is-what-is-not-reserved", item => item.Available == item.Quantity - item.Reserved)
            .Check();
    }

    private static AggregateSpecification<InventoryItem> Stock(int quantity) =>
        Specification.For<InventoryItem>(Item).Given(Added(quantity));

    private static StockAdded Added(int quantity) =>
        new(Item, Mug, WarehouseId.Main, quantity, "delivery", Example.Now);

    private static InventoryReserved Reserved(int quantity, OrderId? order = null) =>
        new(Item, order ?? Order, Mug, WarehouseId.Main, quantity, 10 - quantity, 10, Example.Now);

    private static ProductStockChanged Changed(int quantity, int reserved, string type, int amount) =>
        new(Mug, WarehouseId.Main, quantity - reserved, quantity, reserved, type, amount, Example.Now);
}
