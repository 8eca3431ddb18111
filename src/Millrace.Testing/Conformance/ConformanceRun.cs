namespace Millrace.Testing.Conformance;

/// <summary>Runs checks with a timeout and adds the name of the check to each failure.</summary>
internal static class ConformanceRun
{
    /// <summary>The default timeout of a check.</summary>
    public static readonly TimeSpan CheckTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Runs a check.</summary>
    /// <exception cref="ConformanceException">The check failed or timed out.</exception>
    public static async Task Check(
        string check, Func<Task> run, TimeSpan longest, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            await run().WaitAsync(limit);
        }
        catch (OperationCanceledException exception)
            when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ConformanceException(
                $"{check}: the check did not complete within {longest.TotalSeconds} s.", exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new ConformanceException($"{check} {exception.Message}", exception);
        }
    }

    /// <summary>Runs all checks in order. A failed check does not stop the run.</summary>
    public static async Task<ConformanceReport> All<TCheck>(
        IEnumerable<TCheck> checks, Func<TCheck, string> name, Func<string, Task> run, IProgress<TCheck>? progress)
    {
        var passed = new List<string>();
        var failed = new List<ConformanceFailure>();
        foreach (var check in checks)
        {
            progress?.Report(check);
            try
            {
                await run(name(check));
                passed.Add(name(check));
            }
            catch (ConformanceException exception)
            {
                failed.Add(new ConformanceFailure(name(check), exception));
            }
        }
        return new ConformanceReport(passed, failed);
    }
}
