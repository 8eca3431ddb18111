using Millrace.Monitoring;

namespace Millrace.Tests.Store;

/// <summary>Tests the audit of consecutive events.</summary>
public sealed class ContinuityCheckTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_log_that_continues_is_sound() => Assert.Empty(CheckAll(At(1, "a", 1), At(2, "b", 1), At(3, "a", 2)));

    [Fact]
    public void A_log_that_is_joined_in_the_middle_is_sound() =>
        Assert.Empty(CheckAll(from: 41, At(42, "a", 7), At(43, "a", 8)));

    [Fact]
    public void Positions_without_an_event_are_counted_and_excuse_as_many_versions()
    {
        var check = new ContinuityCheck(100);
        var problems = new List<string>();
        foreach (var recorded in new[] { At(1, "a", 1), At(4, "a", 4) })
            check.Next(recorded, null, problems);

        Assert.Empty(problems);
        Assert.Equal(2, check.Missing);
    }

    [Fact]
    public void A_version_that_is_missing_is_found()
    {
        var check = new ContinuityCheck(100);
        var problems = new List<string>();
        foreach (var recorded in new[] { At(1, "a", 1), At(2, "a", 3) })
            check.Next(recorded, null, problems);

        Assert.Empty(problems); // Whether it was lost or removed by record is looked up.
        Assert.Equal(new VersionGap(new StreamId("a"), 1, 3, 2), Assert.Single(check.Gaps));
    }

    [Fact]
    public void A_version_that_comes_again_is_reported() =>
        Assert.Contains(
            "that was already at 1", Assert.Single(CheckAll(At(1, "a", 1), At(2, "a", 1))), StringComparison.Ordinal);

    [Fact]
    public void A_position_that_comes_again_is_reported() =>
        Assert.Contains(
            "Position 1 was read after position 1",
            Assert.Single(CheckAll(At(1, "a", 1), At(1, "b", 1))),
            StringComparison.Ordinal);

    [Fact]
    public void Time_that_runs_backwards_is_reported() =>
        Assert.Contains(
            "has an earlier timestamp",
            Assert.Single(CheckAll(At(1, "a", 1), At(2, "a", 2, -1))),
            StringComparison.Ordinal);

    [Fact]
    public void An_event_that_is_not_the_one_handed_on_is_reported()
    {
        var (check, problems) = (new ContinuityCheck(100), new List<string>());

        check.Next(At(1, "a", 1), At(1, "a", 1), problems);

        // Each has its own id.
        Assert.Contains("but this node delivered", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_looked_at_last_must_still_stand_there()
    {
        var check = new ContinuityCheck(100);
        var last = At(5, "a", 5);
        check.StartAfter(4);
        check.Next(last, null, []);

        Assert.Null(check.VerifyLast(last, head: 5));
        Assert.Null(check.VerifyLast(At(6, "a", 6), head: 6)); // Removed, which the records tell.
        Assert.Null(check.VerifyLast(null, head: 5));
        Assert.Contains("but contained", check.VerifyLast(At(5, "a", 5), head: 5), StringComparison.Ordinal);
        Assert.Contains("ends at position 3", check.VerifyLast(null, head: 3), StringComparison.Ordinal);
    }

    [Fact]
    public void No_more_streams_are_remembered_than_allowed()
    {
        var (check, problems) = (new ContinuityCheck(2), new List<string>());
        foreach (var recorded in new[] { At(1, "a", 1), At(2, "b", 1), At(3, "c", 1), At(4, "a", 9) })
            check.Next(recorded, null, problems);

        Assert.Empty(problems); // Stream a was forgotten.
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
