namespace Millrace.Tests;

public sealed class ConsumerProgressTests
{
    [Fact]
    public async Task What_it_does_and_what_keeps_it_from_getting_on_are_told_as_they_were_at_one_moment()
    {
        var progress = new ConsumerProgress(TimeProvider.System);
        var problem = ConsumerProblem.Of(new InvalidOperationException("No."), null, 1, DateTimeOffset.UnixEpoch);
        progress.Set(ConsumerState.Live);
        using var stop = new CancellationTokenSource();
        var changing = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                progress.Set(ConsumerState.Stalled, problem);
                progress.Set(ConsumerState.Live);
            }
        });

        for (var i = 0; i < 200_000; i++)
        {
            var (state, _, told) = progress.Own;
            Assert.Equal(state == ConsumerState.Stalled, told is not null);
        }
        await stop.CancelAsync();
        await changing;
    }
}
