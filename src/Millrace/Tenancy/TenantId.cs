namespace Millrace;

/// <summary>
/// The name of a tenant. It has 1 to 40 lower case letters, digits, <c>-</c> and <c>_</c>, and starts with a letter or
/// a digit.
/// </summary>
/// <remarks>
/// The name becomes part of the names of streams, databases and files. Some of these do not distinguish upper and lower
/// case, so the name has only lower case letters. The default value is not valid.
/// </remarks>
public readonly record struct TenantId
{
    /// <summary>The maximum length of a name: 40 characters.</summary>
    public const int MaxLength = 40;

    private readonly string? _value;

    /// <summary>Creates the name of a tenant.</summary>
    /// <exception cref="InvalidNameException">The name is not valid.</exception>
    public TenantId(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = Problem(value) is { } problem ? throw new InvalidNameException("tenant", value, problem) : value;
    }

    /// <summary>Gets the name.</summary>
    /// <exception cref="InvalidOperationException">This is the default value, which is not a tenant.</exception>
    public string Value =>
        _value ?? throw new InvalidOperationException("The default TenantId is not a tenant. Create one with a name.");

    /// <summary>Parses a name, without throwing.</summary>
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
            return "it must start with a letter or a digit";
        foreach (var character in value)
        {
            if (!char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character is not ('-' or '_'))
                return "it can contain only lower case letters, digits, '-' and '_'";
        }
        return null;
    }
}
