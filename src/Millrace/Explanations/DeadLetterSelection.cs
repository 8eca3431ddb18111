using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Selects the dead letters to show, and reads only those in full. The search itself uses brief records.
/// </summary>
internal static class DeadLetterSelection
{
    /// <summary>Returns the dead letters of a key, and of events with unknown keys, up to a position.</summary>
    public static List<DeadLetter> UpTo(long position, string key, ReadModelDeadLetters all) =>
        [
            .. all.All.Where(deadLetter =>
                deadLetter.Position <= position && (deadLetter.Key.Length == 0 || deadLetter.Key == key)),
        ];

    /// <summary>
    /// Returns open dead letters first, then decided ones, the newest of each; in the order of their events.
    /// </summary>
    public static async ValueTask<IReadOnlyList<DeadLetter>> Of(
        EventStore store, IEnumerable<DeadLetter> deadLetters, int max, CancellationToken cancellationToken)
    {
        var chosen = deadLetters
            .OrderByDescending(deadLetter => deadLetter.IsOpen)
            .ThenByDescending(deadLetter => deadLetter.Position)
            .Take(max);
        var full = new List<DeadLetter>();
        foreach (var deadLetter in chosen.OrderBy(deadLetter => deadLetter.Position))
        {
            // It may have been removed in the meantime.
            full.Add(
                await store.Storage.DeadLetters.Get(deadLetter.Id, cancellationToken).ConfigureAwait(false)
                    ?? deadLetter);
        }
        return full;
    }
}
