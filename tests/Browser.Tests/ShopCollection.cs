namespace Browser.Tests;

/// <summary>Tests that share one browser and one shop; they run one after the other, so that one of them
/// may close the shop.</summary>
[CollectionDefinition(Name)]
public sealed class ShopCollection : ICollectionFixture<Chromium>, ICollectionFixture<RunningShopFixture>
{
    public const string Name = "shop";
}
