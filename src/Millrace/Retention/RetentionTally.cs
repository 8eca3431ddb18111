namespace Millrace.Retention;

/// <summary>
/// Counts the removed and the kept data of each policy. Policies keep the order of their first entry.
/// </summary>
internal sealed class RetentionTally
{
    private const int MaxExamples = 10;

    private readonly List<string> _order = [];
    private readonly Dictionary<string, RetentionResult> _results = new(StringComparer.Ordinal);

    public IReadOnlyList<RetentionResult> Results() => [.. _order.Select(policy => _results[policy])];

    /// <summary>
    /// Returns the results without archive files. Their number is not limited, and they have their own events.
    /// </summary>
    public IReadOnlyList<RetentionResult> ResultsWithoutArchives() =>
        [.. Results().Select(result => result with { Archives = [] })];

    /// <summary>Returns results of this run with the archive files that this tally has counted.</summary>
    public IReadOnlyList<RetentionResult> WithArchives(IReadOnlyList<RetentionResult> results) =>
    [
        .. results.Select(result => _results.TryGetValue(result.Policy, out var counted)
            ? result with { Archives = counted.Archives }
            : result),
    ];

    /// <summary>Adds a policy without data, so that the report contains it.</summary>
    public void Add(string policy) => Change(policy, result => result);

    /// <summary>Adds a warning to a policy.</summary>
    public void Warn(string policy, string warning) => Change(policy, result => result with { Warning = warning });

    public void AddRemoved(string policy, long events, long bytes, IEnumerable<string> readModels) =>
        Change(policy, result => result with
        {
            Streams = result.Streams + 1,
            Events = result.Events + events,
            Bytes = result.Bytes + bytes,
            ReadModels = Union(result.ReadModels, readModels),
        });

    public void AddKept(string policy, string reason, string name) => Change(policy, result =>
    {
        var kept = result.Kept.FirstOrDefault(kept => kept.Reason == reason) ?? new RetentionKept(reason, 0, []);
        return WithKept(result, kept with
        {
            Count = kept.Count + 1,
            Examples = kept.Examples.Count < MaxExamples ? [.. kept.Examples, name] : kept.Examples,
        });
    });

    public void AddArchive(string policy, RetentionArchive archive) =>
        Change(policy, result => result with { Archives = [.. result.Archives, archive] });

    /// <summary>
    /// Counts removed events of the last archive file of the policy. A run removes the events of a file before it
    /// writes the next one.
    /// </summary>
    public void AddRemovedOfArchive(string policy, long events) => Change(policy, result =>
        result.Archives.Count == 0
            ? result
            : result with
            {
                Archives =
                [
                    .. result.Archives.SkipLast(1),
                    result.Archives[^1] with { RemovedEvents = result.Archives[^1].RemovedEvents + events },
                ],
            });

    public bool HasArchive(string file) =>
        _results.Values.Any(result => result.Archives.Any(archive => archive.File == file));

    public void AddErased(string policy) =>
        Change(policy, result => result with { ErasedSubjects = result.ErasedSubjects + 1 });

    /// <summary>Adds the kept data of another tally, and its policies.</summary>
    public void AddKept(RetentionTally other)
    {
        foreach (var result in other.Results())
        {
            Change(result.Policy, own => own with { Warning = result.Warning ?? own.Warning });
            foreach (var kept in result.Kept)
                Change(result.Policy, own => WithKept(own, kept));
        }
    }

    private static RetentionResult WithKept(RetentionResult result, RetentionKept kept) => result with
    {
        Kept = [.. result.Kept.Where(other => other.Reason != kept.Reason), kept],
    };

    private static IReadOnlyList<string> Union(IReadOnlyList<string> names, IEnumerable<string> more)
    {
        var added = more.Except(names, StringComparer.Ordinal).ToArray();
        return added.Length == 0 ? names : [.. names.Concat(added).Order(StringComparer.Ordinal)];
    }

    private void Change(string policy, Func<RetentionResult, RetentionResult> change)
    {
        if (!_results.TryGetValue(policy, out var result))
        {
            _order.Add(policy);
            result = new RetentionResult(policy);
        }
        _results[policy] = change(result);
    }
}
