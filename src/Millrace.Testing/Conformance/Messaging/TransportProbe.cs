using System.Globalization;
using System.Text;
using Millrace.Messaging;

namespace Millrace.Testing.Conformance.Messaging;

/// <summary>
/// Has the transport under test and the operations that the checks share. It gives destinations and subscriptions
/// unique names.
/// </summary>
internal sealed class TransportProbe(TransportConformance suite, ITransport transport, CancellationToken cancel)
    : IAsyncDisposable
{
    private readonly List<ITransport> _others = [];
    private readonly string _unique = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^10..];

    public ITransport Transport { get; } = transport;

    public CancellationToken Cancel { get; } = cancel;

    /// <summary>Gets the name of the destination to which the checks publish.</summary>
    public string Destination => Name("orders");

    public string Name(string suffix) => $"check-{_unique}.{suffix}";

    public Subscription Subscribe(string name = "all", string? destination = null) =>
        new(Name(name), destination ?? Destination);

    public Task Declare(params Subscription[] subscriptions) => DeclareOn(Transport, subscriptions);

    public async Task DeclareOn(ITransport target, params Subscription[] subscriptions)
    {
        var destinations = subscriptions.Select(one => one.Destination).Append(Destination).Distinct().ToList();
        await target.Declare(new TransportTopology(destinations, subscriptions), Cancel);
    }

    /// <summary>Declares a subscription and opens a receiver for it.</summary>
    public async Task<IReceiver> Open(Subscription subscription)
    {
        await Declare(subscription);
        return await Transport.Receive(subscription, Cancel);
    }

    public Message Message(int number, string? key = null, string type = "order.placed") => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"{_unique}-{number}"),
        Type = type,
        Source = "check",
        Subject = key ?? string.Create(CultureInfo.InvariantCulture, $"order-{number}"),
        Body = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"number":{{number}}}""")),
    };

    public IReadOnlyList<Message> Messages(int from, int count) =>
        [.. Enumerable.Range(from, count).Select(number => Message(number))];

    public async Task<IReadOnlyList<PublishOutcome>> TryPublish(params IReadOnlyList<Message> messages)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(suite.ConfirmFor);
        try
        {
            var outcomes = await Transport.Publish(
                [.. messages.Select(one => new OutgoingMessage(Destination, one))],
                limit.Token);
            Expect.Equal(messages.Count, outcomes.Count, "the number of outcomes");
            return outcomes;
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            throw new TransportUnavailableException(
                "under check", $"the broker did not confirm within {suite.ConfirmFor.TotalSeconds} s.");
        }
    }

    /// <summary>Publishes messages that the broker must all confirm.</summary>
    public async Task Publish(params IReadOnlyList<Message> messages)
    {
        foreach (var outcome in await TryPublish(messages))
            Expect.True(outcome.IsConfirmed, $"a message was not confirmed, but {outcome.Result}: {outcome.Problem}");
    }

    /// <summary>Receives deliveries until the requested number has arrived, and acknowledges them by default.</summary>
    public async Task<List<Delivery>> Take(IReceiver receiver, int count, bool acknowledge = true)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(suite.WaitTimeoutFor);
        var taken = new List<Delivery>();
        try
        {
            while (taken.Count < count)
            {
                var deliveries = await receiver.Take(count - taken.Count, limit.Token);
                Expect.True(deliveries.Count > 0, "a receiver returned without a delivery");
                Expect.True(
                    deliveries.Count <= count - taken.Count, "a receiver returned more deliveries than requested");
                taken.AddRange(deliveries);
                if (acknowledge)
                    await receiver.Acknowledge(deliveries, Cancel);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !Cancel.IsCancellationRequested)
        {
            throw new ConformanceException(
                $"— only {taken.Count} of {count} messages arrived within {suite.WaitTimeoutFor.TotalSeconds} s.");
        }
        return taken;
    }

    /// <summary>Verifies that no message arrives.</summary>
    public async Task ExpectNoDelivery(IReceiver receiver, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(suite.QuietPeriodFor);
        try
        {
            var deliveries = await receiver.Take(10, limit.Token);
            throw new ConformanceException(
                $"— {what}: {deliveries.Count} arrived, the first is {deliveries[0].Message}.");
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            // Expected.
        }
    }

    /// <summary>
    /// Creates a second transport for the same broker, as a second node would. The probe disposes the transport.
    /// </summary>
    public async Task<ITransport> Another()
    {
        var other = await suite.CreateFor(this);
        _others.Add(other);
        return other;
    }

    public ValueTask StopBroker() => suite.StopFor(this);

    public ValueTask StartBroker() => suite.StartFor(this);

    public ValueTask CutConnections() => suite.CutFor(this);

    /// <summary>Retries an operation until the broker is available, as callers of a transport do.</summary>
    public async Task<T> RetryUntilSuccess<T>(Func<Task<T>> attempt)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (TransportUnavailableException)
                when (TimeProvider.System.GetElapsedTime(started) < suite.WaitTimeoutFor)
            {
                await Task.Delay(suite.QuietPeriodFor / 3, TimeProvider.System, Cancel);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others)
            await other.DisposeAsync();
        await Transport.DisposeAsync();
    }
}
