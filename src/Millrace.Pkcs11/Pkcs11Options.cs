namespace Millrace.Pkcs11;

/// <summary>
/// Options for a master key in a PKCS#11 token. <c>UsePkcs11</c> reads them from the configuration section
/// <c>Millrace:Pkcs11</c>, which overrides the application's code.
/// </summary>
public sealed class Pkcs11Options
{
    private static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets or sets the path of the token's PKCS#11 library, such as <c>/usr/lib/softhsm/libsofthsm2.so</c>;
    /// empty by default, but required.
    /// </summary>
    public string ModulePath { get; set; } = "";

    /// <summary>Gets or sets the label of the token; none by default. Set it or <see cref="SlotId"/>.</summary>
    public string? TokenLabel { get; set; }

    /// <summary>
    /// Gets or sets the id of the slot with the token; none by default. Some libraries, such as SoftHSM, change it.
    /// </summary>
    public long? SlotId { get; set; }

    /// <summary>
    /// Gets or sets the label of the AES key of 256 bits in the token; <c>millrace</c> by default. The key must be
    /// sensitive, not extractable, and allowed to encrypt and decrypt.
    /// </summary>
    public string KeyLabel { get; set; } = "millrace";

    /// <summary>
    /// Gets or sets the PIN of the token's user; empty by default, but required. Take it from a secret of the
    /// environment, not from the code.
    /// </summary>
    public string Pin { get; set; } = "";

    /// <summary>
    /// Gets or sets the maximum time of an operation of the token; from 100 milliseconds to 5 minutes, 10 seconds by
    /// default.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    internal string TokenName => SlotId is { } slot ? $"in slot {slot}" : $"'{TokenLabel}'";

    internal Pkcs11Options Copy() => (Pkcs11Options)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(ModulePath))
            yield return "ModulePath: must be the path of the token's PKCS#11 library.";
        if (string.IsNullOrEmpty(TokenLabel) == SlotId is null)
            yield return "TokenLabel and SlotId: set one of them.";
        if (SlotId < 0)
            yield return $"SlotId: must be 0 or more, but is {SlotId}.";
        if (string.IsNullOrEmpty(KeyLabel))
            yield return "KeyLabel: must not be empty.";
        if (string.IsNullOrEmpty(Pin))
            yield return "Pin: must not be empty.";
        if (CallTimeout < MinTimeout || CallTimeout > MaxTimeout)
            yield return $"CallTimeout: must be from 100 milliseconds to 5 minutes, but is {CallTimeout}.";
    }
}
