namespace Millrace;

/// <summary>
/// A value that only one owner may hold at a time, taken or released together with an append: a user name, a seat, a
/// coupon.
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
        (Scope, Value, Owner, IsRelease) = (scope, value, owner, isRelease);
    }

    /// <summary>Within what the value is unique, such as <c>user-email</c>; at most 128 characters.</summary>
    public string Scope { get; }

    /// <summary>The value, at most 512 characters, compared ordinally: bring it into one form first (trimmed, lower
    /// case).</summary>
    public string Value { get; }

    /// <summary>Who holds it, such as the id of the user. The same owner may take it again.</summary>
    public string Owner { get; }

    /// <summary>Whether it is given back.</summary>
    public bool IsRelease { get; }

    /// <summary>Takes a value; refused with <see cref="ClaimTakenException"/> when another owner holds it.</summary>
    public static Claim Take(string scope, string value, string owner) => new(scope, value, owner, isRelease: false);

    /// <summary>Takes a value that can be a key, with the text that <see cref="KeyText"/> gives it.</summary>
    /// <inheritdoc cref="Take(string, string, string)"/>
    /// <exception cref="ArgumentException">The type cannot be a key.</exception>
    public static Claim Take<TValue>(string scope, TValue value, string owner)
        where TValue : notnull => Take(scope, KeyText.Of(value), owner);

    /// <summary>Gives back a value that can be a key; does nothing when this owner does not hold it.</summary>
    /// <exception cref="ArgumentException">The type cannot be a key.</exception>
    public static Claim Release<TValue>(string scope, TValue value, string owner)
        where TValue : notnull => Release(scope, KeyText.Of(value), owner);

    /// <summary>Gives a value back; does nothing when this owner does not hold it.</summary>
    public static Claim Release(string scope, string value, string owner) => new(scope, value, owner, isRelease: true);
}
