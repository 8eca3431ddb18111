namespace Millrace.Messaging.Tests;

/// <summary>A broker that accepts connections and never answers.</summary>
internal sealed class SilentTransport : ITransport
{
    public string System => "silent";

    public bool StopsAtFailure => false;

    public long MaxBodyBytes => 1024;

    public async ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken) =>
        await Task.Delay(Timeout.Infinite, cancellationToken);

    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return [];
    }

    public async ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new TransportUnavailableException(System, "it never answers.");
    }

    public async ValueTask Check(CancellationToken cancellationToken) =>
        await Task.Delay(Timeout.Infinite, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
