using Commerce.Catalogue;
using Commerce.Inventory;
using Microsoft.Extensions.DependencyInjection;

namespace Commerce.Tests.Fulfilments;

/// <summary>Tests that the first stock of a product is added only after the product is created.</summary>
public sealed class FirstStockTests
{
    private static readonly Sku Code = Sku.From("ONLY-ONE");

    [Fact]
    public async Task The_first_stock_is_added_once_when_the_product_is_created()
    {
        await using var shop = await FulfilmentHost.Start();
        var product = new CreateProduct("Mug", 10, Sku: Code, Product: ProductId.New()) { InitialQuantity = 7 };

        await shop.Do(product);

        var process = await shop.Processes.Find(FirstStock.Name, product.Product.ToString());
        Assert.Equal(ProcessState.Completed, process?.State);
        Assert.Equal((7, 0), await shop.Stock(product.Product));
    }

    [Fact]
    public async Task A_refused_product_has_no_stock()
    {
        await using var shop = await FulfilmentHost.Start();
        await shop.Do(new CreateProduct("Mug", 10, Sku: Code, Product: ProductId.New()));
        var refused = new CreateProduct("Jug", 10, Sku: Code, Product: ProductId.New()) { InitialQuantity = 7 };

        await Assert.ThrowsAsync<ClaimTakenException>(() => shop.Do(refused));
        await shop.Host.Settle();

        Assert.Empty((await shop.Host.Services.GetRequiredService<IReadModel<InventoryItemId, StockView>>()
            .Query(new ReadQuery { Limit = 1 }, default, default)).Items);
    }

    [Fact]
    public async Task A_product_with_more_stock_than_the_capacity_of_a_warehouse_is_refused()
    {
        await using var shop = await FulfilmentHost.Start();
        var product = new CreateProduct("Mug", 10, Product: ProductId.New())
        {
            InitialQuantity = InventoryItem.MaxPieces + 1,
        };

        var refused = await Assert.ThrowsAsync<InvariantViolatedException>(() => shop.Do(product));

        Assert.Equal("stock-within-bounds", refused.Invariant);
    }
}
