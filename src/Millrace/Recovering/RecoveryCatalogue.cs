namespace Millrace;

/// <summary>
/// The default rules of the recovery manager, which <c>UseRecovery</c> adds, and the actions of Millrace. An
/// application can change or disable each rule by its name, which is the symptom.
/// </summary>
public static class RecoveryCatalogue
{
    /// <summary>The action that restarts a consumer on any node. Its name is the subject.</summary>
    public const string RestartConsumer = "restart-consumer";

    /// <summary>
    /// The action that connects to a broker again, and lets its publisher retry. The name of the transport is the
    /// subject.
    /// </summary>
    public const string ReconnectBroker = "reconnect-broker";

    /// <summary>Gets the rules, in the order in which they apply.</summary>
    public static IReadOnlyList<RecoveryRule> Rules { get; } =
    [
        For(RecoverySymptoms.ConsumerStuck, "Restarts a consumer that makes no progress.", TimeSpan.FromMinutes(1)) with
        {
            Actions = [RestartConsumer],
        },
        For(RecoverySymptoms.ConsumerStopped, "Restarts a consumer that cannot start.", TimeSpan.FromMinutes(1)) with
        {
            Actions = [RestartConsumer],
        },
        For(
            RecoverySymptoms.BrokerUnavailable,
            "Connects again to a broker that is not available.",
            TimeSpan.FromMinutes(1)) with
        {
            Actions = [ReconnectBroker],
            RetryDelay = TimeSpan.FromMinutes(1),
        },
        For(
            RecoverySymptoms.ServiceUnreachable,
            "Observes an external service that does not answer.",
            TimeSpan.FromMinutes(15)),
        For(RecoverySymptoms.StoreUnavailable, "Observes a store that cannot be used.", TimeSpan.FromMinutes(2)),
        For(RecoverySymptoms.DataDamaged, "Leaves damaged data to a person.", TimeSpan.Zero),
        For(RecoverySymptoms.StoreSlow, "Observes a slow disk or database.", TimeSpan.FromMinutes(5)),
        For(RecoverySymptoms.DiskFull, "Leaves a full disk to a person.", TimeSpan.FromSeconds(30)),
        For(RecoverySymptoms.MemoryHigh, "Leaves a node that runs out of memory to a person.", TimeSpan.FromMinutes(5)),
        For(RecoverySymptoms.ClockJump, "Reports a clock that was set to another time.", TimeSpan.Zero),
    ];

    private static RecoveryRule For(string symptom, string description, TimeSpan after) => new()
    {
        Name = symptom,
        Description = description,
        When = diagnosis => diagnosis.Symptom == symptom,
        After = after,
    };
}
