namespace Millrace;

/// <summary>Thrown when a data key cannot be declared lost. Nothing was written.</summary>
public sealed class KeyNotLostException(string keyId, string reason)
    : MillraceException($"The data key {keyId} cannot be declared lost: {reason}")
{
    /// <summary>Gets the id of the data key.</summary>
    public string KeyId { get; } = keyId;
}
