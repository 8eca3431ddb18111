using Millrace.Projecting.Replays;
using Millrace.Storage;

namespace Millrace.Explaining;

/// <summary>
/// Selects the dead letters to show from brief records, and reads only the selected dead letters in full.
/// </summary>
internal static class DeadLetterSelection
{
    /// <summary>Returns the dead letters of a key, and of events with unknown keys, up to a position.</summary>
    public static List<DeadLetter> UpTo(long position, string key, ReadModelDeadLetters all) =>
        [
            .. all.All.Where(letter =>
                letter.Position <= position && (letter.Key.Length == 0 || letter.Key == key)),
        ];

    /// <summary>
    /// Returns the newest dead letters, in the order of their events. Open dead letters take precedence over decided
    /// ones.
    /// </summary>
    public static async ValueTask<IReadOnlyList<DeadLetter>> Of(
        EventStore store, IEnumerable<DeadLetter> letters, int max, CancellationToken cancellationToken)
    {
        var chosen = letters
            .OrderByDescending(letter => letter.IsOpen)
            .ThenByDescending(letter => letter.Position)
            .Take(max);
        var full = new List<DeadLetter>();
        foreach (var letter in chosen.OrderBy(letter => letter.Position))
        {
            // If another client has removed the dead letter, its brief record is shown.
            full.Add(
                await store.Storage.DeadLetters.Get(letter.Id, cancellationToken).ConfigureAwait(false)
                    ?? letter);
        }
        return full;
    }
}
