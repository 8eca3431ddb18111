using Commerce.Inventory;

namespace Commerce.Catalogue;

/// <summary>
/// Caches the pages of products and the lists, which customers request much more often than they change. Each event
/// that changes a product invalidates its page and the lists.
/// </summary>
/// <remarks>
/// A declaration that is missing here would show old data until the answer expires, also to a client that sends the
/// token of its command. Therefore stock is included.
/// </remarks>
public static class ProductCache
{
    private const string Lists = "list-products"; // The name of the query is a tag of all its answers.

    public static MillraceBuilder CacheProducts(this MillraceBuilder millrace) => millrace.AddQueryCache(cache => cache
        .Cache<GetProduct>(query => query.Tag(product => PageOf(product.Product)))
        .Cache<ListProducts>()
        .InvalidatedBy<ProductCreated>(created => TagsOf(created.Product))
        .InvalidatedBy<ProductActivated>(activated => TagsOf(activated.Product))
        .InvalidatedBy<ProductDiscontinued>(discontinued => TagsOf(discontinued.Product))
        .InvalidatedBy<ProductPriceUpdated>(updated => TagsOf(updated.Product))
        .InvalidatedBy<ProductCategorised>(categorised => TagsOf(categorised.Product))
        .InvalidatedBy<ProductAttributeSet>(set => [PageOf(set.Product)]) // Lists do not show attributes.
        .InvalidatedBy<ProductStockChanged>(changed => TagsOf(changed.Product)));

    private static string PageOf(ProductId product) => $"product:{product}";

    private static string[] TagsOf(ProductId product) => [PageOf(product), Lists];
}
