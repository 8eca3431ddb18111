using System.Text;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>Decrypts the edited payloads of dead letters that are read from a storage.</summary>
internal sealed class ProtectedDeadLetters(IDeadLetterStorage inner, StoreProtection protection) : IDeadLetterStorage
{
    public async ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) =>
        await inner.Get(id, cancellationToken).ConfigureAwait(false) is { } letter
            ? await Reveal(letter, cancellationToken).ConfigureAwait(false)
            : null;

    public async ValueTask<DeadLetter?> Find(
        string consumer, int partition, long position, string key, CancellationToken cancellationToken) =>
        await inner.Find(consumer, partition, position, key, cancellationToken).ConfigureAwait(false) is { } letter
            ? await Reveal(letter, cancellationToken).ConfigureAwait(false)
            : null;

    public async ValueTask<IReadOnlyList<DeadLetter>> List(
        DeadLetterQuery query, CancellationToken cancellationToken)
    {
        var letters = await inner.List(query, cancellationToken).ConfigureAwait(false);
        var revealed = new DeadLetter[letters.Count];
        for (var i = 0; i < revealed.Length; i++)
            revealed[i] = await Reveal(letters[i], cancellationToken).ConfigureAwait(false);
        return revealed;
    }

    public ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken) =>
        inner.Count(query, cancellationToken);

    public async ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken)
    {
        var groups = await inner.ListGroups(consumer, limit, cancellationToken).ConfigureAwait(false);
        var revealed = new DeadLetterGroup[groups.Count];
        for (var i = 0; i < revealed.Length; i++)
        {
            var sample = await Reveal(groups[i].Sample, cancellationToken).ConfigureAwait(false);
            revealed[i] = groups[i] with { Sample = sample };
        }
        return revealed;
    }

    private async ValueTask<DeadLetter> Reveal(DeadLetter letter, CancellationToken cancellationToken)
    {
        if (letter.EditedPayload is not { } stored)
            return letter;
        var located = protection.Revealer.LocateWhole(stored, protection.Scope.OfDeadLetter(letter));
        var revealed = await protection.Revealer.Reveal(located, cancellationToken).ConfigureAwait(false);
        // Edits are encrypted as a whole whatever their type, because they may contain copies of any value. So a plain
        // edit from before the marks is concealed in the same way.
        var isPlain = located.Values.Count == 0 && located.Problem is null;
        return letter with
        {
            EditedPayload = isPlain && ProtectedValues.AreConcealed && protection.Model.HasMarks
                ? Encoding.UTF8.GetBytes(CipherText.DefaultErased)
                : revealed.Json,
        };
    }
}
