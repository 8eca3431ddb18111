using System.Collections.Concurrent;
using System.Diagnostics;
using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that consumers soon handle commits of another node, with and without notifications.</summary>
public sealed class WakeUpTests : StoreTests
{
    private const int Commits = 30;
    private static readonly TimeSpan LongInterval = TimeSpan.FromMinutes(1);

    [PostgreSqlFact]
    public async Task A_notification_wakes_the_consumers_of_another_node()
    {
        var address = (await TestServer.Server).ConnectionString(Database);
        var delays = await Delays(
            options => (options.ConnectionString, options.PollInterval) = (address, LongInterval));

        // Polling would not be so fast, except the first times.
        Assert.True(delays.Order().ElementAt(Commits / 2) < LongInterval / 4, $"It took {Describe(delays)}.");
    }

    [PgBouncerFact]
    public async Task Behind_a_pool_in_transaction_mode_another_node_polls_in_time()
    {
        await using var pool = await PgBouncer.Start((await TestServer.Server).Port, connections: 6);
        var address = new NpgsqlConnectionStringBuilder((await TestServer.Server).ConnectionString(Database))
        {
            Port = pool.Port,
        };
        var delays = await Delays(options =>
            (options.ConnectionString, options.Prepares, options.PollInterval) =
            (address.ConnectionString, false, TimeSpan.FromMilliseconds(400)));

        Assert.True(delays.Order().ElementAt(Commits / 2) < LongInterval / 4, $"It took {Describe(delays)}.");
    }

