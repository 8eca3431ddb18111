using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Tests;

public sealed class ConsumerSnapshotTests
{
    private static readonly DateTimeOffset Time = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Partitions_combine_to_the_lowest_position_the_worst_state_and_the_sum_of_the_counts()
    {
        var ahead = new ConsumerSnapshot
        {
            Position = 9,
            LeaseEpoch = 2,
            OpenDeadLetters = 1,
            State = ConsumerState.Stalled,
            StateSince = Time,
            Error = "It failed.",
        };
        var behind = new ConsumerSnapshot
        {
            Position = 4,
            LeaseEpoch = 3,
            OpenDeadLetters = 2,
            State = ConsumerState.Live,
            RecordedAt = Time,
        };

        var all = ConsumerSnapshot.Combine([behind, ahead]);

        Assert.Equal(ahead with { Position = 4, LeaseEpoch = 5, OpenDeadLetters = 3, RecordedAt = Time }, all);
    }

    [Fact]
    public void A_stored_consumer_that_reached_the_end_is_live_before_its_node_reports_it()
    {
        var record = new ConsumerRecord
        {
            Consumer = "sales",
            Partition = 0,
            Checkpoint = 7,
            LeaseEpoch = 1,
            State = nameof(ConsumerState.CatchingUp),
        };

        Assert.Equal(ConsumerState.Live, ConsumerSnapshot.Of(record, 7).State);
        Assert.Equal(ConsumerState.CatchingUp, ConsumerSnapshot.Of(record, 8).State);
        Assert.Equal(ConsumerState.Paused, ConsumerSnapshot.Of(record with { IsPaused = true }, 7).State);
    }

    [Fact]
    public void A_consumer_without_progress_and_without_an_error_is_stalled()
    {
        var progress = new ConsumerProgress(TimeProvider.System);
        progress.MoveTo(3);

        Assert.False(progress.TakeSnapshot(3, TimeSpan.Zero).IsSilent);
        var silent = progress.TakeSnapshot(4, TimeSpan.Zero);
        Assert.Equal((ConsumerState.Stalled, true), (silent.State, silent.IsSilent));
        Assert.StartsWith("No progress beyond position 3 since ", silent.Error, StringComparison.Ordinal);
    }
}
