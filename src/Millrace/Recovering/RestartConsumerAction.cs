namespace Millrace.Recovering;

/// <summary>Restarts a consumer on whichever node it runs.</summary>
internal sealed class RestartConsumerAction(Func<Consumers> getConsumers) : IRecoveryAction
{
    public string Name => RecoveryCatalogue.RestartConsumer;

    public string Description =>
        "Cancels the batch of a consumer, on any node, and starts it again at its checkpoint. Events of the batch are "
            + "handled again.";

    public Task Run(RecoveryAttempt attempt, CancellationToken cancellationToken) =>
        attempt.Subject is { Length: > 0 } consumer
            ? getConsumers().Restart(consumer, cancellationToken).AsTask()
            : throw new ArgumentException("The name of a consumer is missing.", nameof(attempt));
}
