namespace Millrace;

/// <summary>Options of the keys with which marked values are encrypted.</summary>
public sealed class KeyOptions
{
    private static readonly TimeSpan MinCacheTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxCacheTime = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets or sets the passphrase of the master key, with at least 12 characters. Take it from a secret of the
    /// environment, not from the code. Ignored if <see cref="MasterKey"/> is set.
    /// </summary>
    public string? Passphrase { get; set; }

    /// <summary>
    /// Gets the former passphrases, whose keys can still be unwrapped after a change of the passphrase; empty by
    /// default.
    /// </summary>
    public IList<string> FormerPassphrases { get; } = [];

    /// <summary>Gets or sets the master key; null to derive it from the passphrase.</summary>
    public IMasterKey? MasterKey { get; set; }

    /// <summary>Gets the former master keys, which only unwrap; empty by default.</summary>
    public IList<IMasterKey> FormerMasterKeys { get; } = [];

    /// <summary>
    /// Gets or sets the time for which a data key in memory is used; from 1 second to 1 hour, 1 minute by default. An
    /// expired key is removed from memory within a quarter of this time. After an erasure on another node, this node
    /// may still decrypt with the key for this time.
    /// </summary>
    public TimeSpan CacheTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Returns the master keys, the current one first.</summary>
    /// <exception cref="ArgumentException">There is no master key, or a passphrase is too short.</exception>
    internal IReadOnlyList<IMasterKey> MasterKeys()
    {
        var current = MasterKey
            ?? (Passphrase is { Length: > 0 } passphrase
                ? new PassphraseMasterKey(passphrase)
                : throw new ArgumentException("The keys have no passphrase: set Passphrase, or MasterKey."));
        return [current, .. FormerMasterKeys, .. FormerPassphrases.Select(former => new PassphraseMasterKey(former))];
    }

    /// <exception cref="ArgumentException">The time is out of range.</exception>
    internal TimeSpan CheckedCacheTime() => CacheTime >= MinCacheTime && CacheTime <= MaxCacheTime
        ? CacheTime
        : throw new ArgumentException($"CacheTime: must be from 1 second to 1 hour, but is {CacheTime}.");
}
