namespace Millrace.Testing.Conformance;

/// <summary>Runs checks with a timeout and adds the name of the check to each failure.</summary>
internal static class ConformanceRun
{
    /// <summary>The default timeout of a check.</summary>
    public static readonly TimeSpan CheckTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Runs a check.</summary>
    /// <exception cref="ConformanceException">The check failed or timed out.</exception>
    public static async Task Check(
        string check,
        Func<Task> run,
        TimeSpan timeout,
        CancellationToken timeoutToken,
        CancellationToken cancellationToken)
    {
        try
        {
            await run().WaitAsync(timeoutToken);
        }
        catch (OperationCanceledException exception)
            when (timeoutToken.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ConformanceException(
                $"{check}: the check did not complete within {timeout.TotalSeconds} s.", exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new ConformanceException($"{check} {exception.Message}", exception);
        }
    }

    /// <summary>Runs all checks in order. A failed check does not stop the run.</summary>
    public static async Task<ConformanceReport> All<TCheck>(
        IEnumerable<TCheck> checks, Func<TCheck, string> nameOf, Func<string, Task> run, IProgress<TCheck>? progress)
    {
        var passed = new List<string>();
        var failed = new List<ConformanceFailure>();
        foreach (var check in checks)
        {
            progress?.Report(check);
            try
            {
                await run(nameOf(check));
                passed.Add(nameOf(check));
            }
            catch (ConformanceException exception)
            {
                failed.Add(new ConformanceFailure(nameOf(check), exception));
            }
        }
        return new ConformanceReport(passed, failed);
    }
}
