using Commerce.SharedKernel;

namespace Commerce.Catalogue;

[Event("product.created", NameReason = "A draft is created; it is introduced when it is activated.")]
public sealed record ProductCreated(
    ProductId Product,
    [property: Tag] Sku Sku,
    string Name,
    string Description,
    Money Price,
    string Category,
    IReadOnlyDictionary<string, string> Attributes,
    DateTimeOffset OccurredAt);

[Event("product.first-stock-ordered")]
public sealed record FirstStockOrdered(ProductId Product, int Quantity, DateTimeOffset OccurredAt);

[Event("product.activated")]
public sealed record ProductActivated(ProductId Product, DateTimeOffset OccurredAt);

[Event("product.discontinued")]
public sealed record ProductDiscontinued(ProductId Product, DateTimeOffset OccurredAt);

[Event("product.price-updated", NameReason = "Its readers elsewhere know it by this name.")]
public sealed record ProductPriceUpdated(ProductId Product, Money OldPrice, Money NewPrice, DateTimeOffset OccurredAt);

[Event("product.categorised")]
public sealed record ProductCategorised(ProductId Product, string Category, DateTimeOffset OccurredAt);

[Event("product.attribute-set")]
public sealed record ProductAttributeSet(ProductId Product, string Attribute, string? Value, DateTimeOffset OccurredAt);
