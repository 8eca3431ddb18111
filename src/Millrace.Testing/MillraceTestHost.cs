using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>
/// An application on an in-memory store, without a host: commands, queries, projections and consumers run as they do in production.
/// </summary>
/// <remarks>Safe to use from several threads. Disposing stops it in order, and the store with it.</remarks>
public sealed class MillraceTestHost : IAsyncDisposable
{
    private static readonly TimeSpan LongestSettle = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(50);

    private readonly ServiceProvider _services;
    private readonly List<IHostedService> _running = [];

    private MillraceTestHost(ServiceProvider services) => _services = services;

    /// <summary>All services of the application.</summary>
    public IServiceProvider Services => _services;

    /// <summary>The store.</summary>
    public EventStore Store => _services.GetRequiredService<EventStore>();

    /// <summary>Sends commands.</summary>
    public ICommandBus Commands => _services.GetRequiredService<ICommandBus>();

    /// <summary>Asks queries.</summary>
    public IQueryBus Queries => _services.GetRequiredService<IQueryBus>();

    /// <summary>Starts an application.</summary>
    /// <param name="configure">Adds the model; another storage than the one in memory may be named here.</param>
    /// <param name="services">Adds other services that handlers need; null for none.</param>
    /// <param name="time">The clock, such as a <see cref="ManualTimeProvider"/>; null for the system's.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<MillraceTestHost> Start(
        Action<MillraceBuilder> configure,
        Action<IServiceCollection>? services = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var collection = new ServiceCollection();
        collection.AddSingleton(time ?? TimeProvider.System);
        services?.Invoke(collection);
        collection.AddMillrace(millrace =>
        {
            millrace.UseInMemory();
            configure(millrace);
        });
        var host = new MillraceTestHost(collection.BuildServiceProvider());
        foreach (var service in host._services.GetServices<IHostedService>())
        {
            await service.StartAsync(cancellationToken);
            host._running.Add(service);
        }
        return host;
    }

    /// <summary>What failed, and what waits behind it.</summary>
    public DeadLetters DeadLetters => _services.GetRequiredService<DeadLetters>();

    /// <summary>
    /// Waits until all that follows from what was written has happened: every consumer has reached the end of the log, and the log has not
    /// grown meanwhile.
    /// </summary>
    /// <exception cref="TimeoutException">A consumer did not get there within 30 seconds; says which and how it stands.</exception>
    /// <exception cref="SpecificationException">A consumer parked an event that it could not handle; says which and why.</exception>
    public async Task Settle(CancellationToken cancellationToken = default)
    {
        await SettleWithFailures(cancellationToken);
        var query = new DeadLetterQuery { States = [DeadLetterState.Parked], Limit = 1 };
        foreach (var letter in await DeadLetters.List(query, cancellationToken))
        {
            throw new SpecificationException(
                $"The consumer '{letter.Consumer}' could not handle the event at position {letter.Position} ('{letter.EventType}' in "
                + $"'{letter.Stream}'): {letter.ErrorType}: {letter.Message}");
        }
    }

    /// <summary>The same, whatever failed: what did is in <see cref="DeadLetters"/>.</summary>
    /// <exception cref="TimeoutException">A consumer did not get there within 30 seconds; says which and how it stands.</exception>
    public async Task SettleWithFailures(CancellationToken cancellationToken = default)
    {
        var consumers = _services.GetRequiredService<Consumers>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestSettle);
        try
        {
            var token = await Store.GetToken(limit.Token);
            for (var before = default(ConsistencyToken?); before != token; token = await Store.GetToken(limit.Token))
            {
                before = token;
                foreach (var consumer in await consumers.List(limit.Token))
                    await Reach(consumers, consumer.Name, token, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"Not everything settled within {LongestSettle.TotalSeconds} s: "
                + string.Join("; ", (await consumers.List(cancellationToken)).Select(status => status.ToString())));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        for (var i = _running.Count - 1; i >= 0; i--)
            await _running[i].StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }

    private static async Task Reach(Consumers consumers, string name, ConsistencyToken token, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The application's clock may stand still, and with it what waits by it: so this looks again by the system's.
            using var look = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            look.CancelAfter(LookAgainAfter);
            try
            {
                if (await consumers.WaitFor(name, token, LongestSettle, look.Token))
                    return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                continue;
            }
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
