namespace Millrace.Kafka.Tests;

public sealed class PartitionProgressTests
{
    private readonly PartitionProgress _partition = new(3);

    [Fact]
    public void No_commit_is_due_before_a_record_is_finished()
    {
        Assert.Null(_partition.Due);

        _partition.Begin(40);

        Assert.Null(_partition.Due);
        Assert.Equal(1, _partition.OpenCount);
    }

    [Fact]
    public void The_due_offset_follows_the_last_record_before_which_all_are_finished()
    {
        foreach (var offset in new long[] { 40, 41, 44, 45 }) // Compaction leaves gaps.
            _partition.Begin(offset);

        Assert.True(_partition.Finish(41));
        Assert.Null(_partition.Due);
        Assert.True(_partition.Finish(40));
        Assert.Equal(44, _partition.Due);
        Assert.True(_partition.Finish(45));
        Assert.Equal(44, _partition.Due);
        Assert.True(_partition.Finish(44));
        Assert.Equal(46, _partition.Due);
    }

    [Fact]
    public void A_committed_offset_is_not_due_again()
    {
        _partition.Begin(7);
        _partition.Finish(7);

        _partition.Committed(8);

        Assert.Null(_partition.Due);
        Assert.False(_partition.Finish(7));
        _partition.Begin(8);
        Assert.Null(_partition.Due);
    }
}
