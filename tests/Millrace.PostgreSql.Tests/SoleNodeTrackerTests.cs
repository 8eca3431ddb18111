using Millrace.PostgreSql.Log;

namespace Millrace.PostgreSql.Tests;

public sealed class SoleNodeTrackerTests
{
    private readonly SoleNodeTracker _soleNodeTracker = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_what_a_look_has_shown(bool isAlone)
    {
        Assert.False(_soleNodeTracker.Holds);

        _soleNodeTracker.CompleteCheck(_soleNodeTracker.StartCheck(), isAlone);

        Assert.Equal(isAlone, _soleNodeTracker.Holds);
    }

    [Fact]
    public void Somebody_who_is_heard_ends_it_until_the_next_look()
    {
        _soleNodeTracker.CompleteCheck(_soleNodeTracker.StartCheck(), isAlone: true);

        _soleNodeTracker.End();
        Assert.False(_soleNodeTracker.Holds);

        _soleNodeTracker.CompleteCheck(_soleNodeTracker.StartCheck(), isAlone: true);
        Assert.True(_soleNodeTracker.Holds);
    }

    [Fact]
    public async Task Somebody_who_is_heard_while_it_is_looked_is_there_whichever_thread_is_first()
    {
        for (var round = 0; round < 2_000; round++)
        {
            var started = _soleNodeTracker.StartCheck();
            await Task.WhenAll(
                Task.Run(_soleNodeTracker.End), Task.Run(() => _soleNodeTracker.CompleteCheck(started, isAlone: true)));
            Assert.False(_soleNodeTracker.Holds);
        }
    }
}
