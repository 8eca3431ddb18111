namespace Millrace;

/// <summary>
/// The author of a decision about dead letters, and the reason. Stored with the dead letters, and in the stream
/// <c>$dead-letters</c>.
/// </summary>
/// <param name="By">The author; at most 200 characters.</param>
/// <param name="Reason">The reason; required to skip, discard and edit, at most 2,000 characters.</param>
public sealed record DeadLetterNote(string By, string? Reason = null)
{
    internal static void Check(DeadLetterNote note, bool needsReason)
    {
        ArgumentNullException.ThrowIfNull(note);
        if (string.IsNullOrWhiteSpace(note.By) || note.By.Length > 200)
            throw new ArgumentException(
                "By: enter the author of the decision, in at most 200 characters.", nameof(note));
        if (needsReason && string.IsNullOrWhiteSpace(note.Reason))
            throw new ArgumentException(
                "Reason: enter the reason. It is required to skip, discard and edit dead letters.", nameof(note));
        if (note.Reason?.Length > 2_000)
            throw new ArgumentException("Reason: at most 2,000 characters.", nameof(note));
    }
}
