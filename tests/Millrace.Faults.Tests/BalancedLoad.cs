using System.Collections.Concurrent;

namespace Millrace.Faults.Tests;

/// <summary>Clients that append and read through a balancer, and record each acknowledged event and failed request.
/// </summary>
internal sealed class BalancedLoad(ProbingBalancer balancer)
{
    private const int Clients = 8;
    private const int ReadInterval = 4;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly string _prefix = $"drain-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<Guid> _acknowledged = [];
    private readonly ConcurrentQueue<string> _failures = [];
    private Task _clients = Task.CompletedTask;
    private volatile bool _isStopping;
    private int _reads;

    /// <summary>Gets the ids of the events of successful appends.</summary>
    public IReadOnlyCollection<Guid> Acknowledged => _acknowledged;

    /// <summary>Gets the errors of failed requests.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Gets the number of successful reads.</summary>
    public int Reads => _reads;

    public void Start() =>
        _clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => Run(client))));

    public Task Stop()
    {
        _isStopping = true;
        return _clients;
    }

    private async Task Run(int client)
    {
        using var pace = new PeriodicTimer(Pace);
        for (var number = 1; !_isStopping; number++)
        {
            await pace.WaitForNextTickAsync(CancellationToken.None);
            try
            {
                await Request(client, number);
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
            {
                _failures.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {failure}");
            }
        }
    }

    private async Task Request(int client, int number)
    {
        var stream = $"{_prefix}-{client}";
        if (number > 1 && number % ReadInterval == 0)
        {
            await balancer.Send(HttpMethod.Get, $"/read?stream={stream}");
            Interlocked.Increment(ref _reads);
            return;
        }
        var id = Guid.NewGuid();
        await balancer.Send(
            HttpMethod.Post, $"/append?stream={stream}&expected=-1&ids={id}&writer={client}&number={number}");
        _acknowledged.Enqueue(id);
    }
}
