using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Monitoring;
using Millrace.Testing;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests that the continuous audit finds damage in the log on every node, and reports nothing for a sound log.
/// </summary>
public sealed class AuditTests : StoreTests
{
    private static readonly EventFilter Everything = EventFilter.All;

    public static TheoryData<string, string, string> Damages =>
        new()
        {
            {
                "an event is lost",
                "DELETE FROM millrace.events WHERE position = 8",
                "Position 9 contains version 9 of a stream that was at 7"
            },
            {
                "the last event of a stream is lost",
                "UPDATE millrace.events SET stream = 'other', version = 1 WHERE position = 8; DELETE FROM "
                    + "millrace.events WHERE position = 8; "
                    + "UPDATE millrace.events SET version = version - 1 WHERE position > 8",
                "1 of the positions after"
            },
            {
                "a version is lost and another event has its position",
                "DELETE FROM millrace.events WHERE position = 8; UPDATE millrace.events SET position = position - 1 "
                    + "WHERE position = 9; "
                    + "UPDATE millrace.events SET position = 9 WHERE position = 10",
                "Position 8 contains version"
            },
            {
                "another event replaced the last checked event",
                "UPDATE millrace.events SET id = gen_random_uuid() WHERE position = 6",
                "Position 6 contains event"
            },
            {
                "the end of the log is lost, as after a fail-over",
                "DELETE FROM millrace.events WHERE position > 4",
                "The log ends at position 4, but it contained position 6"
            },
            {
                "an event has an earlier timestamp than the previous event",
                "UPDATE millrace.events SET recorded_at = '2001-01-01' WHERE position = 8",
                "has an earlier timestamp than"
            },
        };

    [PostgreSqlTheory]
    [MemberData(nameof(Damages))]
    public async Task The_audit_finds_logs_and_counts_each_kind_of_damage(string damage, string sql, string message)
    {
        using var logged = new RecordedLog(LogLevel.Error);
        var storage = await TestData.Open(Database);
        await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
        using var auditor = new LogAuditor(store, new LogAuditOptions(), logged.CreateLogger<LogAuditor>());
        var counted = 0L;
        using var listener = Listen(value => Interlocked.Add(ref counted, value));
        await auditor.RunOnce(CancellationToken.None);
        await Append(store, 6);
        await auditor.RunOnce(CancellationToken.None);
        Assert.True(auditor.Status is { IsSound: true, Position: 6, Events: 6 }, $"Before {damage}: {auditor.Status}");
        await Append(store, 4);

        await (await TestServer.Server).Execute(sql, Database);
        await auditor.RunOnce(CancellationToken.None);

        Assert.Contains(auditor.Status.Problems, problem => problem.Contains(message, StringComparison.Ordinal));
        Assert.True(logged.Contains(message), $"'{message}' was not logged.");
        Assert.True(
            Interlocked.Read(ref counted) >= auditor.Status.ProblemCount,
            $"{counted} problems were counted, instead of those in {auditor.Status}.");
    }

    [PostgreSqlFact]
    public async Task The_audit_reports_a_node_that_delivered_another_event_than_the_stored_event()
    {
        using var logged = new RecordedLog(LogLevel.Error);
        // The consumers of the nodes have the events in memory when the database replaces the id of an event.
        using var first = await Start(logged, consumes: true);
        using var second = await Start(logged, consumes: true);
        var store = first.Services.GetRequiredService<EventStore>();
        await Append(store, 20);
        await Task.WhenAll(
            Nodes()
                .Select(node =>
                    WaitForAudit(node.Services.GetRequiredService<LogAudit>(), status => status.Position == 20)));
        Assert.All(Nodes(), node => Assert.True(node.Services.GetRequiredService<LogAudit>().Status.IsSound));

        await (await TestServer.Server).Execute(
            "CREATE FUNCTION millrace.another() RETURNS trigger LANGUAGE plpgsql AS "
                + "$$ BEGIN NEW.id := gen_random_uuid(); RETURN NEW; END $$; "
                + "CREATE TRIGGER another BEFORE INSERT ON millrace.events FOR EACH ROW EXECUTE FUNCTION "
                + "millrace.another()",
            Database);
        // The audit compares only events that the node has already delivered. The test appends until it compares one.
        var status = await Eventually.Get(
            async () =>
            {
                await Append(store, 1);
                return first.Services.GetRequiredService<LogAudit>().Status;
            },
            static status => !status.IsSound,
            TimeSpan.FromMinutes(2));
        await (await TestServer.Server).Execute(
            "DROP TRIGGER another ON millrace.events; DROP FUNCTION millrace.another", Database);

        Assert.Contains(
            status.Problems, problem => problem.Contains("but this node delivered", StringComparison.Ordinal));
        foreach (var node in Nodes())
            await node.StopAsync();

        IHost[] Nodes() => [first, second];
    }

