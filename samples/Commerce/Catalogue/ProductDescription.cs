using Commerce.SharedKernel;

namespace Commerce.Catalogue;

/// <summary>The description of a new product.</summary>
public sealed record ProductDescription(
    Sku Sku,
    string Name,
    string Description,
    Money Price,
    string Category,
    IReadOnlyDictionary<string, string> Attributes);
