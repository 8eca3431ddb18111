namespace Millrace;

/// <summary>A copy of the command was refused, and whoever sent it was told so: it is refused again, whatever holds by
/// now.</summary>
/// <param name="refusal">The refusal that is kept.</param>
/// <param name="note">It as it is stored.</param>
internal sealed class CommandAlreadyRefusedException(RecordedRefusal refusal, ReadOnlyMemory<byte> note)
    : MillraceException(refusal.Problem)
{
    /// <summary>The refusal that is kept.</summary>
    public RecordedRefusal Refusal { get; } = refusal;

    /// <summary>It as it is stored.</summary>
    public ReadOnlyMemory<byte> Note { get; } = note;
}
