namespace Millrace.Tuning;

/// <summary>The settings with which the factors are measured.</summary>
/// <param name="BatchAlone">The best size of batches for one worker.</param>
/// <param name="Workers">The best number of workers; 1 if a batch is handled by one call.</param>
/// <param name="BatchForWorkers">The smallest batch that gives each of them an event.</param>
/// <param name="BatchTogether">The best size of batches for these workers.</param>
internal readonly record struct TuningChoice(int BatchAlone, int Workers, int BatchForWorkers, int BatchTogether);
