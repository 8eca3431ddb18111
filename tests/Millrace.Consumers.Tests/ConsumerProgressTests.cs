namespace Millrace.Tests;

public sealed class ConsumerProgressTests
{
    private const int Seen = 50_000;

    [Fact]
    public async Task What_it_does_and_what_keeps_it_from_getting_on_are_told_as_they_were_at_one_moment()
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
            while (live < Seen || stalled < Seen)
            {
                limit.Token.ThrowIfCancellationRequested();
                var (state, _, told) = progress.Own;
                Assert.Equal(state == ConsumerState.Stalled, told is not null);
                if (told is null)
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
