using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Tests.Store;

/// <summary>Tests the recent events that a node keeps in memory.</summary>
public sealed class LogTailTests
{
    private readonly LogTail _tail = new(capacity: 8);

    public LogTailTests()
    {
        _tail.SetHead(new LogHead(1, 0));
        _tail.AddReader();
    }

    [Fact]
    public void Events_committed_by_this_node_are_read_from_memory()
    {
        Commit(1, 2, 3);

        Assert.Equal(new LogHead(1, 3), _tail.Head);
        Assert.Equal([2, 3], Read(2));
        Assert.Equal([1, 2], Read(1, limit: 2));
        Assert.Equal([], Read(4));
    }

    [Fact]
    public void Dropped_events_are_read_from_the_storage()
    {
        Commit([.. Enumerable.Range(1, 20)]);

        Assert.Null(Read(12));
        Assert.Equal([13, 14, 15, 16, 17, 18, 19, 20], Read(13));
    }

    [Fact]
    public void Events_before_a_commit_of_another_node_are_dropped()
    {
        Commit(1, 2);
        Commit(4, 5);

        Assert.Equal(new LogHead(1, 5), _tail.Head);
        Assert.Null(Read(2));
        Assert.Null(Read(3));
        Assert.Equal([4, 5], Read(4));
    }

    [Fact]
    public void Events_of_another_node_are_read_from_the_storage()
    {
        Commit(1, 2);
        _tail.SetHead(new LogHead(1, 4));

        Assert.Equal(4, _tail.Head.Position);
        Assert.Equal([2], Read(2));
        Assert.Null(Read(3));
    }

    [Fact]
    public void Clear_drops_all_events()
    {
        Commit(1, 2);
        _tail.Clear();

        Assert.Null(Read(1));
        Commit(3);
        Assert.Null(Read(2));
        Assert.Equal([3], Read(3));
    }

    [Theory]
    [InlineData(RemovalKind.Truncate, false)]
    [InlineData(RemovalKind.Tombstone, false)]
    [InlineData(RemovalKind.Delete, true)]
    public void A_removal_drops_the_events_that_it_removes(RemovalKind kind, bool isKept)
    {
        Commit(1, 2);
        Remove(kind);

        Assert.Equal(isKept, Read(1) is not null);
        Commit(3);
        Assert.Equal([3], Read(3));
    }

    [Fact]
    public void A_new_epoch_drops_the_events_of_the_old_epoch()
    {
        Commit(1, 2, 3, 4, 5);
        _tail.SetHead(new LogHead(2, 3));

        Assert.Equal(new LogHead(2, 3), _tail.Head);
        Assert.Null(Read(2));
        Commit(4);
        Assert.Equal([4], Read(4));
    }

    [Fact]
    public void An_event_of_the_old_epoch_is_not_returned_for_a_position_of_the_new_epoch()
    {
        Commit(1, 2, 3, 4, 5);
        _tail.SetHead(new LogHead(2, 3));

        _tail.SetHead(new LogHead(2, 4));

        Assert.Null(Read(4));
    }

    [Fact]
    public void Events_of_another_node_in_a_new_epoch_replace_those_of_the_old_epoch()
    {
        Commit(1, 2, 3, 4, 5);
        _tail.SetHead(new LogHead(2, 3));

        _tail.Fill(2, _tail.Round, [WrittenByAnother(4)]);
        _tail.SetHead(new LogHead(2, 4));

        var events = new List<RecordedEvent>();
        Assert.True(_tail.TryRead(4, 10, events));
        Assert.Equal(WrittenByAnother(4).Id, Assert.Single(events).Id);
        Assert.Null(Read(3));
    }

    [Fact]
    public void Events_that_were_read_in_an_old_epoch_are_not_kept()
    {
        _tail.SetHead(new LogHead(2, 3));

        _tail.Fill(1, _tail.Round, [WrittenByAnother(4)]);
        _tail.SetHead(new LogHead(2, 4));

        Assert.Null(Read(4));
    }

    [Fact]
    public void Events_that_were_read_before_a_removal_are_not_kept()
    {
        Commit(1, 2);
        var round = _tail.Round;
        Remove(RemovalKind.Tombstone);

        _tail.Fill(1, round, [WrittenByAnother(3)]);
        _tail.SetHead(new LogHead(1, 3));

        Assert.Null(Read(3));
    }

    [Fact]
    public void Events_of_another_node_are_kept_again_after_Clear()
    {
        Commit(1, 2);
        _tail.Clear();

        _tail.Fill(1, _tail.Round, [WrittenByAnother(3)]);
        _tail.SetHead(new LogHead(1, 3));

        Assert.Equal([3], Read(3));
        Assert.Null(Read(2));
    }

