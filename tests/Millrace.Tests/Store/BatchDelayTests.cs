using Millrace.Store;

namespace Millrace.Tests.Store;

/// <summary>Tests when the writer delays a batch so that more requests can join it.</summary>
public sealed class BatchDelayTests
{
    [Fact]
    public void Each_batch_is_delayed_while_delays_make_batches_larger()
    {
        var pause = new BatchDelay();
        for (var batch = 0; batch < 100; batch++)
        {
            Assert.True(pause.ShouldDelay(waiting: 16, lastBatch: 16));
            pause.RecordDelay(before: 16, after: 32);
        }
    }

    [Fact]
    public void Few_batches_are_delayed_while_delays_add_few_requests()
    {
        var pause = new BatchDelay();
        var pauses = 0;
        for (var batch = 0; batch < 160; batch++)
        {
            if (!pause.ShouldDelay(waiting: 12, lastBatch: 13))
                continue;
            pauses++;
            pause.RecordDelay(before: 12, after: 13);
        }

        Assert.Equal(10, pauses); // The first batch and every sixteenth batch after it.
    }

    [Fact]
    public void A_batch_with_few_waiting_requests_is_always_delayed()
    {
        var pause = new BatchDelay();
        pause.RecordDelay(before: 12, after: 12);

        Assert.True(pause.ShouldDelay(waiting: 5, lastBatch: 12));
        Assert.False(pause.ShouldDelay(waiting: 6, lastBatch: 12));
    }

    [Fact]
    public void Batches_are_delayed_again_when_delays_make_them_larger_again()
    {
        var pause = new BatchDelay();
        for (var batch = 0; batch < 100; batch++)
            pause.RecordDelay(before: 12, after: 12);

        var batches = 0;
        for (var inARow = 0; inARow < 32; batches++)
        {
            Assert.True(batches < 200, "The writer does not notice that delays make batches larger again.");
            if (pause.ShouldDelay(waiting: 16, lastBatch: 16))
            {
                pause.RecordDelay(before: 16, after: 32);
                inARow++;
            }
            else
            {
                inARow = 0;
            }
        }
    }
}
