using Millrace.Storage;

namespace Millrace;

/// <summary>Chooses which dead letters are shown, and reads those whole: they are looked through without their
/// messages.</summary>
internal static class DeadLetterSelection
{
    /// <summary>Those of a key, and of the events whose key nobody knows, up to a position.</summary>
    public static List<DeadLetter> UpTo(long position, string key, ReadModelDeadLetters all) =>
        [.. all.All.Where(letter => letter.Position <= position && (letter.Key.Length == 0 || letter.Key == key))];

    /// <summary>The open ones, then those decided about, the newest of each; in the order of their events.</summary>
    public static async ValueTask<IReadOnlyList<DeadLetter>> Of(
        EventStore store, IEnumerable<DeadLetter> letters, int most, CancellationToken cancellationToken)
    {
        var chosen = letters
            .OrderByDescending(letter => letter.IsOpen)
            .ThenByDescending(letter => letter.Position)
            .Take(most);
        var whole = new List<DeadLetter>();
        foreach (var letter in chosen.OrderBy(letter => letter.Position))
        {
            // One that was decided about or passed in this very moment may be gone.
            whole.Add(
                await store.Storage.DeadLetters.Get(letter.Id, cancellationToken).ConfigureAwait(false) ?? letter);
        }
        return whole;
    }
}