    [Fact]
    public void No_event_is_kept_while_there_is_no_reader()
    {
        _tail.RemoveReader();
        Assert.Equal(0, _tail.MaxEventsToFill);
        Commit(1, 2);
        _tail.AddReader();
        Assert.True(_tail.MaxEventsToFill > 0);
        Commit(3);

        Assert.Null(Read(1));
        Assert.Equal([3], Read(3));
    }

    [Fact]
    public void Events_of_types_that_no_reader_uses_are_kept_as_bytes()
    {
        var tail = new LogTail(capacity: 8);
        var (first, second, third) = (new object(), new object(), new object());
        tail.AddReader(["other"]);

        Commit(tail, 1, first);
        tail.AddReader(["numbered"]);
        Commit(tail, 2, second);
        tail.RemoveReader();
        tail.AddReader(); // This reader needs events of all types.
        Commit(tail, 3, third, "unheard-of");

        Assert.IsType<UnknownEvent>(tail.Find(1)!.Data); // The tail kept only the bytes.
        Assert.Equal([1], tail.Find(1)!.Payload.ToArray());
        Assert.Same(second, tail.Find(2)!.Data);
        Assert.Same(third, tail.Find(3)!.Data);
    }

    [Fact]
    public void Events_that_all_readers_have_passed_are_dropped()
    {
        var tail = new LogTail(capacity: 10_000);
        tail.AddReader();
        using var slow = tail.StartAfter(0);
        using var quick = tail.StartAfter(0);

        Commit(tail, [.. Enumerable.Range(1, 1_000)]);
        Assert.NotNull(tail.Find(1)); // No reader has read it.
        (slow.ReleasedPosition, quick.ReleasedPosition) = (600, 1_000);
        Commit(tail, [.. Enumerable.Range(1_001, LogTail.MinCapacity)]);

        Assert.False(tail.TryRead(600, 10, []));
        Assert.Null(tail.Find(600));
        Assert.True(tail.TryRead(601, 10, []));
    }

    [Fact]
    public void The_latest_events_are_kept_after_all_readers_have_passed_them()
    {
        var tail = new LogTail(capacity: 10_000);
        tail.AddReader();
        using var readerPosition = tail.StartAfter(0);

        for (var position = 1; position <= 4 * LogTail.MinCapacity; position++)
        {
            Commit(tail, position);
            readerPosition.ReleasedPosition = position;
        }

        Assert.Null(tail.Find(3 * LogTail.MinCapacity));
        Assert.NotNull(tail.Find((3 * LogTail.MinCapacity) + 1));
        Assert.Equal(DateTimeOffset.UnixEpoch, tail.RecordedAt(1)); // The tail keeps the times of dropped events.
    }

    [Fact]
    public void Passed_events_are_dropped_between_commits_of_another_node()
    {
        var tail = new LogTail(capacity: 10_000);
        tail.AddReader();
        using var readerPosition = tail.StartAfter(0);

        for (var position = 1; position <= 4 * LogTail.MinCapacity; position++)
        {
            if (position % 10 == 0)
                tail.SetHead(new LogHead(0, position)); // Another node wrote this event.
            else
                Commit(tail, position);
            readerPosition.ReleasedPosition = position;
        }

        Assert.Null(tail.Find(1));
        Assert.Null(tail.Find((3 * LogTail.MinCapacity) - 1));
        Assert.NotNull(tail.Find((4 * LogTail.MinCapacity) - 1));
    }

    [Fact]
    public void The_time_of_an_event_is_returned_only_if_it_is_known()
    {
        Commit(1, 2);
        _tail.SetHead(new LogHead(1, 4)); // Another node wrote these events.
        Assert.Equal(DateTimeOffset.UnixEpoch, _tail.RecordedAt(2));
        Assert.Null(_tail.RecordedAt(3));

        Commit(5);
        Assert.Null(_tail.RecordedAt(2)); // The tail can no longer assign its times to positions.
        Assert.Null(_tail.RecordedAt(4));
        Assert.Equal(DateTimeOffset.UnixEpoch, _tail.RecordedAt(5));

        _tail.Fill(1, _tail.Round, [WrittenByAnother(4)]);
        Assert.Equal(DateTimeOffset.UnixEpoch, _tail.RecordedAt(4));
        Commit([.. Enumerable.Range(6, 8)]);
        Assert.Null(_tail.RecordedAt(5));
        Assert.NotNull(_tail.RecordedAt(6));
        _tail.Clear();
        Assert.Null(_tail.RecordedAt(13));
    }

