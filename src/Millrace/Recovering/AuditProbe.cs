using System.Globalization;

namespace Millrace.Recovering;

/// <summary>Finds damaged data: problems that the audit of the log has found on this node.</summary>
/// <param name="audit">The audit; null without <c>AddLogAudit</c>.</param>
/// <param name="backups">The backups of this node; null for none.</param>
internal sealed class AuditProbe(LogAudit? audit, ContinuousBackup? backups) : IRecoveryProbe
{
    public IReadOnlyList<string> Symptoms { get; } = [RecoverySymptoms.DataDamaged];

    public ValueTask<IReadOnlyList<RecoveryDiagnosis>> Diagnose(
        DateTimeOffset now, CancellationToken cancellationToken) =>
        new(audit is { Status: { IsSound: false } status }
            ? [FaultOf(status.Problems.Count > 0 ? status.Problems[0] : "The audit of the log found a problem.")]
            : []);

    /// <summary>Returns the fault for damaged data.</summary>
    public RecoveryDiagnosis FaultOf(string problem) => new()
    {
        Cause = RecoveryCause.DataCorruption,
        Symptom = RecoverySymptoms.DataDamaged,
        Description = problem,
        Advice = Advice(),
    };

    private string Advice()
    {
        var backup = backups?.List().FirstOrDefault(static backup => backup.RestorablePosition is not null);
        var place = backup?.Place ?? "PLACE";
        var position = backup?.RestorablePosition is { } at
            ? string.Create(CultureInfo.InvariantCulture, $" --at {at}")
            : "";
        return "Stop the writers, and run 'millrace verify'. If it reports damage, restore the last backup into a new "
            + $"store: millrace restore {place} NEW-STORE{position}. Then let the application use the new store.";
    }
}
