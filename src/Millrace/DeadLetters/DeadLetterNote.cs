namespace Millrace;

/// <summary>Who decides about dead letters, and why. Kept with the letters, and in the stream
/// <c>$dead-letters</c>.</summary>
/// <param name="By">Who; at most 200 characters.</param>
/// <param name="Reason">Why; needed to skip, discard and edit, at most 2,000 characters.</param>
public sealed record DeadLetterNote(string By, string? Reason = null)
{
    internal static void Check(DeadLetterNote note, bool needsReason)
    {
        ArgumentNullException.ThrowIfNull(note);
        if (string.IsNullOrWhiteSpace(note.By) || note.By.Length > 200)
            throw new ArgumentException("By: say who decides, in at most 200 characters.", nameof(note));
        if (needsReason && string.IsNullOrWhiteSpace(note.Reason))
            throw new ArgumentException(
                "Reason: say why: skipping, discarding and editing are recorded with their reason.", nameof(note));
        if (note.Reason?.Length > 2_000)
            throw new ArgumentException("Reason: at most 2,000 characters.", nameof(note));
    }
}
