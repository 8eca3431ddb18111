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
    public const string OneWorkerName = "one worker";
    public const string ConcurrencyName = "concurrency";
    public const string BothName = "batching+concurrency";
    public const string CachingName = "caching";
    public const string AllName = "batching+concurrency+caching";
    public const string PresentName = "present";

    /// <summary>Returns the application's own number of workers, with a size of batches.</summary>
    /// <param name="batchEvents">The maximum number of events of a batch.</param>
    /// <param name="isCached">Whether cached answers are used.</param>
    public static TuningSetting Present(int batchEvents, bool isCached) =>
        new(PresentName, batchEvents, null, isCached);
}
