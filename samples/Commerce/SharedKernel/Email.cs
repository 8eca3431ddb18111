namespace Commerce.SharedKernel;

/// <summary>An e-mail address. Only its format is checked.</summary>
[Value<string>]
public readonly partial record struct Email
{
    private static string? Problem(string value)
    {
        var at = value.IndexOf('@', StringComparison.Ordinal);
        if (at < 1 || at != value.LastIndexOf('@') || value.Length > 254)
            return "it is not of the form name@domain";
        var domain = value[(at + 1)..];
        var isDomain =
            domain.Contains('.', StringComparison.Ordinal) && !domain.StartsWith('.') && !domain.EndsWith('.');
        return isDomain && !value.Any(char.IsWhiteSpace) ? null : "its domain is not one";
    }
}
