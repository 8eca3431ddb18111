using Millrace.Messaging;

namespace Millrace.Recovering;

/// <summary>Connects to a broker again, and lets its publisher retry now.</summary>
internal sealed class ReconnectBrokerAction(Func<Transports?> getTransports, Func<Consumers> getConsumers)
    : IRecoveryAction
{
    public string Name => RecoveryCatalogue.ReconnectBroker;

    public string Description =>
        "Connects to a broker again from the acting node, and lets the publisher of the transport retry now.";

    public async Task Run(RecoveryAttempt attempt, CancellationToken cancellationToken)
    {
        var all = getTransports()?.All ?? [];
        var transport = all.FirstOrDefault(one => one.Name == attempt.Subject)
            ?? throw new ArgumentException(
                $"There is no transport '{attempt.Subject}'. There are: "
                    + $"{string.Join(", ", all.Select(static one => one.Name))}.",
                nameof(attempt));
        await transport.Check(cancellationToken).ConfigureAwait(false);
        var publisher = PublishProcessor.NameOf(transport.Name);
        var consumers = getConsumers();
        // With shards, each has such a publisher, and one restart is for all.
        var statuses = await consumers.List(cancellationToken).ConfigureAwait(false);
        if (statuses.Any(status => status.Name == publisher && !status.IsPaused))
            await consumers.Restart(publisher, cancellationToken).ConfigureAwait(false);
    }
}
