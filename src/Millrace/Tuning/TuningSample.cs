namespace Millrace.Tuning;

/// <summary>What was measured with a setting in one interval.</summary>
/// <param name="Batches">The batches of the consumer.</param>
/// <param name="Answers">The durations of answers, by query.</param>
internal sealed record TuningSample(
    IReadOnlyList<(TimeSpan Duration, int Events)> Batches,
    IReadOnlyDictionary<string, IReadOnlyList<TimeSpan>> Answers)
{
    private const int MinEvents = 3;

    /// <summary>Gets the number of events.</summary>
    public int Events { get; } = Batches.Sum(static batch => batch.Events);

    /// <summary>
    /// Gets the events per second of the time in which batches were handled; null for too few events.
    /// </summary>
    public double? EventsPerSecond => Events < MinEvents
        ? null
        : Events / Math.Max(1e-6, Batches.Sum(static batch => batch.Duration.TotalSeconds));

    /// <summary>Returns the mean duration of the answers to a query; null if there were none.</summary>
    public double? AnswerSeconds(string query) =>
        Answers.TryGetValue(query, out var durations) && durations.Count > 0
            ? durations.Average(static one => one.TotalSeconds)
            : null;
}
