using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>
/// An application on an in-memory store, without a host: commands, queries, projections and consumers run as they do in
/// production.
/// </summary>
/// <remarks>Safe to use from several threads. Disposing stops it in order, and the store with it.</remarks>
public sealed class MillraceTestHost : IAsyncDisposable
{
    private static readonly TimeSpan StopDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

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

    /// <summary>How long threads that are at work behind what was written are waited for while time passes, in real
    /// time.</summary>
    internal TimeSpan MaxWorkDuration { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>What failed, and what waits behind it.</summary>
    public DeadLetters DeadLetters => _services.GetRequiredService<DeadLetters>();

    /// <summary>How long settling may take in real time; from 1 millisecond, 30 seconds by default.</summary>
    public TimeSpan SettleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Waits until all that follows from what was written has happened: every consumer has reached the end of the log
    /// and waits for nothing, and the log has not grown meanwhile. What is tried again is waited for; a
    /// <see cref="ManualTimeProvider"/> is moved on for that. A consumer that an operator paused counts as settled, and
    /// what is due at a time of its own, such as a timer or the time limit of a process, stays due until
    /// <see cref="Advance"/>.
    /// </summary>
    /// <exception cref="TimeoutException">It took longer than <see cref="SettleTimeout"/>; says who was at
    /// what.</exception>
    /// <exception cref="SpecificationException">A consumer parked an event that it could not handle, or does not get
    /// on; says which and why.</exception>
    public async Task Settle(CancellationToken cancellationToken = default)
    {
        var settling = CreateSettling();
        var stuck = await settling.Wait(SettleTimeout, cancellationToken);
        var query = new DeadLetterQuery { States = [DeadLetterState.Parked], Limit = 1 };
        foreach (var letter in await DeadLetters.List(query, cancellationToken))
        {
            throw new SpecificationException(
                $"The consumer '{letter.Consumer}' could not handle the event at position {letter.Position} "
                    + $"('{letter.EventType}' in "
                + $"'{letter.Stream}'): {letter.ErrorType}: {letter.Message}");
        }
        if (stuck.Count > 0)
        {
            throw new SpecificationException(
                await settling.Describe($"The consumer '{stuck[0].Name}' does not get on by itself.", cancellationToken)
            );
        }
    }

    /// <summary>The same, whatever failed: what did is in <see cref="DeadLetters"/>.</summary>
    /// <exception cref="TimeoutException">It took longer than <see cref="SettleTimeout"/>; says who was at
    /// what.</exception>
    public Task SettleWithFailures(CancellationToken cancellationToken = default) =>
        CreateSettling().Wait(SettleTimeout, cancellationToken);

    /// <summary>
    /// Lets time pass on a <see cref="ManualTimeProvider"/>, from one thing that is due to the next: a retry, a timer.
    /// Each happens at its own moment, and what follows from it settles before the clock goes on. What is due later
    /// stays due.
    /// </summary>
    /// <remarks>
    /// The clock stops at most 10,000 times: what is due within a ten thousandth of the time of each other fires in its
    /// order and settles together. A task that waits for the clock and is no consumer, such as a service's, runs at its
    /// moment until it waits for something else; it must not keep its thread until time goes on. Once it has written to
    /// the store, what it does next is waited for as well, up to 25 milliseconds while a thread is at work, and a
    /// second in all. What it begins elsewhere without having written is not.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The application has another clock.</exception>
    /// <exception cref="TimeoutException">It took longer than <see cref="SettleTimeout"/>; says who was at
    /// what.</exception>
    public async Task Advance(TimeSpan by, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var clock =
            _services.GetRequiredService<TimeProvider>() as ManualTimeProvider
            ?? throw new InvalidOperationException(
                "Time passes by itself here: start the host with a ManualTimeProvider.");
        var time = new VirtualTime(clock, CreateSettling(), SettleTimeout, MaxWorkDuration);
        // Where a context of the test framework is current, what a timer wakes would be queued and not be run by the
        // one who fires it.
        await Task.Run(() => time.Pass(by, cancellationToken), cancellationToken).WaitAsync(cancellationToken);
    }

    /// <summary>Begins a specification that runs here, and leaves the application as it is after it.</summary>
    public HostSpecification Specify() => new(this);

    internal SettleWaiter CreateSettling() => new(
        Store,
        _services.GetRequiredService<ConsumerHost>(),
        _services.GetRequiredService<Consumers>(),
        _services.GetRequiredService<TimeProvider>());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var stopping = Stop();
        // What does not end is abandoned after a time by the application's clock, which may stand still.
        while (_services.GetService<TimeProvider>() is ManualTimeProvider clock && !stopping.IsCompleted)
        {
            await stopping
                .WaitAsync(StopDelay, TimeProvider.System)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            clock.Advance(StopTimeout);
        }
        await stopping;
        await _services.DisposeAsync();
    }

    private async Task Stop()
    {
        for (var i = _running.Count - 1; i >= 0; i--)
            await _running[i].StopAsync(CancellationToken.None);
    }
}
