namespace Millrace;

/// <summary>The name of a tenant: 1 to 40 lower case letters, digits, <c>-</c> and <c>_</c>, the first one a letter or
/// a digit.</summary>
/// <remarks>
/// It becomes part of names of streams, of databases and of files, some of which know no difference between upper and
/// lower case: so there are no two tenants that differ only in that. The default value is refused on use.
/// </remarks>
public readonly record struct TenantId
{
    /// <summary>The longest name, in characters: 40.</summary>
    public const int MaxLength = 40;

    private readonly string? _value;

    /// <summary>Makes the name of a tenant.</summary>
    /// <exception cref="InvalidNameException">The name is not allowed.</exception>
    public TenantId(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = Problem(value) is { } problem ? throw new InvalidNameException("tenant", value, problem) : value;
    }

    /// <summary>The name.</summary>
    /// <exception cref="InvalidOperationException">This is the default value, which names no tenant.</exception>
    public string Value =>
        _value ?? throw new InvalidOperationException("No tenant was given: a default TenantId names none.");

    /// <summary>Reads a name, without throwing.</summary>
    public static bool TryParse(string? value, out TenantId tenant)
    {
        tenant = default;
        if (value is null || Problem(value) is not null)
            return false;
        tenant = new TenantId(value);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? "(no tenant)";

    private static string? Problem(string value)
    {
        if (value.Length is 0 or > MaxLength)
            return $"it must have 1 to {MaxLength} characters";
        if (!char.IsAsciiLetterOrDigit(value[0]))
            return "it must begin with a letter or a digit";
        foreach (var letter in value)
        {
            if (!char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter is not ('-' or '_'))
                return "it may hold lower case letters, digits, '-' and '_' only";
        }
        return null;
    }
}
