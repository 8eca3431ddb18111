using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Storages;
using Millrace.Consuming;

namespace Millrace.Benchmarks.Operations;

/// <summary>
/// An application with a consumer that calls a service for each event, and a publisher that calls a broker for each
/// batch. Both adapt to the load. A producer appends the events of a phase.
/// </summary>
internal sealed class AdaptiveNode : IAsyncDisposable
{
    public const int MaxWorkers = 32;

    private const string Each = "each";
    private const string Publisher = "publisher";
    private const string PublisherPrefix = "published-";
    private const int Streams = 1_000;
    private const int StreamsPerRequest = 100;
    private const int MaxBacklog = 30_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly IHost _host;
    private readonly TimeProvider _time = TimeProvider.System;
    private volatile AdaptivePhase _phase = AdaptivePhase.All[0];
    private SemaphoreSlim _connections = new(1);
    private long _from; // The events up to this position belong to earlier phases, and are not handled.
    private long _handled;
    private long _appended;
    private int _next;

    private AdaptiveNode(IBenchStore store) => _host = Application.Build(
        store.NewStorage(),
        static _ => { },
        millrace => millrace
            .ConfigureConsumers(static consumers => consumers.LookEvery = TimeSpan.FromMilliseconds(50))
            .AddConsumer(_ => ConsumerDefinition
                .Each(Each, EventFilter.All, HandleEach)
                .AdaptLoad(static load => load.MaxWorkers = MaxWorkers))
            .AddConsumer(_ => ConsumerDefinition
                .Batch(Publisher, EventFilter.InStreams(PublisherPrefix), HandleBatch)
                .AdaptLoad()));

    /// <summary>Gets the number of events of the phase that were handled.</summary>
    public long Handled => Interlocked.Read(ref _handled);

    private EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public static async Task<AdaptiveNode> Start(IBenchStore store, CancellationToken cancellationToken)
    {
        var node = new AdaptiveNode(store);
        await node._host.StartAsync(cancellationToken);
        return node;
    }

    /// <summary>Returns the consumer of the phase.</summary>
    public ConsumerProcessor ProcessorOf(AdaptivePhase phase) => _host.Services
        .GetRequiredService<ConsumerHost>()
        .Find(phase.IsPublisher ? Publisher : Each)!.Processor; // The constructor has added both.

    /// <summary>Starts a phase. Events of earlier phases are skipped.</summary>
    public void Enter(AdaptivePhase phase)
    {
        Interlocked.Exchange(ref _from, Store.Tail.Head.Position);
        _connections = new SemaphoreSlim(phase.Connections);
        _phase = phase;
        Interlocked.Exchange(ref _handled, 0);
        Interlocked.Exchange(ref _appended, 0);
    }

    /// <summary>Appends the events of the phase until its end.</summary>
    /// <param name="reference">The events per second of which the demand of the phase is a share.</param>
    /// <param name="duration">The duration.</param>
    /// <param name="cancellationToken">Ends the phase earlier.</param>
    public async Task Produce(double reference, TimeSpan duration, CancellationToken cancellationToken)
    {
        var (startedAt, due, last) = (_time.GetTimestamp(), 0.0, TimeSpan.Zero);
        while (!cancellationToken.IsCancellationRequested)
        {
            var now = _time.GetElapsedTime(startedAt);
            if (now >= duration)
                return;
            if (_phase.Demand is { } demand)
                due += demand(now / duration) * reference * (now - last).TotalSeconds;
            else
                due = Handled + MaxBacklog;
            last = now;
            while (Interlocked.Read(ref _appended) + StreamsPerRequest <= due)
                await Append();
            await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _connections.Dispose();
    }

    private async Task Append()
    {
        var request = new AppendRequest();
        for (var i = 0; i < StreamsPerRequest; i++)
        {
            var key = _next++ % Streams;
            var stream = _phase.IsPublisher ? new StreamId(PublisherPrefix + key) : SampleLines.Streams[key];
            request.To(stream, ExpectedVersion.Any, SampleLines.Instance.Line(key));
        }
        await Store.Append(request);
        Interlocked.Add(ref _appended, StreamsPerRequest);
    }

    private async ValueTask HandleEach(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (_phase.IsPublisher || recorded.Position <= Interlocked.Read(ref _from))
            return;
        await Call(cancellationToken);
        Interlocked.Increment(ref _handled);
    }

    private async ValueTask HandleBatch(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var from = Interlocked.Read(ref _from);
        var count = events.Count(recorded => recorded.Position > from);
        if (count == 0 || !_phase.IsPublisher)
            return;
        await Call(cancellationToken);
        Interlocked.Add(ref _handled, count);
    }

    private async Task Call(CancellationToken cancellationToken)
    {
        var (connections, wait) = (_connections, _phase.Wait);
        await connections.WaitAsync(cancellationToken);
        try
        {
            await Task.Delay(wait, _time, cancellationToken);
        }
        finally
        {
            connections.Release();
        }
    }
}
