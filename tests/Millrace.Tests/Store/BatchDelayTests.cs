using Millrace.Store;

namespace Millrace.Tests.Store;

/// <summary>Tests when the writer delays a batch so that more requests can join it.</summary>
public sealed class BatchDelayTests
{
    [Fact]
    public void Each_batch_is_delayed_while_delays_make_batches_larger()
    {
        var delay = new BatchDelay();
        for (var batch = 0; batch < 100; batch++)
        {
            Assert.True(delay.ShouldDelay(waiting: 16, lastBatch: 16));
            delay.RecordDelay(before: 16, after: 32);
        }
    }

    [Fact]
    public void Few_batches_are_delayed_while_delays_add_few_requests()
    {
        var delay = new BatchDelay();
        var delayCount = 0;
        for (var batch = 0; batch < 160; batch++)
        {
            if (!delay.ShouldDelay(waiting: 12, lastBatch: 13))
                continue;
            delayCount++;
            delay.RecordDelay(before: 12, after: 13);
        }

        Assert.Equal(10, delayCount); // The first batch and every sixteenth batch after it.
    }

    [Fact]
    public void A_batch_with_few_waiting_requests_is_always_delayed()
    {
        var delay = new BatchDelay();
        delay.RecordDelay(before: 12, after: 12);

        Assert.True(delay.ShouldDelay(waiting: 5, lastBatch: 12));
        Assert.False(delay.ShouldDelay(waiting: 6, lastBatch: 12));
    }

    [Fact]
    public void Batches_are_delayed_again_when_delays_make_them_larger_again()
    {
        var delay = new BatchDelay();
        for (var batch = 0; batch < 100; batch++)
            delay.RecordDelay(before: 12, after: 12);

        var batches = 0;
        for (var consecutiveDelays = 0; consecutiveDelays < 32; batches++)
        {
            Assert.True(batches < 200, "The writer does not notice that delays make batches larger again.");
            if (delay.ShouldDelay(waiting: 16, lastBatch: 16))
            {
                delay.RecordDelay(before: 16, after: 32);
                consecutiveDelays++;
            }
            else
            {
                consecutiveDelays = 0;
            }
        }
    }
}
