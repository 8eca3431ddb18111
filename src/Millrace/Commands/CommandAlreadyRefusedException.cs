namespace Millrace.Commands;

/// <summary>
/// Thrown when a duplicate of the command was refused before. The command is refused again, even if it could succeed
/// now.
/// </summary>
/// <param name="refusal">The recorded refusal.</param>
/// <param name="storedBytes">The stored bytes of the refusal.</param>
internal sealed class CommandAlreadyRefusedException(RecordedRefusal refusal, ReadOnlyMemory<byte> storedBytes)
    : MillraceException(refusal.Problem)
{
    /// <summary>Gets the recorded refusal.</summary>
    public RecordedRefusal Refusal { get; } = refusal;

    /// <summary>Gets the stored bytes of the refusal.</summary>
    public ReadOnlyMemory<byte> StoredBytes { get; } = storedBytes;
}
