using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Monitoring;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests random histories of appends, removals and unrecorded losses with audits at random times. The audit reports
/// every loss, and nothing else.
/// </summary>
public sealed class AuditHistoryTests : StoreTests
{
    private const int Steps = 200;
    private const int MaxEventsPerCheck = 100;

    [PostgreSqlTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task The_audit_reports_every_loss_and_nothing_else(int seed)
    {
        var history = new History(
            seed, await TestData.Open(Database), (await TestServer.Server).ConnectionString(Database));
        await using (history)
        {
            await history.Begin();
            for (var step = 0; step < Steps; step++)
                await history.Step();
            Assert.True(
                history.LostEvents >= 3, $"Seed {seed}: only {history.LostEvents} losses should have been reported.");
            Assert.True(history.SkippedEvents > 0, $"Seed {seed}: the audit skipped no event.");
        }
    }

    [PostgreSqlFact]
    public async Task Removals_between_two_audits_explain_the_missing_events_and_no_others()
    {
        var storage = await TestData.Open(Database);
        await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
        using var auditor = Auditor(store, 20_000);
        await Append(store, "kept", 1);
        await auditor.RunOnce(CancellationToken.None);
        for (var i = 0; i < 1_100; i++)
            await Append(store, $"old-{i}", 2);
        await auditor.RunOnce(CancellationToken.None);
        // The records fill more than a page. All except the first are before the next audited position.
        for (var i = 0; i < 1_100; i++)
            await store.Truncate(new StreamId($"old-{i}"), 2, "no longer needed");
        await Append(store, "new", 5);
        await store.Truncate(new StreamId("new"), 4, "no longer needed");
        await Append(store, "last", 2);
        await auditor.RunOnce(CancellationToken.None);
        Assert.True(auditor.Status.IsSound, string.Join(' ', auditor.Status.Problems));

        await Append(store, "new", 2);
        await Append(store, "last", 1);
        await (await TestServer.Server).Execute(
            "DELETE FROM millrace.events WHERE stream = 'new' AND version = 7", Database);
        await store.Truncate(new StreamId("old-0"), 2, "no event to remove");
        await auditor.RunOnce(CancellationToken.None);

        Assert.Contains("1 of the positions", Assert.Single(auditor.Status.Problems), StringComparison.Ordinal);
    }

    private static LogAuditor Auditor(EventStore store, int maxEventsPerCheck) => new(
        store, new LogAuditOptions { MaxEventsPerLook = maxEventsPerCheck, LookBackEvery = TimeSpan.FromSeconds(1) },
        NullLoggerFactory.Instance.CreateLogger<LogAuditor>());

    private static async Task Append(EventStore store, string stream, int count) => await store.Append(
        new StreamId(stream),
        ExpectedVersion.Any,
        [.. Enumerable.Range(0, count).Select(_ => (object)NewEvent.FromBytes("thing.happened", "{}"u8.ToArray()))]);

    /// <summary>
    /// A store on which the test writes, loses and audits events at random, with the reports that the audit must make.
    /// </summary>
    private sealed class History(int seed, PostgreSqlStorage storage, string address) : IAsyncDisposable
    {
        private readonly Random _random = new(seed);
        private readonly HashSet<string> _damaged = [];
        private readonly HashSet<string> _seen = [];
        private readonly List<string> _written = [];
        private EventStore _store = null!; // Set by Begin.
        private LogAuditor _auditor = null!;
        private long _problems;
        private long _checkedTo;
        private bool _isCertain = true;

        /// <summary>Gets the number of losses that the audit must report.</summary>
        public int LostEvents { get; private set; }

        public long SkippedEvents => _auditor.Status.SkippedEvents;

        public async Task Begin()
        {
            _store = await EventStore.Open(storage, EventTypeMap.Empty);
            _auditor = Auditor(_store, MaxEventsPerCheck);
            for (var i = 0; i < 6; i++)
                await Append(_store, $"thing-{i}", 4);
            await RunOnce();
        }

        public Task Step() => _random.Next(100) switch
        {
            < 55 => Write(_random.Next(1, 6)),
            < 58 => Write(_random.Next(60, 130)),
            < 68 => Remove(),
            < 80 => LoseEvent(),
            _ => RunOnce(),
        };

        public async ValueTask DisposeAsync()
        {
            _auditor.Dispose();
            await _store.DisposeAsync();
        }

        private async Task Write(int events)
        {
            var stream = $"thing-{_random.Next(12)}";
            await Append(_store, stream, events);
            _written.Add(stream);
        }

        private async Task Remove()
        {
            var stream = new StreamId($"thing-{_random.Next(12)}");
            if (_damaged.Contains(stream.Value) || await _store.GetStream(stream) is not { } known)
                return;
            await _store.Truncate(stream, Math.Max(1, known.Version - _random.Next(0, 3)), "no longer needed");
            // The audit knows the number of lost events only if it checked the stream before.
            _isCertain &= _seen.Contains(stream.Value);
        }

        /// <summary>
        /// Deletes an event that the audit has not checked yet and that later events of its stream follow. If a stream
        /// loses its last event, a single node appends after the lost version, and the audit reports the gap again.
        /// </summary>
        private async Task LoseEvent()
        {
            await using var connection = new NpgsqlConnection(address + ";Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(
                """
                DELETE FROM millrace.events WHERE position = (
                    SELECT e.position FROM millrace.events e
                    WHERE e.position > $1 AND e.position > (SELECT max(position) - 60 FROM millrace.events) AND EXISTS (
                        SELECT FROM millrace.events behind WHERE behind.stream = e.stream AND behind.version > e.version)
                    ORDER BY (e.position * 7919) % 101 LIMIT 1)
                RETURNING stream
                """,
                connection);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = _checkedTo });
            if (await command.ExecuteScalarAsync() is string stream)
                _damaged.Add(stream);
        }

        private async Task RunOnce()
        {
            var (hasLoss, skippedBefore) = (_damaged.Count > 0, _auditor.Status.SkippedEvents);
            await _auditor.RunOnce(CancellationToken.None);
            if (_auditor.Status.SkippedEvents > skippedBefore)
            {
                // The audit may have skipped the remaining losses.
                _seen.Clear();
                _isCertain = false;
            }
            var isReported = _auditor.Status.ProblemCount > _problems;
            if (!hasLoss)
                Assert.False(
                    isReported,
                    $"Seed {seed}: nothing was lost, but the audit reported: "
                        + string.Join(' ', _auditor.Status.Problems));
            else if (_isCertain)
                Assert.True(isReported, $"Seed {seed}: the audit missed a loss up to {_auditor.Status.Position}.");
            LostEvents += hasLoss && _isCertain ? 1 : 0;
            _problems = _auditor.Status.ProblemCount;
            _checkedTo = _auditor.Status.Position;
            // The audit checks the last events, even if it skips older events.
            _seen.UnionWith(_written.TakeLast(2));
            if (_auditor.Status.SkippedEvents == skippedBefore)
                _seen.UnionWith(_written);
            _written.Clear();
            _damaged.Clear();
            _isCertain = true;
        }
    }
}
