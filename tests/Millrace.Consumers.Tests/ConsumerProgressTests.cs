using Millrace.Consuming;

namespace Millrace.Tests;

public sealed class ConsumerProgressTests
{
    private const int MinSnapshots = 50_000;

    [Fact]
    public async Task State_and_problem_are_read_consistently()
    {
        var progress = new ConsumerProgress(TimeProvider.System);
        var problem = ConsumerProblem.Of(new InvalidOperationException("No."), null, 1, DateTimeOffset.UnixEpoch);
        progress.Set(ConsumerState.Live);
        using var stop = new CancellationTokenSource();
        using var limit = new CancellationTokenSource(TestNode.WaitTimeout);
        var changing = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                progress.Set(ConsumerState.Stalled, problem);
                progress.Set(ConsumerState.Live);
            }
        });

        try
        {
            var (live, stalled) = (0, 0);
            while (live < MinSnapshots || stalled < MinSnapshots)
            {
                limit.Token.ThrowIfCancellationRequested();
                var snapshot = progress.TakeSnapshot(head: 0, stallAfter: TimeSpan.MaxValue);
                Assert.Equal(snapshot.State == ConsumerState.Stalled, snapshot.Problem is not null);
                if (snapshot.Problem is null)
                    live++;
                else
                    stalled++;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await changing;
        }
    }
}
