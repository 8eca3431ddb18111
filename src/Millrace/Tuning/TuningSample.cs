using Millrace.Consuming;

namespace Millrace.Tuning;

/// <summary>What was measured with a setting in one interval.</summary>
/// <param name="Batches">The batches of the consumer.</param>
/// <param name="Answers">The durations of answers, by query.</param>
internal sealed record TuningSample(
    IReadOnlyList<TrialBatch> Batches, IReadOnlyDictionary<string, IReadOnlyList<TimeSpan>> Answers)
{
    private const int MinEvents = 3;

    /// <summary>Gets the number of events.</summary>
    public int Events { get; } = Batches.Sum(static batch => batch.Events);

    /// <summary>
    /// Gets the events per second of the time in which full batches were handled; null for too few events. A batch that
    /// is not full shows what the load had, and not what the setting can do.
    /// </summary>
    public double? EventsPerSecond { get; } = RateOf([.. Batches.Where(static batch => batch.IsFull)]);

    /// <summary>
    /// Gets the events per second of the time in which batches were handled; null for too few events.
    /// </summary>
    public double? PresentRate { get; } = RateOf(Batches);

    /// <summary>Returns the mean duration of the answers to a query; null if there were none.</summary>
    public double? AnswerSeconds(string query) =>
        Answers.TryGetValue(query, out var durations) && durations.Count > 0
            ? durations.Average(static one => one.TotalSeconds)
            : null;

    private static double? RateOf(IReadOnlyList<TrialBatch> batches)
    {
        var events = batches.Sum(static batch => batch.Events);
        return events < MinEvents
            ? null
            : events / Math.Max(1e-6, batches.Sum(static batch => batch.Duration.TotalSeconds));
    }
}
