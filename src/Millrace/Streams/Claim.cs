namespace Millrace;

/// <summary>
/// A unique value, such as a user name, a seat or a coupon, that only one owner can hold at a time. An append takes or
/// releases it in the same commit.
/// </summary>
public sealed record Claim
{
    private Claim(string scope, string value, string owner, bool isRelease)
    {
        ArgumentException.ThrowIfNullOrEmpty(scope);
        ArgumentException.ThrowIfNullOrEmpty(value);
        ArgumentException.ThrowIfNullOrEmpty(owner);
        WellFormedText.Check("claim scope", scope, 128);
        WellFormedText.Check("claim value", value, 512);
        WellFormedText.Check("claim owner", owner, 512);
        Scope = scope;
        Value = value;
        Owner = owner;
        IsRelease = isRelease;
    }

    /// <summary>
    /// Gets the scope in which the value is unique, such as <c>user-email</c>; at most 128 characters.
    /// </summary>
    public string Scope { get; }

    /// <summary>
    /// Gets the value, at most 512 characters. It is compared ordinally, so normalize it first (trimmed, lower case).
    /// </summary>
    public string Value { get; }

    /// <summary>Gets the owner, such as the id of the user. The same owner may take the value again.</summary>
    public string Owner { get; }

    /// <summary>Gets whether the value is released.</summary>
    public bool IsRelease { get; }

    /// <summary>
    /// Takes a value. The append is refused with <see cref="ClaimTakenException"/> if another owner holds it.
    /// </summary>
    public static Claim Take(string scope, string value, string owner) => new(scope, value, owner, isRelease: false);

    /// <summary>
    /// Takes a value whose type can be a key, with the text that <see cref="KeyText"/> returns for it.
    /// </summary>
    /// <inheritdoc cref="Take(string, string, string)"/>
    /// <exception cref="ArgumentException">The type cannot be a key.</exception>
    public static Claim Take<TValue>(string scope, TValue value, string owner)
        where TValue : notnull => Take(scope, KeyText.Of(value), owner);

    /// <summary>Releases a value whose type can be a key; does nothing if this owner does not hold it.</summary>
    /// <exception cref="ArgumentException">The type cannot be a key.</exception>
    public static Claim Release<TValue>(string scope, TValue value, string owner)
        where TValue : notnull => Release(scope, KeyText.Of(value), owner);

    /// <summary>Releases a value; does nothing if this owner does not hold it.</summary>
    public static Claim Release(string scope, string value, string owner) => new(scope, value, owner, isRelease: true);
}