    [PostgreSqlFact]
    public async Task A_node_that_loses_its_listening_connection_polls_and_listens_again()
    {
        var server = await TestServer.Server;
        var handled = new ConcurrentQueue<long>();
        await using var writer = await TestData.Open(Database);
        await using var reader = await Start(
            handled,
            options =>
                (options.ConnectionString, options.PollInterval) = (
                    server.ConnectionString(Database), TimeSpan.FromSeconds(2)));
        await Commit(writer, 0);
        await Eventually.Until(() => handled.Contains(1));

        for (var cut = 1; cut <= 3; cut++)
        {
            await server.Execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                    + $"'{Database}' AND query LIKE 'LISTEN%'"
            );
            await Commit(writer, cut);
            var position = cut + 1L;
            await Eventually.Until(() => handled.Contains(position));
        }
    }

    [PostgreSqlFact]
    public async Task A_node_wakes_up_for_writes_of_other_nodes_and_not_for_its_own_writes()
    {
        await using var node = await TestData.Open(Database, options => options.PollInterval = LongInterval);
        await using var other = await TestData.Open(Database, options => options.PollInterval = LongInterval);
        await Eventually.Get(CountListeners, count => count == 2);
        var wakesOne = node.Log.WaitForChange(new LogHead(1, 0), CancellationToken.None).AsTask();
        var wakesOther = other.Log.WaitForChange(new LogHead(1, 0), CancellationToken.None).AsTask();

        await Commit(node, 0);
        await wakesOther.WaitAsync(LongInterval / 2);
        await Commit(node, 1);
        await other.Log.WaitForChange(new LogHead(1, 1), CancellationToken.None).AsTask().WaitAsync(LongInterval / 2);
        Assert.False(wakesOne.IsCompleted);
        await Commit(other, 2);
        await wakesOne.WaitAsync(LongInterval / 2);
    }

    [PostgreSqlFact]
    public async Task A_node_listens_on_one_connection_and_notifications_are_batched()
    {
        var server = await TestServer.Server;
        // With this clock, the test decides how long the writer pauses between two notifications.
        var time = new ManualTimeProvider();
        await using var writer = await TestData.Open(Database, time: time);
        await using var first = await Start(
            [],
            options => options.ConnectionString = server.ConnectionString(Database));
        await using var watcher = new NpgsqlConnection(server.ConnectionString(Database) + ";Pooling=false");
        await watcher.OpenAsync();
        var notifications = new ConcurrentQueue<string>();
        watcher.Notification += (_, notification) => notifications.Enqueue(notification.Payload);
        await using (var listen = new NpgsqlCommand("LISTEN millrace_log", watcher))
            await listen.ExecuteNonQueryAsync();

        for (var commit = 0; commit < 200; commit++)
            await Commit(writer, commit);
        await using var count = new NpgsqlCommand(
            $"SELECT count(*) FROM pg_stat_activity WHERE datname = '{Database}' AND query LIKE 'LISTEN%' "
                + "AND pid <> pg_backend_pid()",
            watcher);
        // Each node has a listening connection. The writer reports the last commit after the pause.
        await Eventually.Get(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return $"{await count.ExecuteScalarAsync()} listen, and were notified of "
                    + string.Join(", ", notifications);
            },
            static text =>
                text.StartsWith("2 listen", StringComparison.Ordinal) && text.Contains(" 200", StringComparison.Ordinal)
        );

        Assert.InRange(notifications.Count(static payload => payload.Contains(' ', StringComparison.Ordinal)), 1, 10);
    }

    [PostgreSqlFact]
    public async Task A_single_node_sends_no_notifications_until_another_one_listens()
    {
        await using var node = await TestData.Open(Database, options => options.PollInterval = LongInterval);
        await Eventually.Until(() => node.Changes.IsAlone);
        for (var i = 0; i < 10; i++)
            await Commit(node, i);
        Assert.Equal(0, node.Changes.NotificationCount);

        await using (var other = await TestData.Open(Database, options => options.PollInterval = LongInterval))
        {
            // The new node is notified of earlier and later writes, because it would not poll in time.
            await other
                .Log.WaitForChange(new LogHead(1, 9), CancellationToken.None)
                .AsTask()
                .WaitAsync(LongInterval / 2);
            Assert.False(node.Changes.IsAlone);
            var wakes = other.Log.WaitForChange(new LogHead(1, 10), CancellationToken.None).AsTask();
            await Commit(node, 10);
            await wakes.WaitAsync(LongInterval / 2);
        }
        Assert.InRange(node.Changes.NotificationCount, 1, 2);
    }

    [PostgreSqlFact]
    public async Task A_node_is_alone_again_after_the_last_other_node_has_stopped()
    {
        await using var node = await TestData.Open(
            Database, options => options.PollInterval = TimeSpan.FromMilliseconds(20));
        await Eventually.Until(() => node.Changes.IsAlone);
        await using (await TestData.Open(Database))
            await Eventually.Until(() => !node.Changes.IsAlone);

        await Eventually.Until(() => node.Changes.IsAlone);

        await using var other = await TestData.Open(Database);
        await Eventually.Until(() => !node.Changes.IsAlone);
    }

    private async Task<List<TimeSpan>> Delays(Action<PostgreSqlOptions> configure)
    {
        var handled = new ConcurrentQueue<long>();
        await using var writer = await TestData.Open(Database, options => configure(options));
        await using var reader = await Start(handled, configure);
        var delays = new List<TimeSpan>();
        for (var commit = 0; commit < Commits; commit++)
        {
            var started = Stopwatch.GetTimestamp();
            await Commit(writer, commit);
            var position = commit + 1L;
            await Eventually.Until(() => handled.Contains(position), 3 * LongInterval);
            delays.Add(Stopwatch.GetElapsedTime(started));
        }
        return delays;
    }

    private static async Task Commit(PostgreSqlStorage writer, long version) =>
        await writer.Commit(TestData.Append("a", ExpectedVersion.AsRead(version), TestData.Event()));

    private static async Task<TestNode> Start(ConcurrentQueue<long> handled, Action<PostgreSqlOptions> configure)
    {
        var node = await TestNode.Start(configure, ["reader"], (_, recorded) => handled.Enqueue(recorded.Position));
        await Eventually.Get(node.Consumers, "reader", status => status.State == ConsumerState.Live);
        return node;
    }

    private static string Describe(List<TimeSpan> delays) =>
        string.Join(", ", delays.Select(delay => $"{delay.TotalMilliseconds:0} ms"));

    private async Task<long> CountListeners()
    {
        await using var connection = await TestServer.Connect(Database);
        await using var count = new NpgsqlCommand(
            $"SELECT count(*) FROM pg_stat_activity WHERE datname = '{Database}' AND query LIKE "
                + "'LISTEN%' AND state = 'idle'",
            connection);
        return (long)(await count.ExecuteScalarAsync())!; // The count is never null.
    }

    /// <summary>
    /// Any client may send notifications. After a fail-over, the events of a notification may no longer exist.
    /// </summary>
    [PostgreSqlFact]
    public async Task A_false_notification_causes_one_query()
    {
        await using var storage = await TestData.Open(
            Database, options => options.PollInterval = TimeSpan.FromMinutes(1));
        await using var other = await TestData.Open(Database);
        var head = await storage.Log.GetHead(CancellationToken.None);
        var first = storage.Log.WaitForChange(head, CancellationToken.None).AsTask();
        await Eventually.Get(
            async () =>
            {
                await (await TestServer.Server).Execute("NOTIFY millrace_log, '9 999999'", Database);
                return first.IsCompleted;
            },
            static isCompleted => isCompleted);
        await storage.Log.WaitForChange(head, CancellationToken.None);

        var again = storage.Log.WaitForChange(head, CancellationToken.None).AsTask();
        var isOver = again.IsCompleted;
        await Eventually.Get(
            async () =>
            {
                await other.Commit(TestData.Append("a", ExpectedVersion.Any, TestData.Event()));
                return again.IsCompleted;
            },
            static isCompleted => isCompleted);

        Assert.False(isOver, "The node continues to query for events that do not exist.");
    }
}
