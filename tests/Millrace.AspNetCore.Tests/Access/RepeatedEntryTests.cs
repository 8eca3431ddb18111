using Millrace.AspNetCore.Auditing;

namespace Millrace.AspNetCore.Tests.Access;

/// <summary>Tests that repetitions are counted when an append fails and when there are too many requests.</summary>
public sealed class RepeatedEntryTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly SkippableTimeProvider _time = new();
    private readonly List<AuditEntry> _recorded = [];

    [Fact]
    public async Task Repetitions_are_counted_after_a_failed_append_and_a_full_table()
    {
        var entries = new RepeatedEntries(_time);
        var key = Guid.NewGuid();
        await Record(entries, key, null);
        await Record(entries, key, null);
        _time.Skip(Interval);
        for (var i = 0; i < 1_500; i++)
            await Record(entries, Guid.NewGuid(), null);

        await Assert.ThrowsAsync<IOException>(() => entries.Record(
            key, null, Interval, Entry, _ => throw new IOException()).AsTask());
        await Record(entries, key, null);

        Assert.StartsWith("repeated 1 times", _recorded[^1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_number_of_shared_entries_is_limited()
    {
        var entries = new RepeatedEntries(_time);

        for (var i = 0; i < 3_000; i++)
            await Record(entries, Guid.NewGuid(), Guid.NewGuid());

        Assert.Equal(2_001, _recorded.Count);
    }

    private static AuditEntry Entry => new("http.GET /page", "/page", AuditResult.Denied);

    private ValueTask Record(RepeatedEntries entries, Guid key, Guid? shared) =>
        entries.Record(key, shared, Interval, Entry, entry =>
        {
            _recorded.Add(entry);
            return ValueTask.CompletedTask;
        });
}
