namespace Millrace.Messaging;

/// <summary>The transports of an application. Safe for use by many callers.</summary>
public sealed class Transports : IAsyncDisposable
{
    internal Transports(IReadOnlyList<TransportRuntime> all) => All = all;

    internal IReadOnlyList<TransportRuntime> All { get; }

    /// <summary>How each transport is, on this node, in the order in which they were added.</summary>
    public IReadOnlyList<TransportStatus> List() => [.. All.Select(one => one.Status)];

    /// <summary>
    /// What is published and received over the transports, in the order in which they were added; what types are
    /// received is known once the application has started.
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
    /// Publishes a message that is no event of the log, and returns when the broker has confirmed it. What it throws
    /// leaves open, unless it says otherwise, whether the message arrived: publish it again with the same id.
    /// </summary>
    /// <param name="transport">The transport's name, such as <c>rabbitmq</c>.</param>
    /// <param name="destination">Where to; it must be one that is published to or declared by somebody.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">There is no transport of that name.</exception>
    /// <exception cref="InvalidNameException">The destination has a name that not every broker can have.</exception>
    /// <exception cref="TransportUnavailableException">The broker is away, or did not confirm in time.</exception>
    /// <exception cref="MessageUnroutableException">It reaches nobody, and was not kept.</exception>
    /// <exception cref="MessageRefusedException">It will never be taken as it is.</exception>
    public async ValueTask Publish(
        string transport, string destination, Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var runtime =
            All.FirstOrDefault(one => one.Name == transport)
            ?? throw new ArgumentException(
                $"There is no transport '{transport}'. There are: {string.Join(", ", All.Select(one => one.Name))}.",
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
