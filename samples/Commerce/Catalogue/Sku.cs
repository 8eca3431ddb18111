namespace Commerce.Catalogue;

/// <summary>The shop's own code of an article, unique and case-sensitive: <c>85123A</c>, <c>POST</c>.</summary>
[Value<string>]
public readonly partial record struct Sku
{
    private static string? Problem(string value) =>
        string.IsNullOrWhiteSpace(value) ? "it is empty" : value.Length > 40 ? "it is longer than 40 characters" : null;
}
