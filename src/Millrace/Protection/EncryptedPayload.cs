namespace Millrace.Protection;

/// <summary>A stored payload whose encrypted values were found.</summary>
/// <param name="Json">The payload.</param>
/// <param name="Values">The encrypted values, in the order of the payload.</param>
/// <param name="Context">The place of the payload.</param>
/// <param name="Problem">The reason why the payload cannot be decrypted; null for no problem.</param>
internal readonly record struct EncryptedPayload(
    ReadOnlyMemory<byte> Json, List<EncryptedValue> Values, ProtectionContext Context, string? Problem)
{
    public static EncryptedPayload Failed(ReadOnlyMemory<byte> json, string problem) => new(json, [], default, problem);
}

/// <summary>A payload after decryption.</summary>
/// <param name="Json">The payload; with a problem, the stored payload.</param>
/// <param name="Problem">The reason why values cannot be decrypted; null for no problem. It contains no value.</param>
internal readonly record struct RevealedPayload(ReadOnlyMemory<byte> Json, string? Problem);
