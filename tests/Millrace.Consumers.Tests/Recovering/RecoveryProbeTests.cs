using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Messaging;
using Millrace.Recovering;
using Millrace.Tests.Metrics;

namespace Millrace.Tests.Recovering;

/// <summary>Diagnoses of faults by what the platform reports.</summary>
public sealed class RecoveryProbeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);
    private static readonly AuditProbe Audit = new(null, null);

    [Fact]
    public async Task A_consumer_whose_position_does_not_move_is_stuck_until_it_moves()
    {
        var status = Of(ConsumerState.Live, checkpoint: 7, lag: 3);
        var probe = new ConsumerProbe(_ => new([status]), static () => [], Audit);

        Assert.Empty(await probe.Diagnose(Start, default));
        Assert.Empty(await probe.Diagnose(Start.AddSeconds(59), default));
        Assert.Equal(RecoverySymptoms.ConsumerStuck, Assert.Single(await probe.Diagnose(Start.AddMinutes(1), default))
            .Symptom);
        status = Of(ConsumerState.CatchingUp, checkpoint: 7, lag: 4); // Restarted, without progress.
        Assert.Single(await probe.Diagnose(Start.AddSeconds(61), default));
        status = Of(ConsumerState.CatchingUp, checkpoint: 8, lag: 3);
        Assert.Empty(await probe.Diagnose(Start.AddSeconds(62), default));
    }

    [Fact]
    public async Task A_stalled_consumer_is_stuck_at_once_and_a_paused_one_never()
    {
        ConsumerStatus[] all =
        [
            Of(ConsumerState.Stalled, 7, 3),
            Of(ConsumerState.Paused, 7, 3) with { Name = "paused", IsPaused = true },
            Of(ConsumerState.Live, 7, 0) with { Name = "done" },
        ];
        var probe = new ConsumerProbe(_ => new(all), static () => [], Audit);

        await probe.Diagnose(Start, default);
        var fault = Assert.Single(await probe.Diagnose(Start.AddHours(1), default));
        Assert.Equal((RecoveryCause.ServiceUnavailable, "pump"), (fault.Cause, fault.Subject));
        Assert.Contains("after position 7, with 3 later events", fault.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ConsumerState.Faulted, RecoverySymptoms.ConsumerStopped, RecoveryCause.ServiceUnavailable)]
    [InlineData(ConsumerState.CircuitOpen, RecoverySymptoms.ServiceUnreachable, RecoveryCause.NetworkTrouble)]
    public async Task A_state_has_its_symptom(ConsumerState state, string symptom, RecoveryCause cause)
    {
        var probe = new ConsumerProbe(_ => new([Of(state, 7, 3)]), static () => [], Audit);
        var fault = Assert.Single(await probe.Diagnose(Start, default));
        Assert.Equal((symptom, cause), (fault.Symptom, fault.Cause));
    }

    [Fact]
    public async Task A_consumer_that_reads_damaged_data_is_not_restarted()
    {
        var damaged = new Storage.StorageException("Page 7.", Storage.StorageProblem.Damaged);
        var status = Of(ConsumerState.Stalled, 7, 3) with { Problem = ConsumerProblem.Of(damaged, null, 3, Start) };
        var fault = Assert.Single(
            await new ConsumerProbe(_ => new([status]), static () => [], Audit).Diagnose(Start, default));
        Assert.Equal(
            (RecoveryCause.DataCorruption, RecoverySymptoms.DataDamaged, "pump"),
            (fault.Cause, fault.Symptom, fault.Subject));
        Assert.Contains("millrace restore PLACE NEW-STORE", fault.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publisher_is_no_fault_while_its_broker_is_not_available()
    {
        var status = Of(ConsumerState.Stalled, 7, 3) with { Name = "publish.rabbitmq" };
        var broker = new TransportStatus("rabbitmq", "rabbitmq", TransportState.Unavailable, Start, "No answer.");
        Assert.Empty(await new ConsumerProbe(_ => new([status]), () => [broker], Audit).Diagnose(Start, default));
        var connected = broker with { State = TransportState.Connected };
        Assert.Single(await new ConsumerProbe(_ => new([status]), () => [connected], Audit).Diagnose(Start, default));
    }

    [Fact]
    public async Task A_publisher_of_another_node_is_no_fault_if_this_node_cannot_use_the_broker_either()
    {
        var status = Of(ConsumerState.Stalled, 7, 3) with { Name = "publish.rabbitmq" };
        var idle = new TransportStatus("rabbitmq", "rabbitmq", TransportState.Idle, null, null);
        var broker = new RecoveryDiagnosis
        {
            Cause = RecoveryCause.NetworkTrouble,
            Symptom = RecoverySymptoms.BrokerUnavailable,
            Subject = "rabbitmq",
            Description = "No answer.",
        };
        RecoveryDiagnosis? answer = broker;
        var probe = new ConsumerProbe(
            _ => new([status]), () => [idle], Audit, (_, _) => Task.FromResult<RecoveryDiagnosis?>(answer));
        Assert.Equal(broker, Assert.Single(await probe.Diagnose(Start, default)));
        answer = null;
        Assert.Equal("publish.rabbitmq", Assert.Single(await probe.Diagnose(Start, default)).Subject);
    }

    [Fact]
    public async Task A_consumer_that_no_node_has_any_more_is_no_fault()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using (var node = await TestNode.Start(shared.Open(), static host => TestNode.Add(
            host, ConsumerDefinition.Each("old", EventFilter.All, static (_, _) => default))))
        {
            await node.Append("ada", new Loaded("ada", 1));
            await node.WaitUntil("old", static status => status.Checkpoint == 1);
            Assert.True(Assert.Single(await node.Consumers.List()).HasNode);
        }
        await using var store = await EventStore.Open(shared.Open(), Harbour.Types);
        await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", 2)]);
        var consumers = Consumers.Of(store);
        var probe = new ConsumerProbe(consumers.List, static () => [], Audit);

        Assert.Equal(1, Assert.Single(await consumers.List()).LagEvents);
        Assert.Empty(await probe.Diagnose(Start, default));
        Assert.Empty(await probe.Diagnose(Start.AddHours(1), default));
    }

    [Fact]
    public async Task A_diagnosis_that_does_not_end_is_not_started_again()
    {
        var probe = new HangingProbe();
        var diagnoser = new RecoveryDiagnoser(
            [probe], static _ => throw new InvalidOperationException(), TimeProvider.System, NullLogger.Instance)
        {
            Timeout = TimeSpan.FromMilliseconds(50),
        };
        var first = await diagnoser.Diagnose(Start, default);
        await diagnoser.Diagnose(Start, default);
        Assert.Equal((1, true), (probe.Calls, first.Unknown.Contains("hangs")));
        probe.Ended.SetResult([]);
        var last = await diagnoser.Diagnose(Start, default);
        Assert.Equal((2, 0), (probe.Calls, last.Unknown.Count));
    }

    [Theory]
    [InlineData(MonitorMetrics.Memory, 0.9, 0.91, RecoverySymptoms.MemoryHigh)]
    [InlineData(MonitorMetrics.DiskFree, 0.05, 0.04, RecoverySymptoms.DiskFull)]
    [InlineData(MonitorMetrics.AppendLatency, 1_000, 1_001, RecoverySymptoms.StoreSlow)]
    public async Task A_figure_beyond_its_limit_is_a_fault_of_its_node(
        string metric, double good, double bad, string symptom)
    {
        MetricSample Sample(string node, double value) =>
            new() { Metric = metric, Node = node, Time = Start, Value = value };
        var probe = new MetricProbe(_ =>
            Task.FromResult<IReadOnlyList<MetricSample>>([Sample("n1", good), Sample("n2", bad)]));
        var fault = Assert.Single(await probe.Diagnose(Start, default));
        Assert.Equal((symptom, "n2"), (fault.Symptom, fault.Node));
    }

    [Theory]
    [InlineData(-3_600, "back by 3600 s")]
    [InlineData(60, "forward by 60 s")]
    public async Task A_clock_that_was_set_is_a_fault_for_a_while(int seconds, string text)
    {
        var clock = new SetClock();
        var probe = new ClockProbe(clock, "n1");
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(await probe.Diagnose(Start, default));
        clock.Jump(TimeSpan.FromSeconds(seconds));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Contains(
            text, Assert.Single(await probe.Diagnose(Start, default)).Description, StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Empty(await probe.Diagnose(Start, default));
    }

    [Fact]
    public void The_default_rules_are_valid_and_each_symptom_has_one()
    {
        Assert.Empty(RecoveryCatalogue.Rules.SelectMany(rule => rule.Problems()));
        Assert.Equal(
            typeof(RecoverySymptoms).GetFields().Select(field => (string)field.GetValue(null)!).Order(),
            RecoveryCatalogue.Rules.Select(rule => rule.Name).Order());
    }

    private static ConsumerStatus Of(ConsumerState state, long checkpoint, long lag) => new()
    {
        Name = "pump",
        State = state,
        Checkpoint = checkpoint,
        LagEvents = lag,
        LagTime = TimeSpan.Zero,
    };

    /// <summary>A probe that ignores its cancellation.</summary>
    private sealed class HangingProbe : IRecoveryProbe
    {
        public TaskCompletionSource<IReadOnlyList<RecoveryDiagnosis>> Ended { get; } = new();

        public int Calls { get; private set; }

        public IReadOnlyList<string> Symptoms { get; } = ["hangs"];

        public ValueTask<IReadOnlyList<RecoveryDiagnosis>> Diagnose(
            DateTimeOffset now, CancellationToken cancellationToken)
        {
            Calls++;
            return new(Ended.Task);
        }
    }

    /// <summary>A clock whose time can be set without its stopwatch.</summary>
    private sealed class SetClock : TimeProvider
    {
        private readonly VirtualClock _inner = new();
        private TimeSpan _offset;

        public override long TimestampFrequency => _inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow() + _offset;

        public override long GetTimestamp() => _inner.GetTimestamp();

        public void Advance(TimeSpan by) => _inner.Advance(by);

        public void Jump(TimeSpan by) => _offset += by;
    }
}
