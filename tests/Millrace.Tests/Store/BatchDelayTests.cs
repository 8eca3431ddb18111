using Millrace.Store;

namespace Millrace.Tests.Store;

/// <summary>When it is worth it to let others join a batch.</summary>
public sealed class BatchDelayTests
{
    [Fact]
    public void Where_those_who_were_answered_come_again_at_once_each_batch_is_paused_before()
    {
        var pause = new BatchDelay();
        for (var batch = 0; batch < 100; batch++)
        {
            Assert.True(pause.ShouldDelay(waiting: 16, lastBatch: 16));
            pause.Note(before: 16, after: 32);
        }
    }

    [Fact]
    public void Where_hardly_anybody_comes_those_who_wait_are_not_held_up_but_every_now_and_then()
    {
        var pause = new BatchDelay();
        var pauses = 0;
        for (var batch = 0; batch < 160; batch++)
        {
            if (!pause.ShouldDelay(waiting: 12, lastBatch: 13))
                continue;
            pauses++;
            pause.Note(before: 12, after: 13);
        }

        Assert.Equal(10, pauses); // The first, and each sixteenth behind it.
    }

    [Fact]
    public void Few_who_wait_are_always_given_the_time_to_become_more()
    {
        var pause = new BatchDelay();
        pause.Note(before: 12, after: 12);

        Assert.True(pause.ShouldDelay(waiting: 5, lastBatch: 12));
        Assert.False(pause.ShouldDelay(waiting: 6, lastBatch: 12));
    }

    [Fact]
    public void Once_they_come_again_it_is_paused_again()
    {
        var pause = new BatchDelay();
        for (var batch = 0; batch < 100; batch++)
            pause.Note(before: 12, after: 12);

        var batches = 0;
        for (var inARow = 0; inARow < 32; batches++)
        {
            Assert.True(batches < 200, "It does not notice that pauses are worth it.");
            if (pause.ShouldDelay(waiting: 16, lastBatch: 16))
            {
                pause.Note(before: 16, after: 32);
                inARow++;
            }
            else
            {
                inARow = 0;
            }
        }
    }
}
