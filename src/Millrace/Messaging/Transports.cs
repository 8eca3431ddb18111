namespace Millrace.Messaging;

/// <summary>The transports of an application. Thread-safe.</summary>
public sealed class Transports : IAsyncDisposable
{
    internal Transports(IReadOnlyList<TransportRuntime> all) => All = all;

    internal IReadOnlyList<TransportRuntime> All { get; }

    /// <summary>
    /// Returns the status of each transport on this node, in the order in which the transports were added.
    /// </summary>
    public IReadOnlyList<TransportStatus> List() => [.. All.Select(one => one.Status)];

    /// <summary>
    /// Returns the messages that the application publishes and receives, in the order in which the transports were
    /// added. The received types are known after the application has started.
    /// </summary>
    public IReadOnlyList<MessageFlow> Flows()
    {
        var flows = new List<MessageFlow>();
        foreach (var one in All)
        {
            foreach (var destination in one.Routes.Destinations)
                flows.Add(new MessageFlow(one.Name, destination, one.Routes.TypesTo(destination), null));
            foreach (var receiver in one.Receivers)
            {
                var subscription = one.Subscriptions.FirstOrDefault(each => each.Name == receiver.Name);
                flows.Add(new MessageFlow(one.Name, receiver.Destination, subscription?.Types ?? [], receiver.Name));
            }
        }
        return flows;
    }

    /// <summary>
    /// Publishes a message that is not an event of the log, and returns when the broker has confirmed it. After an
    /// exception, it may be unknown whether the message arrived. Unless the exception states the outcome, publish the
    /// message again with the same id.
    /// </summary>
    /// <param name="transport">The transport's name, such as <c>rabbitmq</c>.</param>
    /// <param name="destination">The destination. This application must publish to it, or another service must declare
    /// it.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="ArgumentException">There is no transport of that name.</exception>
    /// <exception cref="InvalidNameException">Not every broker supports the destination's name.</exception>
    /// <exception cref="TransportUnavailableException">The broker is unavailable, or did not confirm in
    /// time.</exception>
    /// <exception cref="MessageUnroutableException">The message reaches no receiver, and the broker did not keep
    /// it.</exception>
    /// <exception cref="MessageRefusedException">The broker will never accept the message unchanged.</exception>
    public async ValueTask Publish(
        string transport, string destination, Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var runtime =
            All.FirstOrDefault(one => one.Name == transport)
            ?? throw new ArgumentException(
                $"There is no transport '{transport}'. The transports are: "
                    + $"{string.Join(", ", All.Select(one => one.Name))}.",
                nameof(transport));
        await runtime.Declare(cancellationToken).ConfigureAwait(false);
        var outgoing = new OutgoingMessage(PublishRoute.Checked(destination), message, runtime.Options.Format);
        var outcomes = await runtime.Publish([outgoing], cancellationToken).ConfigureAwait(false);
        if (PublishRound.FailureOf(outgoing, outcomes.Count > 0 ? outcomes[0] : default, runtime) is { } failure)
            throw failure;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var one in All)
            await one.DisposeAsync().ConfigureAwait(false);
    }
}
