using System.Globalization;

namespace Millrace.Recovering;

/// <summary>Finds nodes whose figures are close to a limit: memory, disk, and the duration of commits.</summary>
/// <param name="read">Returns the newest samples of all nodes.</param>
internal sealed class MetricProbe(Func<CancellationToken, Task<IReadOnlyList<MetricSample>>> read) : IRecoveryProbe
{
    private const double MaxMemory = 0.9;
    private const double MinDisk = 0.05;
    private const double MaxCommitMs = 1_000;

    public IReadOnlyList<string> Symptoms { get; } =
        [RecoverySymptoms.MemoryHigh, RecoverySymptoms.DiskFull, RecoverySymptoms.StoreSlow];

    public async ValueTask<IReadOnlyList<RecoveryDiagnosis>> Diagnose(
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        var samples = await read(cancellationToken).ConfigureAwait(false);
        return [.. samples.Select(FaultOf).OfType<RecoveryDiagnosis>()];
    }

    private static RecoveryDiagnosis? FaultOf(MetricSample sample) => (sample.Metric, sample.Subject) switch
    {
        (MonitorMetrics.Memory, null) when sample.Value > MaxMemory => new RecoveryDiagnosis
        {
            Cause = RecoveryCause.PerformanceDegradation,
            Symptom = RecoverySymptoms.MemoryHigh,
            Node = sample.Node,
            Description = Text($"The node {sample.Node} uses {sample.Value * 100:0} % of its memory."),
            Advice = "Take a dump, restart the node, and find the leak; or raise the limit of the node.",
        },
        (MonitorMetrics.DiskFree, null) when sample.Value < MinDisk => new RecoveryDiagnosis
        {
            Cause = RecoveryCause.ServiceUnavailable,
            Symptom = RecoverySymptoms.DiskFull,
            Node = sample.Node,
            Description = Text(
                $"Only {sample.Value * 100:0.#} % of the disk of the store is free on the node {sample.Node}."),
            Advice = "Add space, or archive and remove old events: millrace archive, millrace retention.",
        },
        (MonitorMetrics.AppendLatency, null) when sample.Value > MaxCommitMs => new RecoveryDiagnosis
        {
            Cause = RecoveryCause.PerformanceDegradation,
            Symptom = RecoverySymptoms.StoreSlow,
            Node = sample.Node,
            Description = Text(
                $"Commits of the node {sample.Node} take {sample.Value:0} ms (99th percentile)."),
            Advice = "Check the disk or the database for other load and for errors.",
        },
        _ => null,
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
