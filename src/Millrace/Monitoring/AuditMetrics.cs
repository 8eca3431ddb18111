using System.Diagnostics.Metrics;

namespace Millrace.Monitoring;

/// <summary>
/// The metrics of the log audit. OpenTelemetry defines no names for these metrics, so their names start with
/// <c>millrace.</c> and follow OpenTelemetry's naming rules.
/// </summary>
internal sealed class AuditMetrics
{
    private readonly Counter<long> _events;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _problems;

    public AuditMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _events = meter.CreateCounter<long>(
            "millrace.audit.events", "{event}", "Events of the log that the audit checked.");
        _skipped = meter.CreateCounter<long>("millrace.audit.passed", "{event}", "Events that the audit skipped.");
        _problems = meter.CreateCounter<long>("millrace.audit.problems", "{problem}", "Problems that the audit found.");
    }

    public void Audited(long events) => _events.Add(events);

    public void Skipped(long events) => _skipped.Add(events);

    public void Found(int problems) => _problems.Add(problems);
}
