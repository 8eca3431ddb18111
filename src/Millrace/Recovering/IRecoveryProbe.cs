namespace Millrace.Recovering;

/// <summary>Finds faults of one kind. One caller at a time uses a probe.</summary>
internal interface IRecoveryProbe
{
    /// <summary>Gets the symptoms that the probe can find.</summary>
    IReadOnlyList<string> Symptoms { get; }

    /// <summary>Returns the faults that exist now.</summary>
    ValueTask<IReadOnlyList<RecoveryDiagnosis>> Diagnose(DateTimeOffset now, CancellationToken cancellationToken);
}
