using System.Collections.Concurrent;
using System.Diagnostics;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Publishes to several streams while a server is killed, and receives the confirmed messages.</summary>
internal sealed class FailOverChecks(RedisOptions options) : IAsyncDisposable
{
    // Long, because other tests and builds share the processor.
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly RedisTransport _transport = new(options, TimeProvider.System);
    private readonly ConcurrentDictionary<string, byte> _confirmed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _refused = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _lastConfirmed = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private Task[] _publishing = [];

    public IReadOnlyCollection<string> Refused => [.. _refused.Keys];

    public RedisTransport Transport => _transport;

    /// <summary>Publishes messages to each stream in sequence, and repeats each until it is confirmed.</summary>
    public async Task Start(IReadOnlyList<string> streams, CancellationToken cancellationToken)
    {
        await _transport.Declare(
            new TransportTopology(streams, [.. streams.Select(stream => new Subscription("all", stream))]),
            cancellationToken);
        _publishing = [.. streams.Select(stream => Task.Run(() => Publish(stream), CancellationToken.None))];
        await WaitForMore(streams, cancellationToken);
    }

    /// <summary>Waits until each stream has a newly confirmed message.</summary>
    public async Task WaitForMore(IReadOnlyList<string> streams, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await Eventually.Get(
            () => Task.FromResult(streams.Count(stream => _lastConfirmed.GetValueOrDefault(stream) > started)),
            count => count == streams.Count, WaitTimeout, cancellationToken);
    }

    public async Task Stop()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_publishing);
    }

    /// <summary>Receives all confirmed messages of the streams, and returns those that do not arrive.</summary>
    public async Task<IReadOnlyList<string>> Missing(IReadOnlyList<string> streams, CancellationToken cancellationToken)
    {
        var received = new ConcurrentDictionary<string, byte>(StringComparer.Ordinal);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(WaitTimeout);
        var receiving = streams
            .Select(stream => Task.Run(() => Receive(stream, received, limit.Token), CancellationToken.None))
            .ToList();
        try
        {
            await Eventually.Get(
                () => Task.FromResult(_confirmed.Keys.Count(id => !received.ContainsKey(id))),
                count => count == 0,
                TimeSpan.FromSeconds(60),
                cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Missing messages are reported.
        }
        await limit.CancelAsync();
        await Task.WhenAll(receiving);
        return [.. _confirmed.Keys.Where(id => !received.ContainsKey(id))];
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        await _transport.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task Publish(string stream)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var number = 0; !_stopping.IsCancellationRequested; number++)
        {
            var id = $"{stream}-{number}";
            var message = new Message { Id = id, Type = "order.placed", Subject = stream, Body = "{}"u8.ToArray() };
            while (!_stopping.IsCancellationRequested && !await IsConfirmed(new OutgoingMessage(stream, message)))
                await pause.WaitForNextTickAsync(CancellationToken.None);
            if (_stopping.IsCancellationRequested)
                return;
            _confirmed[id] = 0;
            _lastConfirmed[stream] = Stopwatch.GetTimestamp();
        }
    }

    private async Task<bool> IsConfirmed(OutgoingMessage message)
    {
        try
        {
            var outcome = (await _transport.Publish([message], CancellationToken.None)).Single();
            if (outcome.Result == PublishResult.Refused)
                _refused[outcome.Problem!] = 0;
            return outcome.IsConfirmed;
        }
        catch (TransportUnavailableException)
        {
            return false; // The caller publishes the message again.
        }
        catch (TransportRefusedException refused)
        {
            _refused[refused.Message] = 0;
            return false;
        }
    }

    private async Task Receive(
        string stream, ConcurrentDictionary<string, byte> received, CancellationToken cancellationToken)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var receiver = await _transport.Receive(new Subscription("all", stream), cancellationToken);
                while (true)
                {
                    var deliveries = await receiver.Take(500, cancellationToken);
                    await receiver.Acknowledge(deliveries, cancellationToken);
                    foreach (var delivery in deliveries)
                        received[delivery.Message.Id] = 0;
                }
            }
            catch (TransportUnavailableException)
            {
                await pause.WaitForNextTickAsync(CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
