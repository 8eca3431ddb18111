namespace Browser.Tests;

/// <summary>
/// The collection of tests that share a browser and a shop. They run in sequence, so that a test may close the shop.
/// </summary>
[CollectionDefinition(Name)]
public sealed class ShopCollection : ICollectionFixture<Chromium>, ICollectionFixture<RunningShopFixture>
{
    public const string Name = "shop";
}
