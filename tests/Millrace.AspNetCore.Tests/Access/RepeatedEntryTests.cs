using Millrace.AspNetCore.Auditing;

namespace Millrace.AspNetCore.Tests.Access;

/// <summary>Tests that repetitions are counted when an append fails and when there are too many requests.</summary>
public sealed class RepeatedEntryTests
{
    private const int MaxKeys = 1_000;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly SkippableTimeProvider _time = new();
    private readonly List<AuditEntry> _recorded = [];
    private readonly RepeatedEntries _entries;

    public RepeatedEntryTests() => _entries = new RepeatedEntries(_time);

    [Fact]
    public async Task Repetitions_are_counted_after_a_failed_append()
    {
        var key = NewKey();
        await Record(key);
        await Record(key);
        _time.Skip(Interval);

        await Assert.ThrowsAsync<IOException>(() => Fail(key));
        await Record(key);

        Assert.StartsWith("repeated 1 times", _recorded[^1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_number_of_shared_entries_is_limited()
    {
        for (var i = 0; i < 3_000; i++)
            await Record(NewKey(), NewKey());

        Assert.Equal(2_001, _recorded.Count);
    }

    [Fact]
    public async Task Requests_are_merged_again_when_all_entries_of_a_full_table_had_repetitions()
    {
        await Fill("one");
        var shared = NewKey();
        await Record(NewKey(), shared);
        _time.Skip(Interval);
        _recorded.Clear();

        for (var i = 0; i < MaxKeys; i++)
        {
            var key = NewKey();
            await Record(key, shared);
            await Record(key, shared);
        }

        var closed = _recorded.Where(static entry => entry.Reason is not null).ToList();
        Assert.Equal(MaxKeys, closed.Count);
        Assert.All(closed, static entry =>
        {
            Assert.StartsWith("denied (repeated 1 times since the entry at ", entry.Reason, StringComparison.Ordinal);
            Assert.EndsWith("; this entry is no request)", entry.Reason, StringComparison.Ordinal);
            Assert.Equal("one", entry.User);
        });
        Assert.Equal(2 * MaxKeys, _recorded.Count); // Each new key has one entry, and its repetition none.
    }

    [Fact]
    public async Task Counts_that_could_not_be_recorded_are_recorded_by_a_later_request()
    {
        await Fill("one");
        _time.Skip(Interval);
        _recorded.Clear();
        await Assert.ThrowsAsync<IOException>(() => Fail(NewKey()));

        for (var i = 0; i < MaxKeys; i++)
            await Record(NewKey());

        Assert.Equal(MaxKeys, _recorded.Count(static entry => entry.Reason is not null));
    }

    [Fact]
    public async Task Entries_of_other_tenants_are_removed_and_never_recorded_in_this_one()
    {
        await Fill("one", "acme");
        _time.Skip(Interval);
        _recorded.Clear();

        var key = NewKey("other");
        await Record(key);
        await Record(key);

        var entry = Assert.Single(_recorded);
        Assert.Null(entry.Reason);
    }

    private static RequestKey NewKey(string tenant = "") => new(tenant, Guid.NewGuid());

    /// <summary>Records two requests of each key.</summary>
    private async Task Fill(string user, string tenant = "")
    {
        for (var i = 0; i < MaxKeys; i++)
        {
            var key = NewKey(tenant);
            await Record(key, null, Entry with { User = user, Reason = "denied" });
            await Record(key, null, Entry with { User = user, Reason = "denied" });
        }
    }

    private static AuditEntry Entry => new("http.GET /page", "/page", AuditResult.Denied);

    private Task Fail(RequestKey key) =>
        _entries.Record(key, null, Interval, Entry, static _ => throw new IOException()).AsTask();

    private ValueTask Record(RequestKey key, RequestKey? shared = null, AuditEntry? entry = null) =>
        _entries.Record(key, shared, Interval, entry ?? Entry, each =>
        {
            _recorded.Add(each);
            return ValueTask.CompletedTask;
        });
}
