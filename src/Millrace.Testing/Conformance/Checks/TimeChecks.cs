using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of recorded times.</summary>
internal static class TimeChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A recorded time is the time of the writer's clock in UTC, in microseconds", To_the_microsecond),
        new("Recorded times never decrease, even if the clock is set back", Never_backwards),
        new("All events of a request have the same recorded time", One_time),
        new("Times from the first to the last century are stored exactly", Centuries),
        new("A time in a request is recorded, unless it is before the last recorded time or in the future", Requested),
    ];

    private static async Task To_the_microsecond(StorageProbe probe)
    {
        probe.Now = new DateTimeOffset(2024, 2, 29, 23, 59, 59, TimeSpan.FromHours(-5)).AddTicks(1_234_567);

        var outcome = await probe.Append("a", ExpectedVersion.Any, Sample.Event(1));

        var expected = new DateTimeOffset(2024, 3, 1, 4, 59, 59, TimeSpan.Zero).AddTicks(1_234_560);
        var recorded = (await probe.ReadLog()).One();
        Expect.Equal((expected, TimeSpan.Zero), (recorded.Timestamp, recorded.Timestamp.Offset), "the recorded time");
        Expect.Equal(expected, outcome.Timestamp, "the time in the outcome");
    }

    private static async Task Never_backwards(StorageProbe probe)
    {
        var random = new Random(2);
        for (var i = 0; i < 50; i++)
        {
            probe.Now = StorageProbe.Beginning + TimeSpan.FromSeconds(random.Next(-1_000, 1_000));
            await probe.Append($"s-{i % 3}", ExpectedVersion.Any, Sample.Event(i));
        }

        var times = (await probe.ReadLog()).Select(one => one.Timestamp).ToList();
        Expect.Same(times.Order(), times, "the times of the log");
        Expect.True(times[^1] > times[0], "the recorded times do not increase");
        var middle = times[25];
        var later = await probe.ReadLog(new EventFilter { From = middle });
        Expect.Equal(times.Count(time => time >= middle), later.Count, "the number of events since a time");
    }

    private static async Task One_time(StorageProbe probe)
    {
        await probe.Do(
            new CommitRequest
            {
                Appends =
                [
                    Sample.To("a", ExpectedVersion.Any, Sample.Events(1, 3)),
                    Sample.To("b", ExpectedVersion.Any, Sample.Events(4, 3)),
                ],
            }
        );

        Expect.Equal(
            1,
            (await probe.ReadLog()).Select(one => one.Timestamp).Distinct().Count(),
            "the number of recorded times of the request");
    }

    private static async Task Requested(StorageProbe probe)
    {
        var beginning = StorageProbe.Beginning;
        DateTimeOffset[] requested = [.. new[] { -9, -1, -3, 1 }.Select(days => beginning + TimeSpan.FromDays(days))];

        var outcomes = await probe.Log.Commit(
            [.. requested.Select((time, i) => new CommitRequest
            {
                Appends = [Sample.To($"s-{i}", ExpectedVersion.NoStream, Sample.Event(i + 1))],
                RecordedAt = time,
            })],
            beginning,
            probe.Cancel);

        Expect.Same(requested[..2], (await probe.ReadLog()).Select(one => one.Timestamp), "the recorded times");
        Expect.Same(requested[..2], outcomes[..2].Select(outcome => outcome.Timestamp), "the times in the outcomes");
        Expect.True(outcomes[2].Refusal is RecordedTimeException, "a time before the last recorded time is accepted");
        Expect.True(outcomes[3].Refusal is RecordedTimeException, "a time in the future is accepted");
    }

    private static async Task Centuries(StorageProbe probe)
    {
        DateTimeOffset[] times =
        [
            new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero),
            DateTimeOffset.UnixEpoch.AddTicks(-10),
            DateTimeOffset.UnixEpoch,
            new(2038, 1, 20, 0, 0, 0, TimeSpan.Zero),
            new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero),
        ];
        foreach (var (index, time) in times.Index())
            await probe.Log.Commit([Sample.Append("a", ExpectedVersion.Any, Sample.Event(index))], time, probe.Cancel);

        Expect.Same(times, (await probe.ReadLog()).Select(one => one.Timestamp), "the times");
        foreach (var (index, time) in times.Index())
            Expect.Equal(
                times.Length - index,
                (await probe.ReadLog(new EventFilter { From = time })).Count,
                $"events since {time:O}");
    }
}