    [Fact]
    public void No_event_is_kept_for_a_reader_that_is_far_behind_or_has_left()
    {
        var tail = new LogTail(capacity: 1_000);
        tail.AddReader();
        using var farBehind = tail.StartAfter(0);
        using var closeBehind = tail.StartAfter(0);
        var removedReader = tail.StartAfter(1_990);

        Commit(tail, [.. Enumerable.Range(1, 2_000)]);
        closeBehind.ReleasedPosition = 2_000;
        removedReader.Dispose();
        Commit(tail, [.. Enumerable.Range(2_001, LogTail.MinCapacity)]);

        Assert.Null(tail.Find(2_000));
        Assert.NotNull(tail.Find(2_001));
        closeBehind.Dispose();
        Commit(tail, [.. Enumerable.Range(2_257, LogTail.MinCapacity)]);
        Assert.Null(tail.Find(2_256));
        Assert.NotNull(tail.Find(2_257));
    }

    [Fact]
    public void A_reader_that_moves_back_reads_kept_events_or_the_storage()
    {
        var tail = new LogTail(capacity: 1_000);
        tail.AddReader();
        using var readerPosition = tail.StartAfter(0);
        Commit(tail, [.. Enumerable.Range(1, 500)]);
        readerPosition.ReleasedPosition = 500;
        Commit(tail, [.. Enumerable.Range(501, LogTail.MinCapacity)]);

        readerPosition.ReleasedPosition = 400;
        Assert.False(tail.TryRead(401, 10, []));
        Commit(tail, [.. Enumerable.Range(757, LogTail.MinCapacity)]);

        Assert.NotNull(tail.Find(501)); // The tail keeps events for the moved reader again.
    }

    [Fact]
    public async Task A_wait_completes_when_the_log_grows_beyond_its_position()
    {
        var waiting = _tail.WaitBeyond(2, CancellationToken.None).AsTask();

        Commit(1, 2);
        Assert.False(waiting.IsCompleted);
        Commit(3);

        await waiting.WaitAsync(TestData.WaitTimeout);
        await _tail.WaitBeyond(2, CancellationToken.None);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var waiting = _tail.WaitBeyond(0, cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TestData.WaitTimeout));
    }

    [Fact]
    public void A_tail_with_no_capacity_still_knows_the_head()
    {
        var tail = new LogTail(capacity: 0);
        tail.AddReader();
        Commit(tail, 1, 2);

        Assert.Equal(2, tail.Head.Position);
        Assert.False(tail.TryRead(1, 10, []));
        Assert.True(tail.TryRead(3, 10, []));
    }

    private void Commit(params int[] positions) => Commit(_tail, positions);

    private void Remove(RemovalKind kind)
    {
        var removal = new StreamRemoval(new StreamId("a"), kind, 2, ExpectedVersion.Any, "too old", null);
        _tail.AddCommitted(
            [new PendingCommit(new CommitRequest { Removals = [removal] }, 0, 0)],
            [CommitOutcome.Committed([], 2, DateTimeOffset.UnixEpoch)]);
    }

    private static void Commit(LogTail tail, params int[] positions)
    {
        var request = TestData.Request("a", ExpectedVersion.Any, positions);
        var (first, last) = (positions[0], positions[^1]);
        var outcome = CommitOutcome.Committed(
            [new AppendPlacement(first, last, first, last)],
            last,
            DateTimeOffset.UnixEpoch);
        tail.AddCommitted([new PendingCommit(request, positions.Length, 0)], [outcome]);
    }

    private static void Commit(LogTail tail, int position, object data, string type = "numbered")
    {
        var encoded = new EncodedEvent
        {
            Id = TestData.Id(position),
            Type = type,
            Payload = new byte[] { 1 },
            Data = data,
        };
        var request = new CommitRequest
        {
            Appends = [new StreamAppend(new StreamId("a"), ExpectedVersion.Any, [encoded])],
        };
        var placement = new AppendPlacement(position, position, position, position);
        var outcome = CommitOutcome.Committed([placement], position, DateTimeOffset.UnixEpoch);
        tail.AddCommitted([PendingCommit.Of(request)], [outcome]);
    }

    private static RecordedEvent WrittenByAnother(int position) =>
        TestData.Request("a", ExpectedVersion.Any, 1_000 + position).Appends[0].Events[0]
            .At(new StreamId("a"), position, position, DateTimeOffset.UnixEpoch, decoder: null);

    private List<int>? Read(long from, int limit = 10)
    {
        var events = new List<RecordedEvent>();
        return _tail.TryRead(from, limit, events) ? [.. events.Select(recorded => (int)recorded.Position)] : null;
    }
}
