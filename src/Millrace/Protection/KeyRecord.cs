namespace Millrace;

/// <summary>A stored data key, wrapped (encrypted) with a master key.</summary>
public sealed record KeyRecord
{
    /// <summary>Gets the id: 22 characters of base64url, chosen at random.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the owner.</summary>
    public required KeyOwner Owner { get; init; }

    /// <summary>Gets the state.</summary>
    public KeyState State { get; init; }

    /// <summary>Gets the wrapped key; empty if the key was destroyed.</summary>
    public ReadOnlyMemory<byte> Wrapped { get; init; }

    /// <summary>Gets the id of the master key; empty if the key was destroyed.</summary>
    public string MasterKeyId { get; init; } = "";

    /// <summary>Gets the time at which the key was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Gets the time at which the key was destroyed; null for other keys.</summary>
    public DateTimeOffset? DestroyedAt { get; init; }
}

/// <summary>The states of a data key.</summary>
public enum KeyState
{
    /// <summary>The key encrypts new values. An owner has at most one active key.</summary>
    Active,

    /// <summary>A newer key replaced the key, which only decrypts.</summary>
    Retired,

    /// <summary>The key was destroyed. The record remains, so that the key cannot return unnoticed.</summary>
    Destroyed,
}
