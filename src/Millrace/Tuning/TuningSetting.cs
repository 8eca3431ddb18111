namespace Millrace.Tuning;

/// <summary>Settings to measure. Null values are the application's own.</summary>
/// <param name="Name">The name in the report.</param>
/// <param name="BatchEvents">The maximum number of events of a batch.</param>
/// <param name="Workers">The number of workers.</param>
/// <param name="IsCached">Whether cached answers are used.</param>
internal sealed record TuningSetting(string Name, int? BatchEvents, int? Workers, bool IsCached)
{
    public const string NoneName = "none";
    public const string BatchingName = "batching";
    public const string ConcurrencyName = "concurrency";
    public const string BothName = "batching+concurrency";
    public const string CachingName = "caching";
    public const string PresentName = "present";

    /// <summary>Returns the application's own settings.</summary>
    /// <param name="maxBatchEvents">The maximum number of events of a batch that an interval can measure: a consumer
    /// that is far behind handles whole pages; null without a limit.</param>
    public static TuningSetting Present(int? maxBatchEvents) =>
        new(PresentName, maxBatchEvents, null, IsCached: true);
}
