using Millrace.PostgreSql.Log;

namespace Millrace.PostgreSql.Tests;

public sealed class SoleNodeTrackerTests
{
    private readonly SoleNodeTracker _soleNodeTracker = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_tracker_returns_the_result_of_a_check(bool isAlone)
    {
        Assert.False(_soleNodeTracker.IsAlone);

        _soleNodeTracker.CompleteCheck(_soleNodeTracker.StartCheck(), isAlone);

        Assert.Equal(isAlone, _soleNodeTracker.IsAlone);
    }

    [Fact]
    public void A_notification_of_another_node_ends_the_state_until_the_next_check()
    {
        _soleNodeTracker.CompleteCheck(_soleNodeTracker.StartCheck(), isAlone: true);

        _soleNodeTracker.ReportOtherNode();
        Assert.False(_soleNodeTracker.IsAlone);

        _soleNodeTracker.CompleteCheck(_soleNodeTracker.StartCheck(), isAlone: true);
        Assert.True(_soleNodeTracker.IsAlone);
    }

    [Fact]
    public async Task A_notification_during_a_check_wins_in_any_order_of_threads()
    {
        for (var round = 0; round < 2_000; round++)
        {
            var started = _soleNodeTracker.StartCheck();
            await Task.WhenAll(
                Task.Run(_soleNodeTracker.ReportOtherNode), Task.Run(
                    () => _soleNodeTracker.CompleteCheck(started, isAlone: true)));
            Assert.False(_soleNodeTracker.IsAlone);
        }
    }
}
