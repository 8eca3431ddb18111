namespace Commerce.Catalogue;

/// <summary>The shop's own code for an article, such as <c>85123A</c>. It is unique and case-sensitive.</summary>
[Value<string>]
public readonly partial record struct Sku
{
    private static string? Problem(string value) =>
        string.IsNullOrWhiteSpace(value) ? "it is empty" : value.Length > 40 ? "it is longer than 40 characters" : null;
}
