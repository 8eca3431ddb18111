namespace Millrace;

/// <summary>The result of the check of all data keys.</summary>
public sealed record KeyReport
{
    /// <summary>Gets the number of keys that were unwrapped.</summary>
    public required long Keys { get; init; }

    /// <summary>Gets the number of destroyed keys.</summary>
    public required long DestroyedKeys { get; init; }

    /// <summary>Gets the number of events with encrypted values.</summary>
    public required long EncryptedEvents { get; init; }

    /// <summary>Gets the keys that cannot be unwrapped.</summary>
    public required IReadOnlyList<UnusableKey> Unusable { get; init; }

    /// <summary>Gets the keys of events that the key store does not contain, by their first positions.</summary>
    public required IReadOnlyList<MissingKey> Missing { get; init; }

    /// <summary>
    /// Gets the replaced keys whose values are still stored. <see cref="KeyMaintenance.Reencrypt"/> encrypts those
    /// outside the log again.
    /// </summary>
    public IReadOnlyList<ReplacedKey> Replaced { get; init; } = [];

    /// <summary>
    /// Gets whether every event can be read: each key is unwrapped, and each missing key was declared lost.
    /// </summary>
    public bool IsSound => Unusable.Count == 0 && Missing.All(static key => key.IsDeclaredLost);
}

/// <summary>A data key that cannot be unwrapped.</summary>
/// <param name="KeyId">The id of the data key.</param>
/// <param name="Problem">The reason.</param>
public sealed record UnusableKey(string KeyId, string Problem);

/// <summary>A data key that the key store does not contain.</summary>
/// <param name="KeyId">The id of the data key.</param>
/// <param name="FirstPosition">The position of the first event with a value of the key.</param>
/// <param name="Values">The number of values in the log.</param>
/// <param name="IsDeclaredLost">Whether the key was declared lost.</param>
public sealed record MissingKey(string KeyId, long FirstPosition, long Values, bool IsDeclaredLost);
