namespace Millrace.Recovering;

/// <summary>The faults that all probes have found at one moment.</summary>
/// <param name="Faults">The faults.</param>
/// <param name="Unknown">The symptoms of the probes that gave no answer: their faults may exist or not.</param>
internal sealed record RecoveryFindings(IReadOnlyList<RecoveryDiagnosis> Faults, IReadOnlySet<string> Unknown);
