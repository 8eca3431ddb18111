namespace Millrace;

/// <summary>
/// Thrown when a duplicate of the command was refused before: it is refused again, even if it would succeed now.
/// </summary>
/// <param name="refusal">The recorded refusal.</param>
/// <param name="note">The refusal as it is stored.</param>
internal sealed class CommandAlreadyRefusedException(RecordedRefusal refusal, ReadOnlyMemory<byte> note)
    : MillraceException(refusal.Problem)
{
    /// <summary>Gets the recorded refusal.</summary>
    public RecordedRefusal Refusal { get; } = refusal;

    /// <summary>Gets the refusal as it is stored.</summary>
    public ReadOnlyMemory<byte> Note { get; } = note;
}
