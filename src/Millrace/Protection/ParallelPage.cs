using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Millrace.Protection;

/// <summary>Decrypts the events of a large page with several processors.</summary>
internal static class ParallelPage
{
    private const int MinParallel = 256;
    private const int EventsEach = 64;
    private const int MaxProcessors = 4;

    /// <summary>Calls an action for each index.</summary>
    /// <exception cref="OperationCanceledException">The operation was cancelled.</exception>
    public static void Run(int count, Action<int> action, CancellationToken cancellationToken)
    {
        if (count < MinParallel || Environment.ProcessorCount == 1)
        {
            for (var i = 0; i < count; i++)
                action(i);
            return;
        }
        var options = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = Math.Min(MaxProcessors, Environment.ProcessorCount),
        };
        try
        {
            Parallel.ForEach(Partitioner.Create(0, count, EventsEach), options, range =>
            {
                for (var i = range.Item1; i < range.Item2; i++)
                    action(i);
            });
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }
}
