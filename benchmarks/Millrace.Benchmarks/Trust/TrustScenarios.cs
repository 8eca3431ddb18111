using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Trust;

/// <summary>The benchmarks of encryption, access control, audit, seals and erasures, on both storages.</summary>
internal static class TrustScenarios
{
    public static IScenario[] All() =>
        [
            new EncryptedAppendScenario(),
            new EncryptedScanScenario(),
            new UnmarkedScenario(),
            new ControlledCommandScenario("audited-command", senders: 32, sizes => sizes.SingleAppends),
            new ControlledCommandScenario("audited-command-1", senders: 1, sizes => sizes.SequentialAppends),
            new SealedAppendScenario(),
            new ErasureScenario(),
        ];
}
