using Commerce.SharedKernel;

namespace Commerce.Catalogue;

/// <summary>What a new product is.</summary>
public sealed record ProductDescription(
    Sku Sku,
    string Name,
    string Description,
    Money Price,
    string Category,
    IReadOnlyDictionary<string, string> Attributes);
