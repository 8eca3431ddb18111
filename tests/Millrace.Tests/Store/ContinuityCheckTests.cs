using Millrace.Monitoring;

namespace Millrace.Tests.Store;

/// <summary>Tests the check that events are consecutive.</summary>
public sealed class ContinuityCheckTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_log_with_consecutive_events_has_no_problem() =>
        Assert.Empty(CheckAll(At(1, "a", 1), At(2, "b", 1), At(3, "a", 2)));

    [Fact]
    public void A_check_that_starts_in_the_middle_of_a_log_finds_no_problem() =>
        Assert.Empty(CheckAll(from: 41, At(42, "a", 7), At(43, "a", 8)));

    [Fact]
    public void Missing_positions_are_counted_and_allow_as_many_missing_versions()
    {
        var check = new ContinuityCheck(100);
        var problems = new List<string>();
        foreach (var recorded in new[] { At(1, "a", 1), At(4, "a", 4) })
            check.Next(recorded, null, problems);

        Assert.Empty(problems);
        Assert.Equal(2, check.Missing);
    }

    [Fact]
    public void A_missing_version_is_found()
    {
        var check = new ContinuityCheck(100);
        var problems = new List<string>();
        foreach (var recorded in new[] { At(1, "a", 1), At(2, "a", 3) })
            check.Next(recorded, null, problems);

        Assert.Empty(problems); // A later lookup tells whether the event was lost or removed.
        Assert.Equal(new VersionGap(new StreamId("a"), 1, 3, 2), Assert.Single(check.Gaps));
    }

    [Fact]
    public void A_repeated_version_is_reported() =>
        Assert.Contains(
            "that was already at 1", Assert.Single(CheckAll(At(1, "a", 1), At(2, "a", 1))), StringComparison.Ordinal);

    [Fact]
    public void A_repeated_position_is_reported() =>
        Assert.Contains(
            "Position 1 was read after position 1",
            Assert.Single(CheckAll(At(1, "a", 1), At(1, "b", 1))),
            StringComparison.Ordinal);

    [Fact]
    public void An_earlier_timestamp_is_reported() =>
        Assert.Contains(
            "has an earlier timestamp",
            Assert.Single(CheckAll(At(1, "a", 1), At(2, "a", 2, -1))),
            StringComparison.Ordinal);

    [Fact]
    public void An_event_that_differs_from_the_delivered_event_is_reported()
    {
        var (check, problems) = (new ContinuityCheck(100), new List<string>());

        check.Next(At(1, "a", 1), At(1, "a", 1), problems);

        // Each event has a new id.
        Assert.Contains("but this node delivered", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_checked_event_must_still_exist()
    {
        var check = new ContinuityCheck(100);
        var last = At(5, "a", 5);
        check.StartAfter(4);
        check.Next(last, null, []);

        Assert.Null(check.VerifyLast(last, head: 5));
        Assert.Null(check.VerifyLast(At(6, "a", 6), head: 6)); // A removal record accounts for the missing event.
        Assert.Null(check.VerifyLast(null, head: 5));
        Assert.Contains("but contained", check.VerifyLast(At(5, "a", 5), head: 5), StringComparison.Ordinal);
        Assert.Contains("ends at position 3", check.VerifyLast(null, head: 3), StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_remembers_at_most_the_allowed_number_of_streams()
    {
        var (check, problems) = (new ContinuityCheck(2), new List<string>());
        foreach (var recorded in new[] { At(1, "a", 1), At(2, "b", 1), At(3, "c", 1), At(4, "a", 9) })
            check.Next(recorded, null, problems);

        Assert.Empty(problems); // The check no longer remembers stream a.
    }

    private static List<string> CheckAll(params RecordedEvent[] events) => CheckAll(0, events);

    private static List<string> CheckAll(long from, params RecordedEvent[] events)
    {
        var (check, problems) = (new ContinuityCheck(100), new List<string>());
        check.StartAfter(from);
        foreach (var recorded in events)
            check.Next(recorded, null, problems);
        return problems;
    }

    private static RecordedEvent At(long position, string stream, long version, int second = 0) => new()
    {
        Id = Guid.NewGuid(),
        Stream = new StreamId(stream),
        Version = version,
        Position = position,
        Type = "thing.happened",
        Timestamp = Noon.AddSeconds(second),
        Payload = default,
    };
}
