using Millrace.Events;

namespace Millrace;

/// <summary>
/// A claim on a unique value, such as a user name, a seat or a coupon. Only one owner can hold the value at a time. An
/// append claims or releases the value in its commit.
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
    /// Gets the value, at most 512 characters. The store compares values ordinally, so normalize them first, for
    /// example to trimmed lower case.
    /// </summary>
    public string Value { get; }

    /// <summary>Gets the owner, such as the id of the user. The same owner may claim the value again.</summary>
    public string Owner { get; }

    /// <summary>Gets whether the append releases the value. If false, the append claims the value.</summary>
    public bool IsRelease { get; }

    /// <summary>
    /// Claims a value. The append is refused with <see cref="ClaimTakenException"/> if another owner holds it.
    /// </summary>
    public static Claim Acquire(string scope, string value, string owner) => new(scope, value, owner, isRelease: false);

    /// <summary>
    /// Claims a value whose type can be a key. The value is stored as the text that <see cref="KeyText"/> returns.
    /// </summary>
    /// <inheritdoc cref="Acquire(string, string, string)"/>
    /// <exception cref="ArgumentException">The type cannot be a key.</exception>
    public static Claim Acquire<TValue>(string scope, TValue value, string owner)
        where TValue : notnull => Acquire(scope, KeyText.Of(value), owner);

    /// <summary>
    /// Releases a value whose type can be a key. This has no effect if the owner does not hold the value.
    /// </summary>
    /// <exception cref="ArgumentException">The type cannot be a key.</exception>
    public static Claim Release<TValue>(string scope, TValue value, string owner)
        where TValue : notnull => Release(scope, KeyText.Of(value), owner);

    /// <summary>Releases a value. This has no effect if the owner does not hold the value.</summary>
    public static Claim Release(string scope, string value, string owner) => new(scope, value, owner, isRelease: true);
}
