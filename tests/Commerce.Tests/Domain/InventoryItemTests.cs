using Commerce.Inventory;
using Commerce.Orders;
using FsCheck;
using FsCheck.Fluent;

namespace Commerce.Tests.Domain;

public sealed class InventoryItemTests
{
    private static readonly OrderId Order = OrderId.New();

    [Fact]
    public void A_reservation_takes_from_what_is_available_and_not_from_the_shelf()
    {
        var item = Given.Stock(10);

        item.Reserve(Order, item.Product, 4, Given.Now);

        Assert.Equal((10, 4, 6), (item.Quantity, item.Reserved, item.Available));
    }

    [Fact]
    public void A_release_gives_it_back_and_a_commit_hands_it_out()
    {
        var item = Given.Stock(10);
        item.Reserve(Order, item.Product, 4, Given.Now);

        item.Release(Order, 1, Given.Now);
        item.Commit(Order, 3, Given.Now);

        Assert.Equal((7, 0, 7), (item.Quantity, item.Reserved, item.Available));
    }

    [Fact]
    public void No_more_is_reserved_than_is_available()
    {
        var item = Given.Stock(10);
        item.Reserve(Order, item.Product, 8, Given.Now);

        var refused = Assert.Throws<InsufficientStockException>(() => item.Reserve(OrderId.New(), item.Product, 3, Given.Now));

        Assert.Equal((item.Product, 3, 2), (refused.Product, refused.Requested, refused.Available));
    }

    [Fact]
    public void Reserved_stock_cannot_be_removed()
    {
        var item = Given.Stock(10);
        item.Reserve(Order, item.Product, 8, Given.Now);

        Assert.Throws<InsufficientStockException>(() => item.Remove(3, "damaged", Given.Now));
    }

    [Fact]
    public void No_more_is_released_or_committed_than_the_order_reserved()
    {
        var item = Given.Stock(10);
        item.Reserve(Order, item.Product, 4, Given.Now);
        item.Reserve(OrderId.New(), item.Product, 4, Given.Now);

        Assert.Equal("quantity-reserved", Assert.Throws<InvariantViolatedException>(() => item.Release(Order, 5, Given.Now)).Invariant);
        Assert.Equal("quantity-reserved", Assert.Throws<InvariantViolatedException>(() => item.Commit(Order, 5, Given.Now)).Invariant);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Every_quantity_is_more_than_zero(int quantity)
    {
        var item = Given.Stock(10);
        item.Reserve(Order, item.Product, 4, Given.Now);
        Action[] operations =
        [
            () => item.Add(item.Product, item.Warehouse, quantity, "delivery", Given.Now),
            () => item.Remove(quantity, "damaged", Given.Now),
            () => item.Reserve(Order, item.Product, quantity, Given.Now),
            () => item.Release(Order, quantity, Given.Now),
            () => item.Commit(Order, quantity, Given.Now),
        ];

        var refusals = operations.Select(operation => Assert.Throws<InvariantViolatedException>(operation).Invariant);

        Assert.All(refusals, refusal => Assert.Equal("quantity-positive", refusal));
    }

    [Fact]
    public void Available_is_never_below_zero_whatever_is_asked() => Prop.ForAll(
        Gen.ArrayOf(Gen.Choose(0, 4).SelectMany(kind => Gen.Choose(1, 20).Select(quantity => (kind, quantity)))).ToArbitrary(),
        steps =>
        {
            var item = Given.Stock(30);
            foreach (var (kind, quantity) in steps)
            {
                var version = item.Version;
                var before = (item.Quantity, item.Reserved);
                var error = Record.Exception(() => Do(item, kind, quantity));
                Assert.True(item.Available >= 0 && item.Reserved >= 0 && item.Available == item.Quantity - item.Reserved);
                Assert.Equal(error is not null, item.Version == version);
                Assert.True(error is null || before == (item.Quantity, item.Reserved));
            }
        }).QuickCheckThrowOnFailure();

    private static void Do(InventoryItem item, int kind, int quantity)
    {
        switch (kind)
        {
            case 0:
                item.Add(item.Product, item.Warehouse, quantity, "delivery", Given.Now);
                break;
            case 1:
                item.Remove(quantity, "damaged", Given.Now);
                break;
            case 2:
                item.Reserve(Order, item.Product, quantity, Given.Now);
                break;
            case 3:
                item.Release(Order, quantity, Given.Now);
                break;
            default:
                item.Commit(Order, quantity, Given.Now);
                break;
        }
    }
}