    [PostgreSqlFact]
    public async Task A_node_whose_audit_finds_a_problem_is_degraded()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var address = (await TestServer.Server).ConnectionString(Database);
        builder.Services.AddMillrace(millrace => millrace.UsePostgreSql(address).AddLogAudit(options =>
        {
            options.Every = TimeSpan.FromMilliseconds(100);
            options.LookBackEvery = TimeSpan.FromSeconds(1);
        }));
        await using var application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        application.MapMillrace();
        await application.StartAsync();
        await WaitForAudit(
            application.Services.GetRequiredService<LogAudit>(), status => status.LastAuditedAt is not null);
        await Append(application.Services.GetRequiredService<EventStore>(), 5);
        await WaitForAudit(application.Services.GetRequiredService<LogAudit>(), status => status.Position == 5);

        await (await TestServer.Server).Execute(
            "UPDATE millrace.events SET id = gen_random_uuid() WHERE position = 5", Database);
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        var health = await Eventually.Get(
            async () => await (await client.GetAsync("/health")).Content.ReadAsStringAsync(),
            body =>
                body.Contains("degraded", StringComparison.Ordinal)
                && body.Contains("\"problems\":1", StringComparison.Ordinal));

        Assert.Contains("\"audit\":{\"position\":5,\"problems\":1}", health, StringComparison.Ordinal);
        await application.StopAsync();
    }

    [PostgreSqlFact]
    public async Task Audits_of_three_nodes_that_write_and_remove_concurrently_find_no_problem()
    {
        using var logged = new RecordedLog(LogLevel.Error);
        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Start(logged, consumes: true)));
        var stores = Array.ConvertAll(nodes, node => node.Services.GetRequiredService<EventStore>());
        await Task.WhenAll(
            stores.SelectMany(
                (store, number) =>
                    Enumerable
                        .Range(0, 8)
                        .Select(writer =>
                            Task.Run(async () =>
                            {
                                for (var i = 0; i < 40; i++)
                                {
                                    await Append(store, 3, $"thing-{writer}");
                                    if (writer == 0 && number == 0 && i % 10 == 9)
                                        await Truncate(store, $"thing-{writer}");
                                }
                            })
                        )
            )
        );
        var head = await stores[0].GetToken();

        foreach (var node in nodes)
        {
            var status = await WaitForAudit(
                node.Services.GetRequiredService<LogAudit>(), status => status.Position == head.Position);
            Assert.True(status.IsSound, string.Join(' ', status.Problems));
            Assert.True(status.Events > 500, $"Only {status.Events} events were checked.");
        }
        Assert.False(logged.Contains("The log has a problem"), "The audit reported a problem.");
        foreach (var node in nodes)
        {
            await node.StopAsync();
            node.Dispose();
        }
    }

    [PostgreSqlFact]
    public async Task Events_beyond_the_audit_rate_are_skipped_and_counted()
    {
        using var logged = new RecordedLog();
        using var node = await Start(logged, options => options.MaxEventsPerLook = 100);
        var (store, audit) = (
            node.Services.GetRequiredService<EventStore>(), node.Services.GetRequiredService<LogAudit>());
        await Append(store, 1_000);

        var status = await WaitForAudit(audit, status => status.Position == 1_000);

        Assert.True(status.IsSound, string.Join(' ', status.Problems));
        Assert.Equal((1_000, true), (status.Events + status.SkippedEvents, status.SkippedEvents > 0));
        await node.StopAsync();
    }

    private static Task<LogAuditStatus> WaitForAudit(LogAudit audit, Func<LogAuditStatus, bool> condition) =>
        Eventually.Get(() => Task.FromResult(audit.Status), condition, TimeSpan.FromMinutes(2));

    private static async Task Truncate(EventStore store, string stream)
    {
        var version = (await store.GetStream(new StreamId(stream)))?.Version ?? 0;
        await store.Truncate(new StreamId(stream), version, "no longer needed");
    }

    private static Task<AppendResult> Append(EventStore store, int count, string stream = "thing-1") => store.Append(
        new StreamId(stream),
        ExpectedVersion.Any,
        [.. Enumerable.Range(0, count).Select(_ => (object)NewEvent.FromBytes("thing.happened", "{}"u8.ToArray()))]);

    private static MeterListener Listen(Action<long> add)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "millrace.audit.problems")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => add(value));
        listener.Start();
        return listener;
    }

    private async Task<IHost> Start(
        RecordedLog logged, Action<LogAuditOptions>? configure = null, bool consumes = false)
    {
        var address = (await TestServer.Server).ConnectionString(Database);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(logged);
        builder.Services.AddMillrace(millrace =>
        {
            millrace.UsePostgreSql(address).AddLogAudit(options =>
            {
                options.Every = TimeSpan.FromMilliseconds(100);
                options.LookBackEvery = TimeSpan.FromSeconds(1);
                configure?.Invoke(options);
            });
            if (consumes)
                millrace.AddConsumer("reader", Everything, (_, _) => ValueTask.CompletedTask);
        });
        var host = builder.Build();
        await host.StartAsync();
        // The audit starts at the end of the log.
        await WaitForAudit(host.Services.GetRequiredService<LogAudit>(), status => status.LastAuditedAt is not null);
        return host;
    }
}
