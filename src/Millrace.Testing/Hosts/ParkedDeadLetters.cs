using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>Tells what was parked since it was asked last: also what was parked before, was tried again and failed
/// again.</summary>
internal sealed class ParkedDeadLetters(DeadLetters letters)
{
    private const int DeadLettersPerPage = 1_000;

    /// <summary>How many times each letter was tried: when it is parked again it is the same letter, tried once
    /// more.</summary>
    private readonly Dictionary<long, int> _attempts = [];

    /// <summary>The letters that are new, or have failed again.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ListNew(CancellationToken cancellationToken)
    {
        var found = new List<DeadLetter>();
        var query = new DeadLetterQuery { States = [DeadLetterState.Parked], Limit = DeadLettersPerPage };
        IReadOnlyList<DeadLetter> page;
        do
        {
            page = await letters.List(query, cancellationToken);
            foreach (var letter in page)
            {
                if (!_attempts.TryGetValue(letter.Id, out var before) || letter.Attempts > before)
                    found.Add(letter);
                _attempts[letter.Id] = letter.Attempts;
            }
            query = query with { After = page.Count > 0 ? page[^1].Id : query.After };
        }
        while (page.Count == DeadLettersPerPage);
        return found;
    }
}
