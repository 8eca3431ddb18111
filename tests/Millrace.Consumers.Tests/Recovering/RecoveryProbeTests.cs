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
