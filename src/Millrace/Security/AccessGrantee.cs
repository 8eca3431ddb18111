namespace Millrace;

/// <summary>The holder of a granted right: a user or a role. The text form is <c>user:alice</c>.</summary>
public readonly record struct AccessGrantee
{
    private const string UserPrefix = "user:";
    private const string RolePrefix = "role:";
    private readonly string? _name;

    private AccessGrantee(bool isRole, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (IsRole, _name) = (isRole, name);
    }

    /// <summary>Gets whether the holder is a role.</summary>
    public bool IsRole { get; }

    /// <summary>Gets the id of the user, or the name of the role.</summary>
    public string Name => _name ?? throw new InvalidOperationException("The holder of the right is not set.");

    /// <summary>Returns a user.</summary>
    public static AccessGrantee User(string id) => new(isRole: false, id);

    /// <summary>Returns a role.</summary>
    public static AccessGrantee Role(string name) => new(isRole: true, name);

    /// <summary>Parses the text form.</summary>
    /// <exception cref="FormatException">The text does not start with <c>user:</c> or <c>role:</c>.</exception>
    public static AccessGrantee Parse(string text) =>
        TryParse(text, out var grantee)
            ? grantee
            : throw new FormatException($"'{text}' is not a user or a role: write user:NAME or role:NAME.");

    /// <summary>Parses the text form. Returns false if the text does not start with <c>user:</c> or
    /// <c>role:</c>.</summary>
    public static bool TryParse(string? text, out AccessGrantee grantee)
    {
        grantee = default;
        if (text is null)
            return false;
        var isRole = text.StartsWith(RolePrefix, StringComparison.Ordinal);
        if (!isRole && !text.StartsWith(UserPrefix, StringComparison.Ordinal))
            return false;
        var name = text[(isRole ? RolePrefix : UserPrefix).Length..];
        if (string.IsNullOrWhiteSpace(name))
            return false;
        grantee = new AccessGrantee(isRole, name);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => (IsRole ? RolePrefix : UserPrefix) + _name;
}
