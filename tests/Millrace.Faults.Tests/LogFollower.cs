using Millrace.Storage;

namespace Millrace.Faults.Tests;

/// <summary>
/// Reads a growing log on one node as a consumer does, and checks that no position is skipped or repeated.
/// </summary>
internal sealed class LogFollower(ILogStorage log) : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4); // The machine may be busy.

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Guid> _ids = [];
    private Task _running = Task.CompletedTask;
    private long _position;

    public void Start() => _running = Task.Run(Run);

    /// <summary>
    /// Waits until the follower has read up to a position, and returns the ids of all events up to there.
    /// </summary>
    public async Task<List<Guid>> ReadUpTo(long position)
    {
        await Testing.Eventually.Until(
            () => _running.IsCompleted || Interlocked.Read(ref _position) >= position, WaitTimeout);
        await _stopping.CancelAsync();
        await _running;
        return _ids;
    }

    public void Dispose() => _stopping.Dispose();

    private async Task Run()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var query = new LogPageQuery(EventFilter.All, _position + 1, IsBackwards: false, Limit: 50);
                foreach (var recorded in (await log.ReadLog(query, CancellationToken.None)).Events)
                {
                    Assert.Equal(_position + 1, recorded.Position);
                    _ids.Add(recorded.Id);
                    Interlocked.Increment(ref _position);
                }
                await log.WaitForChange(new LogHead(1, _position), _stopping.Token);
            }
            catch (StorageException failure) when (failure.IsTransient)
            {
                // The test ended the connection more often than the node retries.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
