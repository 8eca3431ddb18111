using Millrace.Storage;

namespace Millrace.Testing.Hosts;

/// <summary>
/// Lists the dead letters that were parked after the previous call, including earlier ones that failed again.
/// </summary>
internal sealed class ParkedDeadLetters(DeadLetters deadLetters)
{
    private const int DeadLettersPerPage = 1_000;

    /// <summary>
    /// The number of attempts of each dead letter. When a consumer parks an event again, its dead letter has one more
    /// attempt.
    /// </summary>
    private readonly Dictionary<long, int> _attempts = [];

    /// <summary>Returns the dead letters that are new or have failed again.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ListNew(CancellationToken cancellationToken)
    {
        var found = new List<DeadLetter>();
        var query = new DeadLetterQuery { States = [DeadLetterState.Parked], Limit = DeadLettersPerPage };
        IReadOnlyList<DeadLetter> page;
        do
        {
            page = await deadLetters.List(query, cancellationToken);
            foreach (var deadLetter in page)
            {
                if (!_attempts.TryGetValue(deadLetter.Id, out var previous) || deadLetter.Attempts > previous)
                    found.Add(deadLetter);
                _attempts[deadLetter.Id] = deadLetter.Attempts;
            }
            query = query with { After = page.Count > 0 ? page[^1].Id : query.After };
        }
        while (page.Count == DeadLettersPerPage);
        return found;
    }
}
